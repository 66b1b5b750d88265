import { renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isDamaged } from './result-codes.ts';

type Options = {
  /** `CREATE TABLE IF NOT EXISTS …` */
  readonly schema: string;
  readonly readBigInts?: boolean;
  /** A damaged file was put aside, and a new one takes its place. */
  readonly onDamage?: (error: Error) => void;
};

/**
 * Opens a file that only remembers what would otherwise be done again: how far something was read or handled. A damaged one is put
 * aside as `….damaged`.
 * @throws an SQLite error that is not about damage: no room, no permission
 */
export function openDisposableFile(path: string, { onDamage, ...options }: Options): DatabaseSync {
  try {
    return checked(path, options);
  } catch (error) {
    if (!(error instanceof Error) || !isDamaged(error)) throw error;
    renameSync(path, `${path}.damaged`);
    onDamage?.(error);
    return checked(path, options);
  }
}

function checked(path: string, { schema, readBigInts = false }: Omit<Options, 'onDamage'>): DatabaseSync {
  const database = new DatabaseSync(path, { readBigInts, timeout: 5_000 });
  try {
    // NORMAL: a power cut may take back the last rows, and what follows them is done once more.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    database.exec(schema);
    const [check] = database.prepare('PRAGMA quick_check(1)').all();
    if (check?.['quick_check'] !== 'ok')
      throw Object.assign(new Error(`quick_check of ${path}: ${String(check?.['quick_check'])}`), { errcode: 11 });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
