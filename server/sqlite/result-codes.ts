/** What errors of node:sqlite mean, by SQLite's result codes (https://sqlite.org/rescode.html). */
const BUSY = 5;
const CORRUPT = 11;
const NOTADB = 26;
const CONSTRAINT_UNIQUE = 2067;
/** Busy, locked, out of memory, read-only, I/O error, full, cannot open, lock protocol. */
const PASSING = new Set([BUSY, 6, 7, 8, 10, 13, 14, 15]);

/** Extended result code; undefined for an error that is not SQLite's. */
export function extendedCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

/** The low byte of the extended code; 0 for an error that is not SQLite's. */
const primaryCode = (error: unknown): number => (extendedCode(error) ?? 0) & 0xff;

/** Another connection holds the lock. */
export const isBusy = (error: unknown): boolean => primaryCode(error) === BUSY;

/** Another connection's lock or the refusal of the disk or the machine: the next attempt may succeed. */
export const isPassing = (error: unknown): boolean => PASSING.has(primaryCode(error));

export const isNotADatabase = (error: unknown): boolean => primaryCode(error) === NOTADB;

/** The file cannot be read as a database, whole or in part. */
export const isDamaged = (error: unknown): boolean => primaryCode(error) === CORRUPT || isNotADatabase(error);

export const violatesUnique = (error: unknown): boolean => extendedCode(error) === CONSTRAINT_UNIQUE;
