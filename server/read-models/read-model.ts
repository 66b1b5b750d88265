import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { ReadModel } from '../../projections/projection.ts';
import { faultOf, messageOf } from './faults.ts';
import { META_TABLE } from './schema.ts';

/** A read model cannot be queried now; it is being folded afresh. The caller may try again soon. */
export class ReadModelUnavailable extends Error {
  override readonly name = 'ReadModelUnavailable';
}

/** Statements kept prepared. Queries have few texts; lists of placeholders make some more. */
const MOST_STATEMENTS = 200;
const LOCK_WAIT_MS = 250;

type Value = string | number | null;

/** Read-only queries on a file that others write, and whose place a newer file may take between two queries. */
export class FileReadModel implements ReadModel {
  readonly #name: string;
  readonly #damaged: (path: string, reason: string) => void;
  #database: DatabaseSync | undefined;
  #statements = new Map<string, StatementSync>();
  #path: string | null = null;
  position: bigint | null = null;
  generation = 0;

  /** @param damaged is told when a query found the file damaged */
  constructor(name: string, damaged: (path: string, reason: string) => void) {
    this.#name = name;
    this.#damaged = damaged;
  }

  get path(): string | null {
    return this.#path;
  }

  /** From the next query on this file is read. @returns milliseconds it took */
  use(path: string, position: bigint | null): number {
    const began = performance.now();
    if (path !== this.#path) {
      const database = new DatabaseSync(path, { readOnly: true, timeout: LOCK_WAIT_MS });
      try {
        // The first statement opens the journal and reads the schema: now, not when somebody waits.
        database.prepare(`SELECT position FROM ${META_TABLE}`).get();
      } catch (error) {
        database.close();
        throw error;
      }
      this.close();
      this.#database = database;
      this.#path = path;
      this.generation += 1;
    }
    this.position = position;
    return performance.now() - began;
  }

  all<Row>(sql: string, ...values: readonly Value[]): Row[] {
    return this.#query(() => this.#prepared(sql).all(...values)) as Row[];
  }

  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#query(() => this.#prepared(sql).get(...values)) as Row | undefined;
  }

  #query<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      const fault = faultOf(error);
      if (fault === 'lasting') throw error;
      if (fault === 'damaged' && this.#path !== null) this.#damaged(this.#path, messageOf(error));
      throw new ReadModelUnavailable(`The read model "${this.#name}" cannot be read just now: ${messageOf(error)}.`, {
        cause: error,
      });
    }
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    if (!this.#database) throw new ReadModelUnavailable(`The read model "${this.#name}" is not open.`);
    const statement = this.#database.prepare(sql);
    if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear();
    this.#statements.set(sql, statement);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    this.#database?.close();
    this.#database = undefined;
    this.#path = null;
  }
}
