import { z } from 'zod';
import { DeliveryFailed, failedAnswer, fitted, noAnswer, plainText, type Channel, type Outgoing } from './channel.ts';

/** The longest text of the default template: https://developers.kakao.com/docs/latest/en/message/message-template#text */
const TEXT_MOST = 200;
const TIMEOUT_MS = 15_000;

export type KakaoSettings = {
  /** One that does for some hours; null: one is got by the refresh token. */
  readonly accessToken: string | null;
  /** What an expired token is renewed by; null: it cannot be. */
  readonly renewal: { readonly restApiKey: string; readonly refreshToken: string } | null;
  readonly apiUrl: string;
  readonly authUrl: string;
};

/** Keeps what Kakao gives instead of a refresh token that is about to run out; it lives two months. */
export type KeptToken = { get(): string | null; put(token: string): void };

type Given = KakaoSettings & { readonly kept: KeptToken; readonly now: () => number };

const renewedSchema = z.object({ access_token: z.string().min(1), refresh_token: z.string().min(1).optional() });
const resultSchema = z.object({ result_code: z.literal(0) });

/** KakaoTalk's "send to me": a message to whoever the token belongs to. */
export function kakaoChannel(given: Given): Channel {
  let token = given.accessToken;
  return {
    name: 'kakao',
    async send(message, _to, _idempotencyKey, signal) {
      const within = AbortSignal.any([signal, AbortSignal.timeout(2 * TIMEOUT_MS)]);
      token ??= await renewed(given, within);
      let answer = await post(given, token, message, within);
      if (answer.status === 401 && given.renewal) {
        await answer.body?.cancel();
        token = await renewed(given, within);
        answer = await post(given, token, message, within);
      }
      await check(answer, given.now());
    },
  };
}

function post({ apiUrl }: Given, token: string, message: Outgoing, signal: AbortSignal): Promise<Response> {
  const body = new URLSearchParams({ template_object: JSON.stringify(templateOf(message)) });
  return ask(`${apiUrl}/v2/api/talk/memo/default/send`, body, signal, { authorization: `Bearer ${token}` });
}

/** The default text template; its link leads to the domain registered with the app at Kakao. */
export function templateOf({ title, text, url }: Outgoing) {
  return {
    object_type: 'text',
    text: fitted(plainText(`${title}\n${text}`), TEXT_MOST),
    link: url === undefined ? {} : { web_url: url, mobile_web_url: url },
  };
}

/** https://developers.kakao.com/docs/latest/en/kakaologin/rest-api#refresh-token */
async function renewed({ renewal, authUrl, kept, now }: Given, signal: AbortSignal): Promise<string> {
  if (!renewal)
    throw new DeliveryFailed('The token of KakaoTalk has run out: set another, or KAKAO_REFRESH_TOKEN.', {
      retryable: false,
    });
  const refresh = async (refreshToken: string) => {
    const body = { grant_type: 'refresh_token', client_id: renewal.restApiKey, refresh_token: refreshToken };
    return ask(`${authUrl}/oauth/token`, new URLSearchParams(body), signal);
  };
  const newer = kept.get();
  let answer = await refresh(newer ?? renewal.refreshToken);
  // The operator may have set another one since.
  if (isRefusal(answer) && newer !== null) answer = await refresh(renewal.refreshToken);
  if (isRefusal(answer))
    throw new DeliveryFailed('KakaoTalk does not renew the token: set KAKAO_REFRESH_TOKEN anew.', { retryable: false });
  if (!answer.ok) throw failedAnswer('KakaoTalk', answer, now());
  const parsed = renewedSchema.safeParse(await answer.json().catch(() => null));
  if (!parsed.success) throw new DeliveryFailed('KakaoTalk answered what is no token.', { retryable: true });
  if (parsed.data.refresh_token !== undefined) kept.put(parsed.data.refresh_token);
  return parsed.data.access_token;
}

const isRefusal = ({ status }: Response): boolean => status === 400 || status === 401;

async function check(answer: Response, now: number): Promise<void> {
  if (answer.status === 401) {
    await answer.body?.cancel();
    throw new DeliveryFailed('KakaoTalk does not take the token: set another, or KAKAO_REFRESH_TOKEN.', {
      retryable: false,
    });
  }
  if (!answer.ok) {
    await answer.body?.cancel();
    throw failedAnswer('KakaoTalk', answer, now);
  }
  const parsed = resultSchema.safeParse(await answer.json().catch(() => null));
  if (!parsed.success) throw new DeliveryFailed('KakaoTalk did not say that it has sent it.', { retryable: false });
}

const ask = (url: string, body: URLSearchParams, signal: AbortSignal, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers, body, redirect: 'error', signal }).catch((error: unknown) => {
    throw noAnswer('KakaoTalk', error);
  });
