import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Rows } from '../../projections/projection.ts';
import { quoted, type TableSchema } from './schema.ts';

type Value = string | number | null;
type Row = Record<string, unknown>;
type Key = string | number;
/** A row as it should be; undefined: deleted (`parts` is its key then) or known not to be there. */
type Entry = { row: Row | undefined; dirty: boolean; parts: readonly Key[] | undefined };

/** Rows kept in memory once they are flushed: up to twice as many, the recently used ones. */
const MOST_CACHED = 20_000;
/** Values handed to SQLite in one call: going back and forth costs as much as writing a small row. */
const VALUES_A_CALL = 120;

/** What a table needs of the file it is in. */
export type TableHost = {
  readonly database: DatabaseSync;
  /** Begins a transaction unless one is open; the file's checkpoint ends it. */
  begin(): void;
  /** True while indexes are left for the end. */
  readonly indexesLater: boolean;
};

/**
 * The rows of one table while events are folded. Writes stay in memory until `flush`, so that a row changed by a thousand events is
 * written once; a reader of the file sees them when the file commits.
 */
export class TableRows implements Rows<Row> {
  readonly #host: TableHost;
  readonly #schema: TableSchema;
  readonly #statements = new Map<string, StatementSync>();
  readonly #indexed = new Set<string>();
  #recent = new Map<Key, Entry>();
  #older = new Map<Key, Entry>();
  #dirty: Entry[] = [];
  #added: Row[] = [];
  /** Anything is not what it was at the last flush. */
  #changed = false;
  /** Every row of the table is cached: what is not found needs no query. */
  #complete: boolean;
  readonly #upsert: string;
  readonly #mostCached: number;
  readonly #rowsACall: number;

  constructor(host: TableHost, schema: TableSchema, mostCached = MOST_CACHED) {
    this.#host = host;
    this.#schema = schema;
    this.#mostCached = mostCached;
    this.#complete = this.#isEmpty();
    const { key, columns } = schema;
    this.#rowsACall = Math.max(1, Math.floor(VALUES_A_CALL / columns.length));
    const others = columns.filter((column) => !key.includes(column)).map(quoted);
    const update = others.map((column) => `${column} = excluded.${column}`).join(', ');
    if (key.length === 0) this.#upsert = '';
    else
      this.#upsert = ` ON CONFLICT (${key.map(quoted).join(', ')}) DO ${update ? `UPDATE SET ${update}` : 'NOTHING'}`;
  }

  get(...parts: readonly Key[]): Row | undefined {
    return this.#entry(parts)?.row;
  }

