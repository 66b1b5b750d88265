/** What GitHub can say no with, and what to do about it. */
const REFUSALS = {
  bad_verification_code: 'The code is wrong, used, or more than 10 minutes old: begin signing in again.',
  incorrect_client_credentials: 'It does not know this application: check GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.',
  redirect_uri_mismatch: 'The callback URL is not the one registered with the OAuth app: correct it there.',
  unverified_user_email: 'The account has no verified primary e-mail address: verify it at GitHub.',
  application_suspended: 'The OAuth app is suspended: ask GitHub why.',
  forbidden: 'The token may not see this.',
  not_found: 'It does not know what was asked for: check the configured addresses and the scopes of the token.',
  moved: 'What was asked for lies at another address: redirects are not followed, for the token would go along.',
  empty: 'The repository holds nothing yet.',
  blocked: 'It may not show this for legal reasons.',
  unknown: 'It gave a reason that is not known here.',
} as const;

export type Refusal = keyof typeof REFUSALS;

const isRefusal = (reason: string): reason is Refusal => Object.hasOwn(REFUSALS, reason);

/** GitHub answered, and the answer is no: the same request again gets the same answer. */
export class GitHubRefused extends Error {
  override readonly name = 'GitHubRefused';
  readonly reason: Refusal;
  /** @param reason an error code of GitHub's; one that is not known here is not repeated, as it could be anything */
  constructor(reason: string) {
    const known = isRefusal(reason) ? reason : 'unknown';
    super(`GitHub refused (${known}). ${REFUSALS[known]}`);
    this.reason = known;
  }
}

/** The token is no longer any good: it ran out, or the person or GitHub took it back. */
export class TokenRevoked extends Error {
  override readonly name = 'TokenRevoked';
  constructor() {
    super('GitHub does not take this token (any more): the account has to be connected again.');
  }
}

/** No answer that could be used, this time: the network, GitHub's own trouble, or too many requests. */
export class GitHubUnavailable extends Error {
  override readonly name = 'GitHubUnavailable';
  /** Seconds to wait before asking again, where GitHub named them. */
  readonly retryAfter: number | null;
  /** Too many requests: of this token, or at once. */
  readonly rateLimited: boolean;
  constructor(message: string, retryAfter: number | null = null, rateLimited = false) {
    super(retryAfter === null ? message : `${message} It may be asked again in ${retryAfter} s.`);
    this.retryAfter = retryAfter;
    this.rateLimited = rateLimited;
  }
}

/** What is looked at of an answer with an error status. */
export type ErrorAnswer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly message: string;
};

/**
 * The error an answer means: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
 * @param host whom it came from
 */
export function errorOfAnswer(answer: ErrorAnswer, host: string): Error {
  const { status } = answer;
  if (isRateLimited(answer))
    return new GitHubUnavailable(`${host} takes no more requests for now.`, waitOf(answer), true);
  if (status === 401) return new TokenRevoked();
  if (status === 409 && /is empty/i.test(answer.message)) return new GitHubRefused('empty');
  if (status < 500) return new GitHubRefused(REFUSAL_OF[status] ?? 'unknown');
  return new GitHubUnavailable(`${host} is in trouble (status ${status}).`, secondsIn(answer.headers['retry-after']));
}

const REFUSAL_OF: Readonly<Partial<Record<number, Refusal>>> = {
  403: 'forbidden',
  404: 'not_found',
  410: 'not_found',
  451: 'blocked',
};

/** https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
function isRateLimited({ status, headers, message }: ErrorAnswer): boolean {
  if (status === 429) return true;
  const spent = String(headers['x-ratelimit-remaining']) === '0';
  return status === 403 && (spent || headers['retry-after'] !== undefined || /rate limit/i.test(message));
}

const A_MINUTE_S = 60;

/** Seconds: as GitHub says, else until the hour of the quota is over, else the minute its documentation asks for. */
function waitOf({ headers }: ErrorAnswer): number {
  const named = secondsIn(headers['retry-after']);
  if (named !== null) return named;
  const reset = secondsIn(headers['x-ratelimit-reset']);
  if (String(headers['x-ratelimit-remaining']) !== '0' || reset === null) return A_MINUTE_S;
  // By GitHub's own clock: ours may be wrong.
  const answeredAt = Date.parse(String(headers['date']));
  return Number.isNaN(answeredAt) ? A_MINUTE_S : Math.max(1, Math.ceil(reset - answeredAt / 1000));
}

const secondsIn = (header: string | number | undefined): number | null =>
  /^\d{1,10}$/.test(String(header)) ? Number(header) : null;
