import { parse, serialize } from 'hono/utils/cookie';
import { IDLE_MS } from '../../domain/session.ts';
import type { SessionTokens } from './sessions.ts';

/**
 * `__Host-`: sent to this very host only, over https only (browsers take http://localhost for as good), and no sister domain
 * can set one of the name (RFC 6265bis, 4.1.3.2). httpOnly: no script of ours or of somebody else's reads them.
 */
export const ACCESS_COOKIE = '__Host-almanac-access';
export const REFRESH_COOKIE = '__Host-almanac-refresh';
/** What a sign-in under way must bring back with it: encrypted, bound to this browser. */
export const SIGN_IN_COOKIE = '__Host-almanac-sign-in';

const ALWAYS = { httpOnly: true, secure: true, path: '/', sameSite: 'Lax' } as const;

const setCookie = (name: string, value: string, maxAge: number): string =>
  serialize(name, value, { ...ALWAYS, maxAge });

/** Lives as long as the browser would let a session sleep: whether it still holds is for the server to say. */
const SESSION_SECONDS = IDLE_MS / 1_000;

/** `Set-Cookie` values that make the browser hold a session. The access token says itself when it ends. */
export const sessionCookies = ({ accessToken, refreshToken }: SessionTokens): string[] => [
  setCookie(ACCESS_COOKIE, accessToken, SESSION_SECONDS),
  setCookie(REFRESH_COOKIE, refreshToken, SESSION_SECONDS),
];

/** `Set-Cookie` values that make the browser forget its session. */
export const noSessionCookies = (): string[] => [setCookie(ACCESS_COOKIE, '', 0), setCookie(REFRESH_COOKIE, '', 0)];

export const signInCookie = (value: string, seconds: number): string => setCookie(SIGN_IN_COOKIE, value, seconds);

/** The value of a cookie in a `Cookie` header. */
export const cookieIn = (header: string | null | undefined, name: string): string | undefined =>
  header ? parse(header, name)[name] : undefined;

/** Whether a `Cookie` header carries a session: a request that does may have been sent by a browser unasked. */
export const carriesSession = (header: string | null | undefined): boolean =>
  [ACCESS_COOKIE, REFRESH_COOKIE].some((name) => cookieIn(header, name) !== undefined);