  put(row: Row): void {
    if (this.#schema.key.length === 0) throw new TypeError(`Table "${this.#schema.name}" has no key: use add.`);
    this.#change(this.#keyOf(row), row, undefined);
  }

  delete(...parts: readonly Key[]): void {
    this.#change(identity(parts), undefined, parts);
  }

  add(row: Row): void {
    if (this.#schema.key.length > 0) throw new TypeError(`Table "${this.#schema.name}" has a key: use put.`);
    // Written at once when there are enough for one call: rows that wait long are what the garbage collector works on.
    this.#changed = true;
    if (this.#added.push(row) < this.#rowsACall) return;
    this.#host.begin();
    this.#insert(this.#added);
    this.#added = [];
  }

  where(column: string, value: Key): readonly Row[] {
    this.#settle(column);
    const rows = this.#prepared(`SELECT * FROM ${this.#table} WHERE ${quoted(column)} = ?`).all(value);
    return rows.map((row) => this.#parsed(row));
  }

  replace(column: string, from: Key, to: Key): void {
    const affected = this.#schema.key.length > 0 ? this.where(column, from) : [];
    if (this.#schema.key.length === 0) this.#settle(column);
    this.#prepared(`UPDATE ${this.#table} SET ${quoted(column)} = ? WHERE ${quoted(column)} = ?`).run(to, from);
    this.#changed = true;
    for (const row of affected) {
      this.#forget(this.#keyOf(row));
      const changed = { ...row, [column]: to };
      this.#forget(this.#keyOf(changed));
      this.#recent.set(this.#keyOf(changed), { row: changed, dirty: false, parts: undefined });
    }
  }

  overwrite(column: string, value: Key, where: string, is: Key): void {
    if (this.#schema.key.length > 0) throw new TypeError(`Table "${this.#schema.name}" has a key: use put.`);
    this.#settle(where);
    this.#prepared(`UPDATE ${this.#table} SET ${quoted(column)} = ? WHERE ${quoted(where)} = ?`).run(value, is);
    this.#changed = true;
  }

  /** Writes what changed into the open transaction. @returns whether anything had changed */
  flush(): boolean {
    const changed = this.#changed;
    this.#write();
    this.#changed = false;
    if (this.#recent.size > this.#mostCached) {
      this.#complete = false;
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    return changed;
  }

  /** Forgets everything that is not in the file: its transaction was rolled back. */
  reset(): void {
    this.#recent.clear();
    this.#older.clear();
    this.#dirty = [];
    this.#added = [];
    this.#changed = false;
    this.#indexed.clear();
    this.#complete = false;
  }

  #write(): void {
    if (this.#dirty.length === 0 && this.#added.length === 0) return;
    this.#host.begin();
    const rows = this.#added;
    for (const entry of this.#dirty) {
      entry.dirty = false;
      if (entry.row) rows.push(entry.row);
      else if (entry.parts) this.#remove(entry.parts);
    }
    this.#insert(rows);
    this.#added = [];
    this.#dirty = [];
  }

  /** Makes the file tell the truth about a column, fast: what is in memory is written, and there is an index. */
  #settle(column: string): void {
    this.#host.begin();
    this.#write();
    if (this.#indexed.has(column) || this.#schema.key[0] === column) return;
    const index = this.#schema.indexes.find(({ first }) => first === column);
    if (!index) {
      throw new TypeError(
        `Rows of "${this.#schema.name}" cannot be found by "${column}": it begins neither the key nor an index.`,
      );
    }
    if (this.#host.indexesLater) this.#host.database.exec(index.create.replace('INDEX', 'INDEX IF NOT EXISTS'));
    this.#indexed.add(column);
  }

  #change(key: Key, row: Row | undefined, parts: readonly Key[] | undefined): void {
    let entry = this.#cached(key);
    if (!entry) this.#recent.set(key, (entry = { row, dirty: false, parts }));
    entry.row = row;
    entry.parts = parts;
    this.#changed = true;
    if (entry.dirty) return;
    entry.dirty = true;
    this.#dirty.push(entry);
  }

  #entry(parts: readonly Key[]): Entry | undefined {
    const key = identity(parts);
    const cached = this.#cached(key);
    if (cached || this.#complete) return cached;
    const conditions = this.#schema.key.map((column) => `${quoted(column)} = ?`).join(' AND ');
    const row = this.#prepared(`SELECT * FROM ${this.#table} WHERE ${conditions}`).get(...parts);
    const entry = { row: row && this.#parsed(row), dirty: false, parts: undefined };
    this.#recent.set(key, entry);
    return entry;
  }

  #cached(key: Key): Entry | undefined {
    const recent = this.#recent.get(key);
    if (recent) return recent;
    const older = this.#older.get(key);
    if (older) this.#recent.set(key, older);
    return older;
  }

  #forget(key: Key): void {
    this.#recent.delete(key);
    this.#older.delete(key);
  }

  #insert(rows: readonly Row[]): void {
    let from = 0;
    for (const size of [this.#rowsACall, 1]) {
      if (from + size > rows.length) continue;
      const insertion = this.#insertion(size);
      for (; from + size <= rows.length; from += size) {
        const values: Value[] = [];
        for (let index = from; index < from + size; index += 1) this.#pushValues(values, rows[index] ?? {});
        insertion.run(...values);
      }
    }
  }

  #pushValues(values: Value[], row: Row): void {
    for (const column of this.#schema.columns) {
      const value = row[column];
      values.push(this.#schema.json.has(column) ? JSON.stringify(value) : (value as Value));
    }
  }

  #insertion(rows: number): StatementSync {
    const { columns } = this.#schema;
    const one = `(${columns.map(() => '?').join(', ')})`;
    const all = new Array<string>(rows).fill(one).join(', ');
    const names = columns.map(quoted).join(', ');
    return this.#prepared(`INSERT INTO ${this.#table} (${names}) VALUES ${all}${this.#upsert}`);
  }

  #remove(parts: readonly Key[]): void {
    const conditions = this.#schema.key.map((column) => `${quoted(column)} = ?`).join(' AND ');
    this.#prepared(`DELETE FROM ${this.#table} WHERE ${conditions}`).run(...parts);
  }

  #parsed(row: Row): Row {
    for (const column of this.#schema.json) row[column] = JSON.parse(row[column] as string);
    return row;
  }

  #keyOf(row: Row): Key {
    const { key } = this.#schema;
    const [only] = key;
    return key.length === 1 && only !== undefined
      ? (row[only] as Key)
      : identity(key.map((column) => row[column] as Key));
  }

  #isEmpty(): boolean {
    return this.#prepared(`SELECT 1 FROM ${this.#table} LIMIT 1`).get() === undefined;
  }

  #prepared(sql: string): StatementSync {
    return this.#statements.getOrInsertComputed(sql, () => this.#host.database.prepare(sql));
  }

  get #table(): string {
    return quoted(this.#schema.name);
  }
}

/** One value for a key of any length. Lengths keep ('a', 'bc') and ('ab', 'c') apart. */
function identity(parts: readonly Key[]): Key {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  let key = '';
  for (const part of parts) {
    const text = String(part);
    key += `${text.length}:${text}`;
  }
  return key;
}
