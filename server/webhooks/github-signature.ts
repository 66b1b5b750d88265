import { createHmac, timingSafeEqual } from 'node:crypto';

const FORM = /^sha256=([\da-f]{64})$/i;

/** The digits of an `X-Hub-Signature-256` header; null when it is none. `sha1=` is none: GitHub sends it for old receivers only. */
export const signatureIn = (header: string | null): string | null => FORM.exec(header ?? '')?.[1] ?? null;

/**
 * Whether a body was signed with this secret.
 * @param header `X-Hub-Signature-256`: `sha256=` and 64 hexadecimal digits
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function verifySignature(secret: string, rawBody: Uint8Array, header: string | null): boolean {
  const shown = signatureIn(header);
  // Whoever knows the empty secret knows them all.
  if (shown === null || secret === '') return false;
  return timingSafeEqual(createHmac('sha256', secret).update(rawBody).digest(), Buffer.from(shown, 'hex'));
}
