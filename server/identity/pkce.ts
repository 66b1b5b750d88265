import { createHash } from 'node:crypto';

/** 43 to 128 of the unreserved characters: RFC 7636, section 4.1. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * The S256 challenge of a code verifier (a secret of ours is one): RFC 7636, section 4.2.
 * @throws {RangeError} for what is no code verifier; it does not quote it
 */
export function codeChallengeOf(verifier: string): string {
  if (!VERIFIER.test(verifier))
    throw new RangeError('A code verifier has 43 to 128 of the characters A-Z a-z 0-9 - . _ ~');
  return createHash('sha256').update(verifier, 'ascii').digest('base64url');
}
