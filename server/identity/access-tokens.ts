import { createSecretKey, hash, type KeyObject } from 'node:crypto';

/** Loaded where it is used: a start in local mode need not wait for it. */
const jose = () => import('jose');

/** Whose token it is, and of which session. */
export type AccessClaims = { readonly memberId: string; readonly sessionId: string };

const LIFETIME_SECONDS = 600;
const ALGORITHM = 'HS256';
/** RFC 9068, 2.1: told apart from every other kind of JWT. */
const TYPE = 'at+jwt';
const AUDIENCE = 'almanac-api';
/** Clocks of several servers differ by this much. */
const TOLERANCE_SECONDS = 5;
/** Ours have some 330 characters. */
const LONGEST = 1_024;
const MOST_REMEMBERED = 1_000;

/** A session's tokens as programs are answered (RFC 6749, 5.1). */
export const tokenAnswer = ({ accessToken, refreshToken }: { accessToken: string; refreshToken: string }) => ({
  access_token: accessToken,
  refresh_token: refreshToken,
  token_type: 'Bearer' as const,
  expires_in: LIFETIME_SECONDS,
});

/**
 * Access tokens: JWTs of ten minutes, signed with HMAC-SHA-256 (RFC 7519, 7515; RFC 8725 for what is pinned and why).
 * They say who; whether the session still holds, and what its member may do, is asked anew at each request.
 */
export class AccessTokens {
  readonly #keys: readonly KeyObject[];
  readonly #issuer: string;
  readonly #now: () => number;
  /** By digest of the token: what was verified once need not be again until it ends. */
  readonly #verified = new Map<string, AccessClaims & { readonly expires: number }>();

  /**
   * @param secrets the current one signs; the one before is still accepted, so that changing them signs nobody out
   * @param options.issuer where the server is reached; @param options.now milliseconds since the epoch
   */
  constructor(secrets: readonly [string, ...string[]], { issuer, now }: { issuer: string; now: () => number }) {
    this.#keys = secrets.map((secret) => createSecretKey(Buffer.from(secret)));
    this.#issuer = issuer;
    this.#now = now;
  }

  async issue({ memberId, sessionId }: AccessClaims): Promise<string> {
    const { SignJWT } = await jose();
    const at = Math.floor(this.#now() / 1000);
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setIssuer(this.#issuer)
      .setAudience(AUDIENCE)
      .setSubject(memberId)
      .setIssuedAt(at)
      .setNotBefore(at)
      .setExpirationTime(at + LIFETIME_SECONDS)
      .sign(this.#keys[0] as KeyObject);
  }

  /** Whose token it is; null for whatever is no valid token of ours, for whichever reason. */
  async verify(token: string): Promise<AccessClaims | null> {
    if (token.length > LONGEST) return null;
    const digest = hash('sha256', token, 'base64url');
    const known = this.#verified.get(digest);
    if (known && known.expires > this.#now()) return known;
    this.#verified.delete(digest);
    for (const key of this.#keys) {
      const claims = await this.#verifyWith(key, token);
      if (claims === 'other key') continue;
      if (claims) this.#remember(digest, claims);
      return claims;
    }
    return null;
  }

  async #verifyWith(key: KeyObject, token: string) {
    const { errors, jwtVerify } = await jose();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: this.#issuer,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'sid', 'iat', 'nbf', 'exp'],
        maxTokenAge: LIFETIME_SECONDS,
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(this.#now()),
      });
      // Ours name no key (kid, jku, jwk, x5u …): there is nothing to look up, and nobody is to point somewhere.
      if (Object.keys(protectedHeader).length !== 2) return null;
      const { sub, sid, exp } = payload;
      if (typeof sub !== 'string' || typeof sid !== 'string' || exp === undefined) return null;
      return { memberId: sub, sessionId: sid, expires: exp * 1000 };
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) return 'other key';
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  #remember(digest: string, claims: AccessClaims & { expires: number }): void {
    this.#verified.set(digest, claims);
    if (this.#verified.size <= MOST_REMEMBERED) return;
    for (const oldest of this.#verified.keys()) return void this.#verified.delete(oldest);
  }
}
