import { primaryCode, sqliteCode } from '../event-store/sqlite-file.ts';
import { UnusableFile } from './model-file.ts';

/**
 * What to do about an error while folding or reading a file:
 * `passing`: try again later; `damaged`: throw the file away and fold afresh; `lasting`: the projection's own fault, trying again changes nothing.
 */
export type Fault = 'passing' | 'damaged' | 'lasting';

/** SQLite's primary result codes (https://sqlite.org/rescode.html): busy, locked, out of memory, read-only, I/O, full, cannot open, lock protocol. */
const PASSING = new Set([5, 6, 7, 8, 10, 13, 14, 15]);
/** Corrupt, not a database. */
const DAMAGED = new Set([11, 26]);
/** `SQLITE_READONLY_DBMOVED`: the file was deleted or renamed while open. */
const MOVED = 1032;

export function faultOf(error: unknown): Fault {
  if (error instanceof UnusableFile || sqliteCode(error) === MOVED || DAMAGED.has(primaryCode(error))) return 'damaged';
  return PASSING.has(primaryCode(error)) ? 'passing' : 'lasting';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
