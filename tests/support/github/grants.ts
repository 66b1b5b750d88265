import { createHash, randomBytes } from 'node:crypto';
import { normalised } from './scopes.ts';
import type { Account } from './world.ts';

export type OAuthApp = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** A redirect_uri must lie at or under it; of a loopback address any port will do. It may change. */
  callbackUrl: string;
};

/** What a page asked for when it sent somebody here. */
export type AuthorizationRequest = {
  readonly redirectUri: string;
  readonly state: string | null;
  readonly scopes: readonly string[];
  readonly codeChallenge: string | null;
};

export type Token = { readonly accountId: number; readonly scopes: readonly string[] };

type Code = AuthorizationRequest & { readonly accountId: number; readonly expiresAt: number };

export type Exchange = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly code: string;
  readonly redirectUri: string | null;
  readonly codeVerifier: string | null;
};

export type Grants = ReturnType<typeof createGrants>;

const CODE_LIFE_MS = 10 * 60_000;
const newToken = () => `gho_${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, 'x')}`;

/** Codes and tokens of the stand-in's one OAuth app. */
export function createGrants(app: OAuthApp, now: () => number) {
  const waiting = new Map<string, AuthorizationRequest>();
  const codes = new Map<string, Code>();
  const tokens = new Map<string, Token>();

  const issue = (accountId: number, scopes: readonly string[]): string => {
    const token = newToken();
    tokens.set(token, { accountId, scopes: normalised(scopes) });
    return token;
  };

  /** The token and its scopes, or the error in GitHub's words. A code that was shown is used up, whatever came of it. */
  function exchange(asked: Exchange, accountOf: (id: number) => Account | undefined) {
    if (!isApp(asked.clientId, asked.clientSecret)) return 'incorrect_client_credentials';
    const code = codes.get(asked.code);
    codes.delete(asked.code);
    if (!code || code.expiresAt <= now()) return 'bad_verification_code';
    if (asked.redirectUri !== null && asked.redirectUri !== code.redirectUri) return 'redirect_uri_mismatch';
    if (!proves(asked.codeVerifier, code.codeChallenge)) return 'bad_verification_code';
    const account = accountOf(code.accountId);
    if (account?.emails.some(({ primary, verified }) => primary && !verified)) return 'unverified_user_email';
    return { token: issue(code.accountId, code.scopes), scopes: normalised(code.scopes) };
  }

  const isApp = (clientId: string, clientSecret: string) =>
    clientId === app.clientId && clientSecret === app.clientSecret;

  return {
    app,
    issue,
    exchange,
    isApp,
    token: (text: string): Token | undefined => tokens.get(text),
    /** @returns whether there was such a token */
    revoke: (text: string): boolean => tokens.delete(text),
    /** The person withdraws their authorization: every token of theirs ends. */
    withdraw(accountId: number): void {
      for (const [text, token] of tokens) if (token.accountId === accountId) tokens.delete(text);
    },
    /** Keeps a request while its page is shown. */
    ask(request: AuthorizationRequest): string {
      const id = randomBytes(16).toString('hex');
      waiting.set(id, request);
      return id;
    },
    /** The request a page was shown for; it can be answered once. */
    take(id: string): AuthorizationRequest | undefined {
      const request = waiting.get(id);
      waiting.delete(id);
      return request;
    },
    codeFor(request: AuthorizationRequest, accountId: number): string {
      const code = randomBytes(10).toString('hex');
      codes.set(code, { ...request, accountId, expiresAt: now() + CODE_LIFE_MS });
      return code;
    },
  };
}

/** RFC 7636, section 4.6. A verifier for a request without a challenge is ignored. */
function proves(verifier: string | null, challenge: string | null): boolean {
  if (challenge === null) return true;
  return verifier !== null && createHash('sha256').update(verifier).digest('base64url') === challenge;
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Same host and port (of a loopback address: any port), and a path at or under the one that was registered. */
export function isCallback(redirectUri: string, callbackUrl: string): boolean {
  if (!URL.canParse(redirectUri)) return false;
  const asked = new URL(redirectUri);
  const registered = new URL(callbackUrl);
  const sameHost = LOOPBACK.has(registered.hostname)
    ? asked.hostname === registered.hostname
    : asked.host === registered.host;
  const folder = registered.pathname.replace(/\/$/, '');
  const under = asked.pathname === registered.pathname || asked.pathname.startsWith(`${folder}/`);
  return asked.protocol === registered.protocol && sameHost && under && asked.username === '' && asked.password === '';
}
