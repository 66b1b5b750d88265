import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { EventStore, RecordedEvent } from '../event-store/event-store.ts';
import { eventLogFile } from '../event-store/sqlite/log-file.ts';
import { openSqliteEventStore } from '../event-store/sqlite/store.ts';
import { lockDirectory } from '../sqlite/directory-lock.ts';
import { masterKeyFile } from '../vault/master-key.ts';
import { openForReading, readMeta, vaultDirectory, vaultFiles } from '../vault/vault-file.ts';
import {
  backupAt,
  BackupFailed,
  listBackups,
  LOG_FILES,
  nameOf,
  sync,
  vaultBackups,
  type Manifest,
} from './backups.ts';
import { checkBackup } from './check.ts';
import { readEventLines } from './event-lines.ts';

export type RestoreOptions = {
  /** A backup of a log, or a folder of backups, of which the newest is meant. */
  readonly from: string;
  /** DATA_DIR; nobody may be using it. */
  readonly dataDirectory: string;
  /** A copy of the vault, or a folder of copies; null: the vault that is there, else the newest copy beside the log's. */
  readonly vaultFrom: string | null;
  /** A log that is there is put aside. */
  readonly overwrite: boolean;
  readonly now: () => number;
};

export type Restored = {
  readonly from: string;
  readonly events: number;
  readonly position: string | null;
  /** Which copy of the vault was set back; null: the one that is there stays. */
  readonly vault: string | null;
  /** Where what was there lies now; null: nothing was. */
  readonly aside: string | null;
};

/** What belongs to a log and is folded or read anew from it. Others keep things in a folder, too: only what is ours is moved. */
const OURS = /^[\w-]+\.sqlite(-wal|-shm)?$|^(read-models|collect|server\.json)$/;
/** The lock is held, and drops where its file is opened or moved. */
const LOCK = /^lock\.sqlite/;

/**
 * Sets a log back, and the vault where there is none, after having checked what it is set back to. A vault that is there is newer
 * than any copy: it has forgotten who was erased.
 * @throws {BackupFailed} saying what to do; nothing was changed @throws {DataDirectoryInUse}
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { dataDirectory, overwrite, now } = options;
  const from = backupAt(options.from);
  const manifest = await checkBackup(from);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(dataDirectory);
  let isLocked = true;
  const unlock = () => {
    if (isLocked) lock[Symbol.dispose]();
    isLocked = false;
  };
  try {
    const log = eventLogFile(dataDirectory);
    if (existsSync(log) && !overwrite)
      throw new BackupFailed(
        `There is an event log in ${dataDirectory} already. It would be put aside: say --overwrite.`,
      );
    const vault = vaultToRestore(options, from, manifest);
    const aside = putAside(dataDirectory, nameOf(now()), vault !== null);
    if (vault !== null) restoreVault(vault, vaultDirectory(dataDirectory));
    if (manifest.kind === 'sqlite') restoreFile(join(from, LOG_FILES.sqlite), log);
    else {
      // The store locks the folder itself.
      unlock();
      await restoreLines(join(from, LOG_FILES.ndjson), dataDirectory);
    }
    return { from, events: manifest.events, position: manifest.position, vault, aside };
  } finally {
    unlock();
  }
}

/** @returns the copy to set back; null: the vault that is there is the log's */
function vaultToRestore({ dataDirectory, vaultFrom }: RestoreOptions, from: string, { vaultId }: Manifest) {
  const there = vaultDirectory(dataDirectory);
  if (vaultFrom === null && existsSync(vaultFiles(there)[0] ?? '')) {
    if (vaultIdOf(there) === vaultId) return null;
    throw new BackupFailed(
      `The vault ${there} is another log's. Name the copy of this one's, by --vault, or another folder.`,
    );
  }
  // <backups>/log/<name> has its vaults in <backups>/vault.
  const folder = vaultFrom ?? vaultBackups(dirname(dirname(from)));
  const newest = listBackups(folder).at(-1);
  const copy = newest === undefined ? folder : join(folder, newest);
  if (!existsSync(vaultFiles(copy)[0] ?? ''))
    throw new BackupFailed(
      `There is no copy of the vault at ${folder}, and nothing can be read without it: name it by --vault.`,
    );
  if (vaultIdOfCopy(copy) !== vaultId) throw new BackupFailed(`The vault ${copy} is another log's.`);
  return resolve(copy) === resolve(there) ? null : copy;
}

const vaultIdOf = (directory: string): string => {
  using database = openForReading(directory);
  return idIn(database);
};

/** Of a copy: read as it lies there, or SQLite would leave files of its own beside it (https://sqlite.org/uri.html). */
function vaultIdOfCopy(directory: string): string {
  const place = pathToFileURL(vaultFiles(directory)[0] ?? '');
  place.search = 'immutable=1';
  using database = new DatabaseSync(place, { readOnly: true });
  return idIn(database);
}

const idIn = (database: DatabaseSync): string => Buffer.from(readMeta(database, 'id') ?? []).toString();

/**
 * @param withVault another vault takes the place of the one that is there: it has keys of people that no copy has
 * @returns where it lies now; null: nothing was there
 */
function putAside(dataDirectory: string, name: string, withVault: boolean): string | null {
  const vault = withVault ? basename(vaultDirectory(dataDirectory)) : null;
  const isOurs = (entry: string) => entry === vault || (OURS.test(entry) && !LOCK.test(entry));
  const found = readdirSync(dataDirectory).filter(isOurs);
  if (found.length === 0) return null;
  const aside = join(dataDirectory, `before-restore-${name}`);
  mkdirSync(aside, { mode: 0o700 });
  // The log last: broken off before, it is still there.
  for (const entry of found.toSorted((one, other) => Number(isLog(one)) - Number(isLog(other))))
    renameSync(join(dataDirectory, entry), join(aside, entry));
  return aside;
}
const isLog = (entry: string): boolean => entry.startsWith('events.sqlite');

/** Under its own name it is whole. */
function restoreFile(from: string, to: string): void {
  const beside = `${to}.restoring`;
  copyFileSync(from, beside, constants.COPYFILE_FICLONE);
  chmodSync(beside, 0o600);
  sync(beside, 'file');
  renameSync(beside, to);
  sync(dirname(to), 'folder');
}

function restoreVault(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  if (existsSync(masterKeyFile(from))) restoreFile(masterKeyFile(from), masterKeyFile(to));
  restoreFile(vaultFiles(from)[0] ?? '', vaultFiles(to)[0] ?? '');
}

const APPENDS_AT_ONCE = 500;

/** Writes the events of an export into a new embedded log, each with the instant it was recorded at. */
async function restoreLines(file: string, directory: string): Promise<void> {
  let at = 0;
  const store = await openSqliteEventStore({ directory, now: () => at });
  try {
    let under: Promise<unknown>[] = [];
    for await (const page of readEventLines(file))
      for (const event of page) {
        at = event.recordedAt;
        under.push(append(store, event));
        if (under.length < APPENDS_AT_ONCE) continue;
        await Promise.all(under);
        under = [];
      }
    await Promise.all(under);
  } finally {
    await store.close();
  }
}

const append = (store: EventStore, { stream, revision, id, type, data, metadata }: RecordedEvent) =>
  store.append(stream, [{ id, type, data, metadata }], {
    expectedRevision: revision === 0n ? 'no_stream' : revision - 1n,
  });
