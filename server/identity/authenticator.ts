import { LOCAL_MEMBER, type Role } from '../../domain/access.ts';
import { scopesInForce } from '../../domain/api-key.ts';
import { accessOf } from '../../projections/access.ts';
import { keyOf } from '../../projections/api-keys.ts';
import { sessionOf } from '../../projections/sessions.ts';
import type { ReadModel } from '../../projections/projection.ts';
import type { AccessTokens } from './access-tokens.ts';
import { LOCAL, NOBODY, OPERATOR, type Caller } from './caller.ts';
import { ACCESS_COOKIE, cookieIn, noSessionCookies, REFRESH_COOKIE, sessionCookies } from './cookies.ts';
import { keyIdIn, type ApiKeys } from './keys.ts';
import { isSecret, secretHash } from './secrets.ts';
import type { Sessions } from './sessions.ts';

/** What a request shows of who sends it. */
export type Credentials = {
  readonly authorization: string | null;
  readonly cookie: string | null;
  /** It asks for a page, or comes from one of ours: what a person at the keyboard does, and no program. */
  readonly byBrowser: boolean;
};

export type Authenticated = {
  readonly caller: Caller;
  /** `Set-Cookie` values for the browser: a session that was refreshed on the way, or one that has ended. */
  readonly cookies: readonly string[];
  /** Requests a minute that the key itself allows; null: as many as anybody. */
  readonly requestsPerMinute: number | null;
};

export type AuthenticatorOptions = {
  /** Local mode: bound to loopback, no sign-in configured. */
  readonly local: boolean;
  readonly operatorToken: string;
  /** The seeds' single token; null: there is none. */
  readonly apiAuthToken: string | null;
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly model: (name: 'sessions' | 'access' | 'api-keys') => ReadModel;
  /** Resolves once the read models show all there was when the server started: before that a revoked session would look good. */
  readonly caughtUp: () => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

const API_AUTH_TOKEN: Caller = {
  kind: 'key',
  keyId: 'api-auth-token',
  memberId: null,
  role: 'member',
  scopes: ['log:write', 'read'],
};

const as = (caller: Caller): Authenticated => ({ caller, cookies: [], requestsPerMinute: null });

/** Finds out who sends a request. What a token says is who; whether that still holds is asked of the read models each time. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #operatorHash: string;
  readonly #apiAuthHash: string | null;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#operatorHash = secretHash(options.operatorToken);
    this.#apiAuthHash = options.apiAuthToken === null ? null : secretHash(options.apiAuthToken);
  }

  /** @throws {StoreUnavailable} and what read models throw while they cannot be asked */
  async authenticate(credentials: Credentials): Promise<Authenticated> {
    const { authorization, cookie, byBrowser } = credentials;
    // Whoever shows a header means it: a cookie the browser adds is not looked at then.
    if (authorization !== null) return this.#byHeader(authorization);
    const { local } = this.#options;
    if (local) return as(this.#apiAuthHash === null || byBrowser ? LOCAL : NOBODY);
    const access = cookieIn(cookie, ACCESS_COOKIE);
    const refresh = cookieIn(cookie, REFRESH_COOKIE);
    if (access === undefined && refresh === undefined) return as(NOBODY);
    const claims = access === undefined ? null : await this.#options.tokens.verify(access);
    if (claims) return as(await this.#bySession(claims.sessionId, claims.memberId));
    return refresh === undefined ? as(NOBODY) : this.#byRefreshing(refresh);
  }

  async #byHeader(authorization: string): Promise<Authenticated> {
    const shown = /^bearer +(\S+)$/i.exec(authorization)?.[1];
    if (shown === undefined) return as(NOBODY);
    if (isSecret(shown, this.#operatorHash)) return as(OPERATOR);
    if (this.#apiAuthHash !== null && isSecret(shown, this.#apiAuthHash)) return as(API_AUTH_TOKEN);
    const keyId = keyIdIn(shown);
    if (keyId !== null) return this.#byKey(keyId, shown);
    const claims = await this.#options.tokens.verify(shown);
    return as(claims ? await this.#bySession(claims.sessionId, claims.memberId) : NOBODY);
  }

  async #byRefreshing(token: string): Promise<Authenticated> {
    await this.#options.caughtUp();
    const refreshed = await this.#options.sessions.refresh(token);
    if (refreshed.outcome !== 'refreshed' && refreshed.outcome !== 'raced')
      return { ...as(NOBODY), cookies: noSessionCookies() };
    const caller = await this.#bySession(refreshed.sessionId, refreshed.memberId);
    const cookies = refreshed.outcome === 'refreshed' ? sessionCookies(refreshed.tokens) : [];
    return { ...as(caller), cookies };
  }

  async #bySession(sessionId: string, memberId: string): Promise<Caller> {
    const { model, caughtUp, now } = this.#options;
    await caughtUp();
    const session = sessionOf(model('sessions'), sessionId, now());
    if (!session || session.memberId !== memberId) return NOBODY;
    const access = accessOf(model('access'), memberId);
    if (access?.status === 'active' && access.role) return { kind: 'session', memberId, sessionId, role: access.role };
    if (access?.status === 'waiting' || access?.status === 'declined') return { kind: 'waiting', memberId, sessionId };
    return NOBODY;
  }

  async #byKey(keyId: string, shown: string): Promise<Authenticated> {
    const { model, caughtUp, keys, now, local } = this.#options;
    await caughtUp();
    const key = keyOf(model('api-keys'), keyId, now());
    if (!key || !isSecret(shown, key.hash)) return as(NOBODY);
    const { memberId, scopes, requestsPerMinute } = key;
    const role = memberId === LOCAL_MEMBER ? (local ? 'owner' : null) : this.#roleOf(memberId);
    if (role === null) return as(NOBODY);
    keys.used(keyId);
    const caller: Caller = { kind: 'key', keyId, memberId, role, scopes: scopesInForce(scopes, role) };
    return { ...as(caller), requestsPerMinute };
  }

  #roleOf(memberId: string): Role | null {
    const access = accessOf(this.#options.model('access'), memberId);
    return access?.status === 'active' ? access.role : null;
  }
}
