import { createSecretKey, randomBytes, scryptSync, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The vault cannot be used as it is; the message says what to do. Nothing was changed in it. */
export class VaultRefused extends Error {
  override readonly name = 'VaultRefused';
}

/** What master keys a vault may be opened with: derived from settings, or the file beside it. Plain data: threads are sent it. */
export type MasterKeys =
  | { readonly kind: 'settings'; readonly keys: readonly Uint8Array[] }
  | { readonly kind: 'file'; readonly path: string };

export const masterKeyFile = (vaultDirectory: string): string => join(vaultDirectory, 'master.key');
const KEY_BYTES = 32;

/**
 * People choose sentences where they are asked for a secret, so guessing is made dear: scrypt with 32 MB and some 60 ms, once a start
 * (OWASP Password Storage Cheat Sheet; RFC 7914).
 */
export const derivedMasterKey = (text: string, salt: Uint8Array): Uint8Array =>
  scryptSync(text, salt, KEY_BYTES, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 });

/**
 * The keys to try, the one to use first. Beside the file there may be one that a rotation was about to put in its place.
 * @throws {VaultRefused} for a file that others may read, or that holds no key
 */
export function candidates(given: MasterKeys): KeyObject[] {
  if (given.kind === 'settings') return given.keys.map((bytes) => createSecretKey(bytes));
  // The one beside is read first: if it takes the other's place meanwhile, it is read there.
  const beside = readKeyFile(nextOf(given.path));
  const inUse = readKeyFile(given.path);
  return [inUse, beside].filter((key) => key !== null);
}

/** Null where there is none. */
function readKeyFile(path: string): KeyObject | null {
  const text = textOf(path);
  if (text === null) return null;
  const bytes = Buffer.from(text.trim(), 'base64url');
  if (bytes.length !== KEY_BYTES)
    throw new VaultRefused(`${path} holds no master key (${KEY_BYTES} bytes as base64url): restore it from a backup.`);
  return createSecretKey(bytes);
}

function textOf(path: string): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    // Windows has no such bits.
    if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0)
      throw new VaultRefused(`Others may read ${path}, which opens everything personal: run "chmod 600 ${path}".`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

const nextOf = (path: string) => `${path}.new`;

/** Writes a new key beside the file in use; it is on the disk when this returns. */
export function writeNextKey(path: string): KeyObject {
  const bytes = randomBytes(KEY_BYTES);
  rmSync(nextOf(path), { force: true });
  const descriptor = openSync(nextOf(path), 'wx', 0o600);
  try {
    writeSync(descriptor, `${bytes.toString('base64url')}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  syncDirectory(path);
  return createSecretKey(bytes);
}

/** The key written beside becomes the one in use. */
export function useNextKey(path: string): void {
  renameSync(nextOf(path), path);
  syncDirectory(path);
}

/** Whatever a rotation left that came to nothing, or took place, is no longer needed. */
export const dropNextKey = (path: string): void => rmSync(nextOf(path), { force: true });

/** A new name is lasting once its folder is. Windows syncs no folders. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(dirname(path), 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
