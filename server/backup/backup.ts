import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backup as copyDatabase, type DatabaseSync } from 'node:sqlite';
import type { EventStore } from '../event-store/event-store.ts';
import { eventLogFile, openForReading as openLog } from '../event-store/sqlite/log-file.ts';
import { DataDirectoryInUse, lockDirectory } from '../sqlite/directory-lock.ts';
import { masterKeyFile } from '../vault/master-key.ts';
import type { VaultAccess } from '../vault/vault.ts';
import { openForReading as openVaultFile, readMeta, vaultFiles } from '../vault/vault-file.ts';
import {
  BackupFailed,
  LOG_FILES,
  logBackups,
  manifestFile,
  nameOf,
  removeOld,
  removeUnfinished,
  sha256Of,
  sync,
  UNFINISHED,
  type Manifest,
} from './backups.ts';
import { readRestored } from './check.ts';
import { isSame, type Digest } from './digest.ts';
import { writeEventLines } from './event-lines.ts';

export type BackupOptions = {
  /** The embedded log in a DATA_DIR, be it in use or not; or a store elsewhere, which is read. */
  readonly log:
    { readonly kind: 'sqlite'; readonly directory: string } | { readonly kind: 'store'; readonly store: EventStore };
  readonly vault: VaultAccess;
  /** Logs go into the folder `log` in it. */
  readonly directory: string;
  /** Where vaults go. */
  readonly vaultDirectory: string;
  /** How many backups of the log are kept. */
  readonly keep: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { done: number; total: number }) => void;
  /** Is shown the copy of the log before it is checked; for tests that damage it. */
  readonly onCopied?: (file: string) => void;
};

export type BackupReport = {
  /** The folder of the copied log. */
  readonly log: string;
  readonly vault: string;
  readonly events: number;
  readonly bytes: number;
  readonly opened: number;
  readonly unopened: number;
};

/**
 * How many copies of the vault are kept. The newest opens every older log; an older one opens what was erased since, so that there are
 * as few as leave one if the newest is lost.
 */
const KEPT_VAULTS = 2;
/** Copy, read, put in place. */
const STEPS = 3;

/**
 * Copies log and vault while they are in use, restores both to see whether they can be read, and only then counts them as backups.
 * The log is copied first: whatever is sealed in it, the later vault has the key of.
 * @throws {BackupFailed} @throws {StoreUnavailable} Earlier backups are as they were.
 */
export async function makeBackup(options: BackupOptions): Promise<BackupReport> {
  const { directory, vaultDirectory, keep, now, signal, onProgress } = options;
  const logs = logBackups(directory);
  for (const folder of [directory, logs, vaultDirectory]) makeFolder(folder);
  using _alone = claim(directory);
  for (const folder of [logs, vaultDirectory]) removeUnfinished(folder);
  const name = nameOf(now());
  const unfinished = { log: join(logs, UNFINISHED + name), vault: join(vaultDirectory, UNFINISHED + name) };
  try {
    for (const folder of Object.values(unfinished)) mkdirSync(folder, { mode: 0o700 });
    onProgress?.({ done: 0, total: STEPS });
    const expected = await copyLog(options, unfinished.log);
    const masterKeys = await copyVault(options.vault, unfinished.vault);
    onProgress?.({ done: 1, total: STEPS });
    options.onCopied?.(join(unfinished.log, fileOf(options)));
    const { opened, unopened, copy } = await checked(options, unfinished, masterKeys, expected);
    onProgress?.({ done: 2, total: STEPS });
    const bytes = await describe(options, unfinished, copy, now());
    signal.throwIfAborted();
    const made = { log: join(logs, name), vault: join(vaultDirectory, name) };
    // The vault first: a log that is there has its vault.
    for (const which of ['vault', 'log'] as const) put(unfinished[which], made[which]);
    removeOld(logs, keep, keep);
    removeOld(vaultDirectory, KEPT_VAULTS);
    return { ...made, events: copy.events, bytes, opened, unopened };
  } catch (error) {
    for (const folder of Object.values(unfinished)) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new BackupFailed(`Backups cannot be kept in ${folder}: ${(cause as Error).message}.`, { cause });
  }
}

