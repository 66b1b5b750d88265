import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy, isNotADatabase } from './result-codes.ts';

/** Another process (or another store in this one) writes to the same DATA_DIR. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
  readonly directory: string;
  /** Process id of the holder; null when it has not said so yet. */
  readonly pid: number | null;
  constructor(directory: string, holder: Holder | null) {
    const who = holder === null ? 'Another process' : `Process ${holder.pid} on ${holder.host}`;
    super(`${who} already uses ${directory}. Stop it first, or start this one with another DATA_DIR.`);
    this.directory = directory;
    this.pid = holder?.pid ?? null;
  }
}

type Holder = { readonly pid: number; readonly host: string };

/**
 * Makes this store the only writer of a directory until the lock is disposed of or the process ends, however it ends:
 * the lock is one the operating system holds for SQLite on `lock.sqlite`, so none is left behind by a kill.
 * The file must never be opened by other means in this process: closing any handle of it would drop the lock (POSIX).
 * @throws {DataDirectoryInUse}
 */
export function lockDirectory(directory: string): Disposable {
  const note = join(directory, 'lock-holder.json');
  const file = join(directory, 'lock.sqlite');
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    writeNote(note);
  } catch (error) {
    database.close();
    if (isBusy(error)) throw new DataDirectoryInUse(directory, readNote(note));
    if (!isNotADatabase(error)) throw error;
    // Nothing is kept in it, and nobody can hold a lock on what is no database.
    rmSync(file);
    return lockDirectory(directory);
  }
  return {
    [Symbol.dispose]() {
      if (!database.isOpen) return;
      rmSync(note, { force: true });
      database.close();
    },
  };
}

/** Renamed into place, so that nobody reads half a note. */
function writeNote(note: string): void {
  const holder: Holder = { pid: process.pid, host: hostname() };
  writeFileSync(`${note}.new`, JSON.stringify(holder));
  renameSync(`${note}.new`, note);
}

function readNote(note: string): Holder | null {
  let text: string;
  try {
    text = readFileSync(note, 'utf8');
  } catch (error) {
    // The holder locks first and writes its note then.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { pid, host } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host } : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null; // no note of ours
    throw error;
  }
}
