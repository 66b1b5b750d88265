import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits nobody can guess, as 43 characters fit for a URL. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256 in lower-case hex: what is kept of a secret of full entropy. */
export const secretHash = (secret: string): string => hash('sha256', secret);

/** Compared as hashes, so that neither time nor length tells anything about the secret. */
export const isSecret = (shown: string, hashed: string): boolean =>
  timingSafeEqual(Buffer.from(secretHash(shown), 'hex'), Buffer.from(hashed, 'hex'));
