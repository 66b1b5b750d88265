import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What a backup says of itself, in `manifest.json` beside it. Positions are text, since they are 64 bit. */
const manifestSchema = z.object({
  format: z.literal(1),
  /** `sqlite`: a copy of the embedded log's file; `ndjson`: the events of a log elsewhere, one a line. */
  kind: z.enum(['sqlite', 'ndjson']),
  made: z.iso.datetime(),
  events: z.int(),
  /** Of the last event; null: there is none. */
  position: z.string().nullable(),
  /** Over all events, in order: two logs with the same one tell the same. */
  checksum: z.string(),
  /** SHA-256 of the file, in hexadecimal. */
  sha256: z.string(),
  bytes: z.int(),
  /** The vault that the log says it is sealed with. */
  vaultId: z.string(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A backup is not made, not found, or not what it was; the message says why. */
export class BackupFailed extends Error {
  override readonly name = 'BackupFailed';
}

/** Logs and vaults have folders of their own, so that either can be kept elsewhere, and for another time (docs/adr/0009). */
export const logBackups = (directory: string): string => join(directory, 'log');
export const vaultBackups = (directory: string): string => join(directory, 'vault');
export const LOG_FILES: Readonly<Record<Manifest['kind'], string>> = {
  sqlite: 'events.sqlite',
  ndjson: 'events.ndjson',
};
const MANIFEST = 'manifest.json';

/** Names a backup by when it was made, so that names sort by age. Colons are no part of file names everywhere. */
export const nameOf = (instant: number): string => new Date(instant).toISOString().replaceAll(':', '-');
const NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/;
/** Half a backup, which is none: whoever makes the next one removes it. */
export const UNFINISHED = '.unfinished-';

/** Names of the backups in a folder, the oldest first. */
export const listBackups = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => NAME.test(name))
        .toSorted()
    : [];

/**
 * Keeps the newest ones, at least one.
 * @param days also the last of each of so many days: whoever makes one after the other cannot make all from before go
 * @returns the names of those removed
 */
export function removeOld(folder: string, keep: number, days = 0): string[] {
  const all = listBackups(folder);
  const lastOfDays = new Map(all.map((name) => [name.slice(0, 'yyyy-mm-dd'.length), name]));
  const kept = new Set([...newest(all, Math.max(1, keep)), ...newest([...lastOfDays.values()], days)]);
  const old = all.filter((name) => !kept.has(name));
  for (const name of old) {
    // Renamed first: broken off, it looks like none and not like a good one.
    renameSync(join(folder, name), join(folder, UNFINISHED + name));
    rmSync(join(folder, UNFINISHED + name), { recursive: true });
  }
  return old;
}

const newest = (names: readonly string[], most: number) => names.slice(Math.max(0, names.length - most));

export function removeUnfinished(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (name.startsWith(UNFINISHED)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** @throws {BackupFailed} */
export function readManifest(backup: string): Manifest {
  const file = join(backup, MANIFEST);
  if (!existsSync(file)) throw new BackupFailed(`${backup} is no backup of an event log: it has no ${MANIFEST}.`);
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new BackupFailed(`${file} cannot be read: it is damaged, or of a newer Almanac.`, { cause });
  }
}

export const manifestFile = (backup: string): string => join(backup, MANIFEST);

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** On the disk when this returns. Windows syncs no folders. */
export function sync(path: string, kind: 'file' | 'folder'): void {
  if (kind === 'folder' && process.platform === 'win32') return;
  const descriptor = openSync(path, kind === 'file' ? 'r+' : 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The backup meant by a path: itself, or the newest in a folder of backups.
 * @throws {BackupFailed} when there is none
 */
export function backupAt(path: string): string {
  if (existsSync(manifestFile(path))) return path;
  for (const folder of [path, logBackups(path)]) {
    const newest = listBackups(folder).at(-1);
    if (newest !== undefined) return join(folder, newest);
  }
  throw new BackupFailed(`There is no backup of an event log at ${path}.`);
}
