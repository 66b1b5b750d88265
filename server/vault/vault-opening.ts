import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { unwrap, wrap } from './key-ring.ts';
import {
  candidates,
  derivedMasterKey,
  dropNextKey,
  masterKeyFile,
  useNextKey,
  VaultRefused,
  writeNextKey,
  type MasterKeys,
} from './master-key.ts';
import { newKey, seal, SealBroken, unseal } from './sealing.ts';
import type { VaultAccess, VaultOptions } from './vault.ts';
import {
  emptyJournal,
  inTransaction,
  openForWriting,
  readMeta,
  vaultDirectory,
  vaultFiles,
  writeMeta,
} from './vault-file.ts';

/** What the vault says when it is unlocked with the right master key. */
const CHECK = 'almanac vault';

/** A vault and everything it is used with. @throws {VaultRefused} */
export function openUnlocked({ dataDirectory, masterKeys, mayFound }: VaultOptions) {
  const directory = vaultDirectory(dataDirectory);
  const database = openForWriting(directory);
  try {
    const isNew = readMeta(database, 'check') === undefined;
    if (isNew && !mayFound) throw missing(directory);
    const salt = readMeta(database, 'salt') ?? randomBytes(16);
    const file: MasterKeys = { kind: 'file', path: masterKeyFile(directory) };
    const named = masterKeys.map((text) => derivedMasterKey(text, salt));
    const given: MasterKeys = named.length > 0 ? { kind: 'settings', keys: named } : file;
    const made = isNew ? [...vaultFiles(directory), ...found(database, salt, given)] : [];
    const master = unlocked(database, given, file);
    const id = Buffer.from(readMeta(database, 'id') ?? []).toString();
    const pepper = createSecretKey(unseal(master, 'pepper', readMeta(database, 'pepper') ?? Buffer.alloc(0)));
    const access: VaultAccess = { directory, masterKeys: given };
    return { database, master, pepper, id, access, made };
  } catch (error) {
    database.close();
    throw error;
  }
}

const missing = (directory: string) =>
  new VaultRefused(
    `The vault ${directory} is missing, and what people wrote in the event log is sealed with the keys in it. Restore the vault, ` +
      `which is backed up apart from the log; without it everybody would look erased. Where another server has written to this log, ` +
      `that one has the vault: one vault serves one server.`,
  );

/** @returns the file of the master key, where it was made */
function found(database: DatabaseSync, salt: Uint8Array, given: MasterKeys): string[] {
  const made = given.kind === 'file' && !existsSync(given.path) ? [given.path] : [];
  for (const path of made) {
    writeNextKey(path);
    useNextKey(path);
  }
  const [master] = candidates(given);
  if (!master) throw new VaultRefused('There is no master key to make a vault with: set MASTER_KEY.');
  inTransaction(database, () => {
    writeMeta(database, 'id', Buffer.from(randomUUID()));
    writeMeta(database, 'salt', salt);
    writeMeta(database, 'check', seal(master, 'check', CHECK));
    writeMeta(database, 'pepper', seal(master, 'pepper', newKey().bytes));
  });
  return made;
}

/** The master key in use; where it is not the one to be used, everything is wrapped anew first. */
function unlocked(database: DatabaseSync, given: MasterKeys, file: MasterKeys & { kind: 'file' }): KeyObject {
  const keys = candidates(given);
  const at = keys.findIndex((key) => unlocks(database, key));
  const [wanted] = keys;
  if (given.kind === 'file') {
    const inUse = keys[at];
    if (!inUse) throw wrongKey(file.path, keys.length > 0);
    // A rotation that was broken off had come as far as the vault, or it had not.
    if (at > 0 || !existsSync(file.path)) useNextKey(file.path);
    else dropNextKey(file.path);
    return inUse;
  }
  const inUse = keys[at] ?? candidates(file).find((key) => unlocks(database, key));
  if (!inUse || !wanted)
    throw new VaultRefused(
      'MASTER_KEY is not the one the vault was locked with. Set the right one; when it was changed, set the one before as MASTER_KEY_PREVIOUS.',
    );
  if (at !== 0) {
    rewrap(database, inUse, wanted);
    emptyJournal(database);
  }
  // Whoever names a master key does not want another one lying beside what it opens.
  rmSync(file.path, { force: true });
  dropNextKey(file.path);
  return wanted;
}

const wrongKey = (path: string, isThere: boolean) =>
  new VaultRefused(
    isThere
      ? `${path} is not the master key the vault was locked with. Restore the right one, or set MASTER_KEY if it was locked with that.`
      : `The vault is locked with a master key that is not there: set MASTER_KEY, or restore ${path}.`,
  );

function unlocks(database: DatabaseSync, key: KeyObject): boolean {
  try {
    return unseal(key, 'check', readMeta(database, 'check') ?? Buffer.alloc(0)).toString() === CHECK;
  } catch (error) {
    if (error instanceof SealBroken) return false;
    throw error;
  }
}

/** All keys in one transaction: either master key opens all of them or none. The journal keeps the old ones until it is emptied. */
function rewrap(database: DatabaseSync, from: KeyObject, to: KeyObject): void {
  const update = database.prepare('UPDATE keys SET wrapped = ? WHERE key_id = ?');
  inTransaction(database, () => {
    for (const { key_id: keyId, member_id: memberId, wrapped } of database.prepare('SELECT * FROM keys').all() as {
      key_id: string;
      member_id: string;
      wrapped: Uint8Array;
    }[])
      update.run(wrap(to, keyId, memberId, unwrap(from, keyId, memberId, wrapped)), keyId);
    writeMeta(
      database,
      'pepper',
      seal(to, 'pepper', unseal(from, 'pepper', readMeta(database, 'pepper') ?? Buffer.alloc(0))),
    );
    writeMeta(database, 'check', seal(to, 'check', CHECK));
  });
}

/**
 * Wraps everything with a new key that lies beside the file in use; it is to take that one's place next.
 * @see Vault.rotate
 */
export function wrapWithNextKey(database: DatabaseSync, path: string, inUse: KeyObject): KeyObject {
  const [inFile, beside] = candidates({ kind: 'file', path });
  // An earlier rotation came as far as the vault: the key in use lies nowhere but where the next one is to be written.
  if (beside?.equals(inUse) || (inFile?.equals(inUse) && !existsSync(path))) useNextKey(path);
  const next = writeNextKey(path);
  rewrap(database, inUse, next);
  return next;
}
