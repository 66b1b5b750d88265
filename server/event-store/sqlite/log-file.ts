import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { extendedCode, isDamaged, isNotADatabase } from '../../sqlite/result-codes.ts';
import { StoreUnavailable } from '../event-store.ts';

/** What the file says of itself (`PRAGMA application_id`): "Alma" in ASCII. */
const APPLICATION_ID = 0x416c6d61;
const SCHEMA_VERSION = 1;

/** How long a statement waits for another connection's lock; such locks last microseconds (opening, closing, recovery). */
const LOCK_WAIT_MS = 5_000;

/**
 * Events name their stream by number: half the index bytes and half the CPU of an insert with the name.
 * `position` is never reused, though not AUTOINCREMENT, because no event is ever removed.
 * `visible_from` is the first revision readers of the stream see; behind the last revision means: soft-deleted.
 */
const SCHEMA = `
  CREATE TABLE streams (
    no INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    visible_from INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_revision ON events (stream, revision);
  CREATE UNIQUE INDEX events_by_id ON events (stream, id);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** A stream's number, its first visible revision and its last one (null: none), by name. */
export const STREAM_BY_NAME =
  'SELECT no, visible_from, (SELECT max(revision) FROM events WHERE stream = no) FROM streams WHERE name = ?';

/** The file is no event log of Almanac, is damaged, or comes from a newer Almanac. Nothing was changed in it. */
export class UnreadableEventLog extends Error {
  override readonly name = 'UnreadableEventLog';
  readonly file: string;
  constructor(file: string, what: string, options?: ErrorOptions) {
    super(`The event log ${file} ${what}`, options);
    this.file = file;
  }
}

/** Where the embedded store keeps its events inside `DATA_DIR`. */
export const eventLogFile = (directory: string): string => join(directory, 'events.sqlite');

/** The only connection that writes. Every commit is on the disk before it answers. */
export function openForWriting(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
  // fullfsync matters on macOS only, where a plain fsync leaves data in the drive's cache.
  // The page cache holds the upper part of the indexes of some million events.
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA cache_size = -32768;
    PRAGMA journal_size_limit = 67108864;
  `);
  return database;
}

/** @throws {StoreUnavailable} when there is no log yet @throws {UnreadableEventLog} */
export function openForReading(file: string): DatabaseSync {
  const missing = new StoreUnavailable(`There is no event log at ${file} yet: start Almanac once.`);
  if (!existsSync(file)) throw missing;
  return opened(
    file,
    () => new DatabaseSync(file, { readOnly: true, timeout: LOCK_WAIT_MS }),
    (connection) => {
      if (isEmpty(connection)) throw missing;
      verify(connection, file);
    },
  );
}

/**
 * Creates the log when there is none, and makes sure that it is one otherwise.
 * @throws {UnreadableEventLog} @throws {StoreUnavailable} when the disk refuses
 */
export function prepareLog(file: string): void {
  const database = opened(
    file,
    () => openForWriting(file),
    (connection) => {
      if (isEmpty(connection)) create(connection);
      verify(connection, file);
    },
  );
  database.close();
}

function opened(file: string, open: () => DatabaseSync, check: (database: DatabaseSync) => void): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = open();
    check(database);
    return database;
  } catch (error) {
    database?.close();
    throw explained(file, error);
  }
}

function explained(file: string, error: unknown): unknown {
  if (error instanceof UnreadableEventLog || extendedCode(error) === undefined) return error;
  if (isNotADatabase(error)) {
    return new UnreadableEventLog(file, 'is not a SQLite database. Move it away or choose another DATA_DIR.', {
      cause: error,
    });
  }
  if (isDamaged(error)) {
    return new UnreadableEventLog(file, 'is damaged. Restore it from a backup.', { cause: error });
  }
  return new StoreUnavailable(`The event log ${file} cannot be opened: ${(error as Error).message}.`, { cause: error });
}

const pragma = (database: DatabaseSync, name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name];

const isEmpty = (database: DatabaseSync): boolean =>
  pragma(database, 'application_id') === 0 &&
  pragma(database, 'user_version') === 0 &&
  database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;

function create(database: DatabaseSync): void {
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
}

/** Cheap on purpose (both ends of the log, not all of it): a start must not take minutes. */
function verify(database: DatabaseSync, file: string): void {
  if (pragma(database, 'application_id') !== APPLICATION_ID) {
    throw new UnreadableEventLog(file, 'belongs to another program. Choose another DATA_DIR.');
  }
  const version = pragma(database, 'user_version');
  if (version !== SCHEMA_VERSION) {
    throw new UnreadableEventLog(
      file,
      `has schema version ${String(version)}; this Almanac knows version ${SCHEMA_VERSION}. Start the Almanac that wrote it, or a newer one.`,
    );
  }
  for (const order of ['ASC', 'DESC']) {
    database.prepare(`SELECT * FROM events ORDER BY position ${order} LIMIT 1`).get();
    database
      .prepare(`SELECT stream, revision, id FROM events ORDER BY stream ${order}, revision ${order} LIMIT 1`)
      .get();
    database.prepare(`SELECT * FROM streams ORDER BY name ${order} LIMIT 1`).get();
  }
}
