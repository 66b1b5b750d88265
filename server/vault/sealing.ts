import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  randomFillSync,
  type KeyObject,
} from 'node:crypto';

/** AES-256-GCM with a nonce of 96 bits and a tag of 128 (NIST SP 800-38D, 5.2.1.2 and 8.2.2: random nonces, at most 2³² a key). */
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** What is sealed does not open: it was changed, belongs elsewhere, or another key made it. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** A new key, as bytes to be wrapped and as what seals. */
export function newKey(): { readonly bytes: Buffer; readonly key: KeyObject } {
  const bytes = randomBytes(KEY_BYTES);
  return { bytes, key: createSecretKey(bytes) };
}

/** Random bytes are asked for many at a time: asking takes longer than sealing. Each is used once. */
const nonces = Buffer.allocUnsafeSlow(NONCE_BYTES * 512);
let used = nonces.length;

function newNonce(): Buffer {
  if (used === nonces.length) {
    randomFillSync(nonces);
    used = 0;
  }
  used += NONCE_BYTES;
  // A copy: what was handed out stays as it is when the next ones are drawn.
  return Buffer.from(nonces.subarray(used - NONCE_BYTES, used));
}

/** @param bound what the content belongs to (associated data): it opens nowhere else @returns nonce, tag, ciphertext */
export function seal(key: KeyObject, bound: string, content: string | Buffer): Buffer {
  const nonce = newNonce();
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  cipher.setAAD(Buffer.from(bound));
  const ciphertext = typeof content === 'string' ? cipher.update(content, 'utf8') : cipher.update(content);
  cipher.final();
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
}

/** @throws {SealBroken} */
export function unseal(key: KeyObject, bound: string, sealed: Uint8Array): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken('It is too short to have been sealed.');
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(bound));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, tagEnd));
  const content = decipher.update(sealed.subarray(tagEnd));
  try {
    decipher.final();
  } catch (error) {
    throw new SealBroken('It was changed, belongs elsewhere, or another key sealed it.', { cause: error });
  }
  return content;
}
