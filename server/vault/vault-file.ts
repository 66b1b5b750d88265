import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDamaged, isPassing } from '../sqlite/result-codes.ts';
import { StoreUnavailable } from '../event-store/event-store.ts';
import { VaultRefused } from './master-key.ts';

/** Waiting for another connection; it holds its lock for microseconds. */
const LOCK_WAIT_MS = 5_000;

/** `erased` keeps the numbers of destroyed keys, so that what they sealed is known to be erased and not lost. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS keys (key_id TEXT PRIMARY KEY, member_id TEXT NOT NULL UNIQUE, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS secrets (
    member_id TEXT NOT NULL, name TEXT NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (member_id, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS erased (
    member_id TEXT PRIMARY KEY, key_id TEXT, said TEXT NOT NULL, scrubbed INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS erased_by_key ON erased (key_id) WHERE key_id IS NOT NULL;
`;

/** The disk refuses what concerns the vault, for now. */
export class VaultUnavailable extends StoreUnavailable {}

/** The folder beside the log that its backups must leave out. */
export const vaultDirectory = (dataDirectory: string): string => join(dataDirectory, 'vault');
const vaultFile = (directory: string) => join(directory, 'keys.sqlite');
/** With what SQLite keeps beside it. */
export const vaultFiles = (directory: string): string[] =>
  ['', '-wal', '-shm'].map((end) => `${vaultFile(directory)}${end}`);

/**
 * Opens the file for writing, or makes it. What is deleted is overwritten; what is written is on the disk before it is used.
 * @throws {VaultRefused} when the file is damaged
 */
export function openForWriting(directory: string): DatabaseSync {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const file = vaultFile(directory);
  // SQLite gives its journal the mode of the file.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
  try {
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON',
    );
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
    return database;
  } catch (error) {
    database.close();
    if (!isDamaged(error)) throw error;
    throw new VaultRefused(`The vault ${file} is damaged: restore it from a backup.`, { cause: error });
  }
}

export const openForReading = (directory: string): DatabaseSync =>
  new DatabaseSync(vaultFile(directory), { readOnly: true, timeout: LOCK_WAIT_MS });

/** All of it or nothing. @throws {VaultUnavailable} when the disk refuses */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  try {
    database.exec('BEGIN IMMEDIATE');
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    if (!isPassing(error)) throw error;
    throw new VaultUnavailable(`The vault cannot be written: ${(error as Error).message}.`, { cause: error });
  }
}

/** Nothing of what was deleted is left in the journal. @throws {VaultUnavailable} when a reader does not let go of it */
export function emptyJournal(database: DatabaseSync): void {
  const answer = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  if (answer?.['busy'] !== 0) throw new VaultUnavailable('The journal of the vault is in use; try again.');
}

export function readMeta(database: DatabaseSync, name: string): Uint8Array | undefined {
  return database.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.['value'] as Uint8Array | undefined;
}

export function writeMeta(database: DatabaseSync, name: string, value: Uint8Array): void {
  database
    .prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
    .run(name, value);
}
