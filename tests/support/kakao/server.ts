import { startHttpSink, type HttpSink, type Posted } from '../webhook-sink/server.ts';

export type KakaoStandIn = HttpSink & {
  /** Texts that were sent to oneself. */
  readonly sent: string[];
  /** Tokens that do; others are expired. */
  readonly accessTokens: Set<string>;
  readonly refreshTokens: Set<string>;
  /** With the next renewal a new refresh token is given, as when less than a month of the old one is left. */
  rotates: boolean;
};

export const REST_API_KEY = 'a-rest-api-key';

/** KakaoTalk's "send to me" and the renewal of its tokens, with the answers its documentation names. */
export async function startKakao(): Promise<KakaoStandIn> {
  const state = { sent: [] as string[], accessTokens: new Set<string>(), refreshTokens: new Set<string>() };
  let renewals = 0;
  const standIn = { rotates: false };
  const send = ({ headers, body }: Posted) => {
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    if (!state.accessTokens.has(token)) return json(401, { msg: 'this access token does not exist', code: -401 });
    const template = JSON.parse(new URLSearchParams(body).get('template_object') ?? 'null') as Template | null;
    if (template?.object_type !== 'text' || template.text.length > 200 || typeof template.link !== 'object')
      return json(400, { msg: 'template_object is wrong', code: -2 });
    state.sent.push(template.text);
    return json(200, { result_code: 0 });
  };
  const renew = ({ body }: Posted) => {
    const asked = new URLSearchParams(body);
    const isKnown = state.refreshTokens.has(asked.get('refresh_token') ?? '');
    if (asked.get('grant_type') !== 'refresh_token' || asked.get('client_id') !== REST_API_KEY || !isKnown)
      return json(400, { error: 'invalid_grant', error_code: 'KOE322' });
    const access_token = `access-${(renewals += 1)}`;
    state.accessTokens.add(access_token);
    if (!standIn.rotates) return json(200, { access_token, token_type: 'bearer', expires_in: 21_599 });
    const refresh_token = `refresh-${renewals}`;
    state.refreshTokens.clear();
    state.refreshTokens.add(refresh_token);
    return json(200, { access_token, token_type: 'bearer', expires_in: 21_599, refresh_token });
  };
  const sink = await startHttpSink((posted) => {
    if (posted.path === '/v2/api/talk/memo/default/send') return send(posted);
    return posted.path === '/oauth/token' ? renew(posted) : json(404, { msg: 'not found', code: -3 });
  });
  return Object.assign(standIn, sink, state);
}

type Template = { object_type: string; text: string; link: unknown };
const json = (status: number, body: unknown) => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json;charset=UTF-8' },
});
