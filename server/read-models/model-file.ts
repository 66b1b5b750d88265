import { statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { AnyProjection } from '../../projections/projection.ts';
import { META_TABLE, schemaOf, type TableSchema } from './schema.ts';
import type { TableHost } from './table-rows.ts';

/** How far a file has come. `previous` and `eventId` prove that it was folded from this very log: see `Folding.belongsTo`. */
export type Checkpoint = {
  /** The last event folded in; null before the first. */
  readonly position: bigint | null;
  readonly eventId: string | null;
  /** The event before that one. */
  readonly previous: bigint | null;
  /** How many events were folded in. */
  readonly events: number;
};

/** The file is not what this projection's code reads and writes; it is thrown away and folded afresh. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
}

/** How long a statement waits for another connection; such locks last microseconds. Longer ones are retried with the batch. */
const LOCK_WAIT_MS = 250;
const CREATE_META = `CREATE TABLE ${META_TABLE} (projection TEXT NOT NULL, version INTEGER NOT NULL, position INTEGER, previous INTEGER, event_id TEXT, events INTEGER NOT NULL) STRICT`;

/** What is deleted is overwritten, so that nothing is left of somebody erased. Losing the last commits in a power cut costs a little folding; a torn file would cost a rebuild. */
const SERVING = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 16777216; PRAGMA secure_delete = ON`;
/** Nothing is in a new file that would have to outlast a power cut: where it is torn, it is created again. Waiting for the disk was most of a first start. */
const CREATING = `PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL`;
/** Nobody reads a file being built and a broken one is thrown away: no journal, and one transaction for all of it. */
const BUILDING = `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536; PRAGMA secure_delete = ON`;

/** One generation of one read model: rows and checkpoint, committed together. Owned by the one thread that folds it. */
export class ModelFile implements TableHost {
  readonly database: DatabaseSync;
  readonly path: string;
  readonly tables: readonly TableSchema[];
  #indexesLater: boolean;
  #checkpoint: Checkpoint;
  readonly #advance: StatementSync;
  readonly #inode: bigint | undefined;
  readonly #journalInode: bigint | undefined;

  private constructor(path: string, database: DatabaseSync, projection: AnyProjection, indexesLater: boolean) {
    this.path = path;
    this.database = database;
    this.#indexesLater = indexesLater;
    this.tables = schemaOf(projection);
    this.#checkpoint = readCheckpoint(database);
    this.#inode = inodeOf(path);
    this.#journalInode = inodeOf(journalOf(path));
    this.#advance = database.prepare(
      `UPDATE ${META_TABLE} SET position = ?, previous = ?, event_id = ?, events = ? WHERE position IS ?`,
    );
  }

  /** A new file that is read while it grows. */
  static create(path: string, projection: AnyProjection): ModelFile {
    return ModelFile.#opened(path, (database) => {
      database.exec(CREATING);
      createTables(database, projection);
      database.exec(SERVING);
      return new ModelFile(path, database, projection, false);
    }).#withIndexes();
  }

  /** A new file nobody reads before `finish`. */
  static build(path: string, projection: AnyProjection): ModelFile {
    return ModelFile.#opened(path, (database) => {
      database.exec(BUILDING);
      createTables(database, projection);
      return new ModelFile(path, database, projection, true);
    });
  }

  /** @throws {UnusableFile} foreign, of another version, with other tables; an SQLite error when it is damaged */
  static open(path: string, projection: AnyProjection): ModelFile {
    return ModelFile.#opened(path, (database) => {
      verify(database, projection);
      database.exec(SERVING);
      return new ModelFile(path, database, projection, false);
    });
  }

  static #opened(path: string, prepare: (database: DatabaseSync) => ModelFile): ModelFile {
    const database = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
    try {
      return prepare(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  get indexesLater(): boolean {
    return this.#indexesLater;
  }

  begin(): void {
    if (!this.database.isTransaction) this.database.exec('BEGIN IMMEDIATE');
  }

  /** Rows and checkpoint become visible and lasting together. A file being built commits only when it is finished. */
  commit(checkpoint: Checkpoint): void {
    this.begin();
    const { position, previous, eventId, events } = checkpoint;
    const { changes } = this.#advance.run(position, previous, eventId, events, this.#checkpoint.position);
    if (changes !== 1) throw new UnusableFile(`Somebody else has written to ${this.path}.`);
    if (!this.#indexesLater) this.database.exec('COMMIT');
    this.#checkpoint = checkpoint;
  }

  rollback(): void {
    if (this.database.isOpen && this.database.isTransaction) this.database.exec('ROLLBACK');
  }

  /** Ends building: the indexes, and the one commit. */
  finish(): void {
    this.#withIndexes();
    if (this.database.isTransaction) this.database.exec('COMMIT');
  }

  #withIndexes(): this {
    for (const { indexes } of this.tables)
      for (const { create } of indexes) this.database.exec(create.replace('INDEX', 'INDEX IF NOT EXISTS'));
    this.#indexesLater = false;
    return this;
  }

  /** Reads every page. @throws {UnusableFile} or an SQLite error */
  check(): void {
    const answer = this.database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (answer !== 'ok') throw new UnusableFile(`The file is damaged: ${String(answer)}`);
  }

  /** Somebody deleted or replaced the file or its journal; this connection goes on with what nobody else can find. */
  isLost(): boolean {
    return inodeOf(this.path) !== this.#inode || inodeOf(journalOf(this.path)) !== this.#journalInode;
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
  }
}

const journalOf = (path: string) => `${path}-wal`;
const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;

function createTables(database: DatabaseSync, projection: AnyProjection): void {
  database.exec('BEGIN IMMEDIATE');
  for (const { create } of schemaOf(projection)) database.exec(create);
  database.exec(CREATE_META);
  const insert = database.prepare(`INSERT INTO ${META_TABLE} VALUES (?, ?, NULL, NULL, NULL, 0)`);
  insert.run(projection.name, projection.version);
  database.exec('COMMIT');
}

function readCheckpoint(database: DatabaseSync): Checkpoint {
  const statement = database.prepare(`SELECT position, previous, event_id, events FROM ${META_TABLE}`);
  statement.setReadBigInts(true);
  const row = statement.get() as {
    position: bigint | null;
    previous: bigint | null;
    event_id: string | null;
    events: bigint;
  };
  return { position: row.position, previous: row.previous, eventId: row.event_id, events: Number(row.events) };
}

function verify(database: DatabaseSync, projection: AnyProjection): void {
  const expected = [CREATE_META, ...schemaOf(projection).flatMap(statementsOf)];
  const found = database.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').all();
  const statements = new Set(found.map(({ sql }) => sql));
  if (statements.size !== expected.length || expected.some((statement) => !statements.has(statement)))
    throw new UnusableFile('Its tables are not those this version of Almanac works with.');
  const of = database.prepare(`SELECT projection, version FROM ${META_TABLE}`).get();
  if (of?.['projection'] !== projection.name || of['version'] !== projection.version)
    throw new UnusableFile(
      `It holds ${String(of?.['projection'])} v${String(of?.['version'])}, not ${projection.name} v${projection.version}.`,
    );
}

const statementsOf = ({ create, indexes }: TableSchema) => [create, ...indexes.map((index) => index.create)];
