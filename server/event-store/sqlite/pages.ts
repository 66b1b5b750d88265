import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventFilter, JsonObject, RecordedEvent } from '../event-store.ts';

/** Rows fetched at once. More is no faster, and the thread is busy for under a millisecond with these. */
const MOST_ROWS = 512;
/** Characters of JSON fetched at once: rows become fewer where events are large. */
const MOST_CHARACTERS = 4_000_000;
/** Positions looked through at once for events that match a filter: 6 million a second, so some milliseconds at most. */
const WINDOW = 10_000;
/** Metadata up to this length is parsed once for a run of events that share it, as most do. */
const SHARED_METADATA = 64;

/** Columns in the order of `COLUMNS`; rows as arrays cost a third less than rows as objects. */
type Row = [position: number, stream: string, revision: number, recordedAt: number, ...texts: RowTexts];
type RowTexts = [id: string, type: string, data: string, metadata: string];

const COLUMNS = 'e.position, s.name, e.revision, e.recorded_at, e.id, e.type, e.data, e.metadata';
/** CROSS JOIN keeps the order of the loops (https://sqlite.org/optoverview.html#crossjoin): events first, by position. */
const FROM = 'FROM events e CROSS JOIN streams s ON s.no = e.stream';

/** Positions after `after`, up to and with `through`. */
export type PositionRange = { readonly after: number; readonly through: number };
/** Revisions from `first` to `last`, both inclusive. */
export type RevisionRange = { readonly first: number; readonly last: number };
/** `rest`: the part of the range that is still to be read. */
export type Page = { readonly events: readonly RecordedEvent[]; readonly rest: PositionRange };

/** Pages of the log, each one short synchronous read. */
export class LogPages {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #head: StatementSync;
  #rows = 64;
  #metadataText = '';
  #metadata: JsonObject = {};

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#head = database.prepare('SELECT max(position) FROM events', { returnArrays: true });
  }

  /** Position of the last event; 0 for an empty log. */
  head(): number {
    const row = this.#head.get() as unknown as [number | null];
    return row[0] ?? 0;
  }

  /** The next events of a stream; none when the range is empty. */
  ofStream(no: number, range: RevisionRange, backwards: boolean, most: number): RecordedEvent[] {
    const order = backwards ? 'DESC' : 'ASC';
    const statement = this.#statement(
      `SELECT ${COLUMNS} ${FROM} WHERE e.stream = ? AND e.revision BETWEEN ? AND ? ORDER BY e.revision ${order} LIMIT ?`,
    );
    return this.#events(statement.all(no, range.first, range.last, Math.min(most, this.#rows)));
  }

  /** The next events of all streams that match. A page may be empty although `rest` is not: see WINDOW. */
  ofAll(range: PositionRange, backwards: boolean, filter: EventFilter | undefined, most: number): Page {
    const window = filter === undefined ? range : windowOf(range, backwards);
    const { sql, values } = conditionOf(filter);
    const statement = this.#statement(
      `SELECT ${COLUMNS} ${FROM} WHERE e.position > ? AND e.position <= ? AND ${sql}
       ORDER BY e.position ${backwards ? 'DESC' : 'ASC'} LIMIT ?`,
    );
    const limit = Math.min(most, this.#rows);
    const events = this.#events(statement.all(window.after, window.through, ...values, limit));
    const last = events.length === limit ? events.at(-1) : undefined;
    if (backwards) return { events, rest: { ...range, through: last ? Number(last.position) - 1 : window.after } };
    return { events, rest: { ...range, after: last ? Number(last.position) : window.through } };
  }

  #statement(sql: string): StatementSync {
    return this.#statements.getOrInsertComputed(sql, () => this.#database.prepare(sql, { returnArrays: true }));
  }

  #events(rows: unknown[]): RecordedEvent[] {
    const events = (rows as Row[]).map((row) => this.#event(row));
    const characters = (rows as Row[]).reduce((sum, row) => sum + row[6].length + row[7].length, 0);
    this.#rows = characters > MOST_CHARACTERS ? Math.max(1, this.#rows >> 3) : Math.min(MOST_ROWS, this.#rows * 2);
    return events;
  }

  #event([position, stream, revision, recordedAt, id, type, data, metadata]: Row): RecordedEvent {
    return {
      id,
      type,
      data: parsed(data, position, stream),
      metadata: this.#parsedMetadata(metadata),
      stream,
      revision: BigInt(revision),
      position: BigInt(position),
      recordedAt,
    };
  }

  #parsedMetadata(text: string): JsonObject {
    if (text === this.#metadataText) return this.#metadata;
    const metadata = Object.freeze(JSON.parse(text) as JsonObject);
    if (text.length <= SHARED_METADATA) {
      this.#metadataText = text;
      this.#metadata = metadata;
    }
    return metadata;
  }
}

const windowOf = ({ after, through }: PositionRange, backwards: boolean): PositionRange =>
  backwards
    ? { after: Math.max(after, through - WINDOW), through }
    : { after, through: Math.min(through, after + WINDOW) };

function conditionOf(filter: EventFilter | undefined): { readonly sql: string; readonly values: readonly string[] } {
  if (filter === undefined) return { sql: 'TRUE', values: [] };
  const [column, prefixes] =
    'streamPrefixes' in filter ? ['s.name', filter.streamPrefixes] : ['e.type', filter.typePrefixes];
  const ranges = prefixes.map((prefix) => ({ from: prefix, below: firstBehind(prefix) }));
  // `+` keeps the ranges off the indexes: the order of positions is what the scan is for.
  const sql = ranges.map(({ below }) => `(+${column} >= ?${below === undefined ? '' : ` AND +${column} < ?`})`);
  return {
    sql: sql.length === 0 ? 'FALSE' : `(${sql.join(' OR ')})`,
    values: ranges.flatMap(({ from, below }) => (below === undefined ? [from] : [from, below])),
  };
}

/** The first text behind all that begin with `prefix`, in SQLite's order (of UTF-8 bytes); undefined: there is none. */
function firstBehind(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // The surrogates' range holds no characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

function parsed(text: string, position: number, stream: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw new Error(`The event at position ${position} (${stream}) is damaged: restore the log from a backup.`, {
      cause: error,
    });
  }
}