function claim(directory: string): Disposable {
  try {
    return lockDirectory(directory);
  } catch (cause) {
    if (!(cause instanceof DataDirectoryInUse)) throw cause;
    throw new BackupFailed(`Another backup into ${directory} is under way.`, { cause });
  }
}

const kindOf = ({ log }: BackupOptions): Manifest['kind'] => (log.kind === 'sqlite' ? 'sqlite' : 'ndjson');
const fileOf = (options: BackupOptions): string => LOG_FILES[kindOf(options)];

/** What a copy must come to: what was exported, or, of a log that can be read once more, all up to where it ended at the time. */
type Expected = { readonly exported: Digest } | { readonly head: bigint };

async function copyLog({ log, signal }: BackupOptions, folder: string): Promise<Expected> {
  if (log.kind === 'store')
    return { exported: await writeEventLines(log.store, join(folder, LOG_FILES.ndjson), signal) };
  using database = openLog(eventLogFile(log.directory));
  const head = database.prepare('SELECT max(position) AS head FROM events').get()?.['head'];
  await copy(database, join(folder, LOG_FILES.sqlite));
  return { head: BigInt((head ?? 0) as number) };
}

async function copyVault({ directory, masterKeys }: VaultAccess, folder: string): Promise<VaultAccess['masterKeys']> {
  using database = openVaultFile(directory);
  const [file = ''] = vaultFiles(folder);
  await copy(database, file);
  if (masterKeys.kind === 'settings') return masterKeys;
  const key = masterKeyFile(folder);
  copyFileSync(masterKeys.path, key);
  chmodSync(key, 0o600);
  sync(key, 'file');
  return { kind: 'file', path: key };
}

/** In one step: a copy made page by page begins anew each time somebody writes meanwhile (https://sqlite.org/backup.html). */
const ALL_PAGES = 2 ** 31 - 1;

async function copy(database: DatabaseSync, file: string): Promise<void> {
  try {
    await copyDatabase(database, file, { rate: ALL_PAGES });
    chmodSync(file, 0o600);
    sync(file, 'file');
  } catch (cause) {
    throw new BackupFailed(`${file} cannot be written: ${(cause as Error).message}.`, { cause });
  }
}

async function checked(
  options: BackupOptions,
  { log, vault }: { log: string; vault: string },
  masterKeys: VaultAccess['masterKeys'],
  expected: Expected,
) {
  const source = options.log.kind === 'sqlite' ? options.log.directory : null;
  const result = await readRestored({
    ...{ kind: kindOf(options), log, source, signal: options.signal },
    vault: { directory: vault, masterKeys },
    scratch: join(log, 'restored'),
  });
  const { copy, source: original = null } = 'exported' in expected ? { ...result, source: expected.exported } : result;
  const lacks = 'head' in expected && BigInt(copy.position ?? 0) < expected.head;
  if (original === null || lacks || !isSame(copy, original))
    throw new BackupFailed(
      `The copy is not the log: it has ${copy.events} events up to position ${copy.position}, and the log ` +
        `${lacks ? `goes on to ${expected.head}` : `has ${original?.events} up to there`}.`,
    );
  return result;
}

/** @returns how many bytes the copied log has */
async function describe(
  options: BackupOptions,
  { log, vault }: { log: string; vault: string },
  digest: Digest,
  made: number,
): Promise<number> {
  const file = join(log, fileOf(options));
  const { size: bytes } = statSync(file);
  using database = openVaultFile(options.vault.directory);
  const vaultId = Buffer.from(readMeta(database, 'id') ?? []).toString();
  const facts = { format: 1, kind: kindOf(options), made: new Date(made).toISOString(), ...digest } as const;
  const manifest: Manifest = { ...facts, sha256: await sha256Of(file), bytes, vaultId };
  writeFileSync(manifestFile(log), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
  for (const folder of [log, vault]) sync(folder, 'folder');
  return bytes;
}

function put(unfinished: string, made: string): void {
  renameSync(unfinished, made);
  sync(join(made, '..'), 'folder');
}
