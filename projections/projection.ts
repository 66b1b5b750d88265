import type { EventType, Recorded } from '../domain/event-registry.ts';

/** `JSON` columns hold any JSON value and are parsed when read; `INTEGER` is a JS number; ` NULL` where null is allowed. */
export type ColumnType = 'TEXT' | 'INTEGER' | 'JSON' | 'TEXT NULL' | 'INTEGER NULL';

export type TableDefinition<Row extends object> = {
  readonly columns: { readonly [Column in keyof Row & string]: ColumnType };
  /** Primary key. An empty list makes an append-only table (`rows.add`), read by its indexes. */
  readonly key: readonly (keyof Row & string)[];
  readonly indexes?: readonly (readonly (keyof Row & string)[])[];
};

/** Declares a table and the type of its rows: `table<MemberRow>({ key: ['member_id'], columns: {…} })`. */
export const table = <Row extends object>(definition: TableDefinition<Row>): TableDefinition<Row> => definition;

/** A table while events are folded: reads go through a write-behind cache, writes are flushed with the checkpoint in one transaction. */
export interface Rows<Row extends object> {
  /** The row with this key (values in the order of `key`), or undefined. It is not to be changed in place: `put` a changed copy. */
  get(...key: readonly (string | number)[]): Readonly<Row> | undefined;
  /** Inserts or replaces the row with its key. */
  put(row: Row): void;
  delete(...key: readonly (string | number)[]): void;
  /** Append-only tables: one more row. */
  add(row: Row): void;
  /** All rows where a column has a value; the first column of an index or of the key. Flushes first: for rare events only. */
  where(column: keyof Row & string, value: string | number): readonly Readonly<Row>[];
  /**
   * Gives a column another value in every row that has `from`; the first column of an index or of the key. Keys must not
   * collide. Flushes first: for rare events only.
   */
  replace(column: keyof Row & string, from: string | number, to: string | number): void;
  /**
   * Append-only tables: gives a column this value in every row that has the value given in another one, which is the first of an
   * index. Flushes first: for rare events only.
   */
  overwrite(column: keyof Row & string, value: string | number, where: keyof Row & string, is: string | number): void;
}

type RowsOf<Tables> = {
  readonly [Name in keyof Tables]: Tables[Name] extends TableDefinition<infer Row> ? Rows<Row> : never;
};

export type Projection<Tables> = {
  /** kebab-case; names the file the rows live in. */
  readonly name: string;
  /** Raise it when handlers change what they write: rows of another version are thrown away and folded afresh. */
  readonly version: number;
  readonly tables: Tables;
  /** Handlers are pure but for `rows`: no clock, no randomness, no I/O. They never throw. */
  readonly on: { readonly [Type in EventType]?: (event: Recorded<Type>, rows: RowsOf<Tables>) => void };
};

/** Any projection, whatever its tables: what the engine folds. */
export type AnyProjection = {
  readonly name: string;
  readonly version: number;
  readonly tables: Readonly<Record<string, TableDefinition<Record<string, unknown>>>>;
  readonly on: { readonly [Type in EventType]?: (event: never, rows: never) => void };
};

/** Declares a read model: its tables and what each event does to them. */
export const defineProjection = <const Tables>(projection: Projection<Tables>): Projection<Tables> => projection;

/** What a query sees of one read model's file: read-only SQL, JSON columns as text. Statements are prepared once and kept. */
export interface ReadModel {
  /** Position of the last event folded in; null before the first. */
  readonly position: bigint | null;
  /** Counts the files read so far: another file may hold other rows at the same position. */
  readonly generation: number;
  all<Row>(sql: string, ...values: readonly (string | number | null)[]): Row[];
  get<Row>(sql: string, ...values: readonly (string | number | null)[]): Row | undefined;
}
