import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ExpectedRevision } from '../event-store.ts';
import { violatesUnique } from '../../sqlite/result-codes.ts';
import { STREAM_BY_NAME } from './log-file.ts';

/** An event with its JSON already written: strings cross to the writer's thread at a fraction of the cost of objects. */
export type SerialisedEvent = {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
};

export type WriteRequest =
  | {
      readonly kind: 'append';
      readonly stream: string;
      readonly expected: ExpectedRevision;
      readonly recordedAt: number;
      readonly events: readonly SerialisedEvent[];
    }
  | { readonly kind: 'delete'; readonly stream: string; readonly expected: ExpectedRevision };

/** `refused`: the writer believed something else of the stream; `actual` null: it was never written. */
export type WriteAnswer =
  | { readonly kind: 'appended'; readonly revision: number; readonly position: number }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'refused'; readonly actual: number | null };

/** `last` is -1 for a stream never written; the stream exists for readers when `last >= visibleFrom`. */
type StreamState = { readonly no: number; readonly last: number; readonly visibleFrom: number };
type Place = { readonly revision: number; readonly position: number };

const NEVER_WRITTEN: StreamState = { no: 0, last: -1, visibleFrom: 0 };

/** Decides and writes requests, several in one transaction. Synchronous; the thread that calls it is the only writer. */
export class LogTransactions {
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #stream: StatementSync;
  readonly #addStream: StatementSync;
  readonly #addEvent: StatementSync;
  readonly #hide: StatementSync;
  readonly #head: StatementSync;
  readonly #undo: StatementSync;
  readonly #placeOf: StatementSync;
  readonly #idsFrom: StatementSync;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => database.prepare(sql, { returnArrays: true });
    this.#database = database;
    this.#begin = prepare('BEGIN IMMEDIATE');
    this.#commit = prepare('COMMIT');
    this.#stream = prepare(STREAM_BY_NAME);
    this.#addStream = prepare('INSERT INTO streams (name) VALUES (?)');
    this.#addEvent = prepare(
      'INSERT INTO events (stream, revision, recorded_at, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#hide = prepare('UPDATE streams SET visible_from = ? WHERE no = ?');
    this.#head = prepare('SELECT max(position) FROM events');
    this.#undo = prepare('DELETE FROM events WHERE position > ?');
    this.#placeOf = prepare('SELECT revision FROM events WHERE stream = ? AND id = ?');
    this.#idsFrom = prepare(
      'SELECT id, position FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?',
    );
  }

  /** All answers, once they are on the disk; or nothing was written and it throws. */
  run(requests: readonly WriteRequest[]): WriteAnswer[] {
    this.#begin.run();
    try {
      const answers = requests.map((request) => this.#answer(request));
      this.#commit.run();
      return answers;
    } catch (error) {
      // After some errors (a full disk) SQLite has rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #answer(request: WriteRequest): WriteAnswer {
    const state = this.#stateOf(request.stream);
    const believed = holds(request.expected, state);
    if (request.kind === 'append') return this.#append(request, state, believed);
    if (state.last < 0 || !believed) return refused(state);
    this.#hide.run(state.last + 1, state.no);
    return { kind: 'deleted' };
  }

  #stateOf(stream: string): StreamState {
    const row = this.#stream.get(stream) as unknown as [number, number, number | null] | undefined;
    return row === undefined ? NEVER_WRITTEN : { no: row[0], visibleFrom: row[1], last: row[2] ?? -1 };
  }

  #append(request: Extract<WriteRequest, { kind: 'append' }>, state: StreamState, believed: boolean): WriteAnswer {
    const { expected, events, stream, recordedAt } = request;
    // Whoever names the present end can hardly be repeating itself: that is found out by the index, at no cost.
    const mayRepeat = state.last >= 0 && (!believed || expected === 'any' || expected === 'stream_exists');
    const standing = mayRepeat ? this.#standing(state, expected, events) : null;
    if (standing !== null) return { kind: 'appended', ...standing };
    if (!believed) return refused(state);
    const no = state.no === 0 ? Number(this.#addStream.run(stream).lastInsertRowid) : state.no;
    const added = this.#add(no, state.last, recordedAt, events);
    if (added !== null) return { kind: 'appended', ...added };
    const repeated = this.#standing(state, expected, events);
    return repeated === null ? refused(state) : { kind: 'appended', ...repeated };
  }

  /** Null, and nothing added, when one of the ids already stands in the stream. */
  #add(no: number, last: number, recordedAt: number, events: readonly SerialisedEvent[]): Place | null {
    let revision = last;
    let position = 0;
    try {
      for (const event of events) {
        const { id, type, data, metadata } = event;
        const { lastInsertRowid } = this.#addEvent.run(no, revision + 1, recordedAt, id, type, data, metadata);
        position = Number(lastInsertRowid);
        revision += 1;
      }
    } catch (error) {
      if (!violatesUnique(error)) throw error;
      // Positions are consecutive within an append, so what it added so far is what stands at the end.
      if (revision > last) this.#undo.run(position - (revision - last));
      return null;
    }
    return { revision, position };
  }

  /** Where these very events already stand, when that is where this append would have put them. */
  #standing(state: StreamState, expected: ExpectedRevision, events: readonly SerialisedEvent[]): Place | null {
    const row = this.#placeOf.get(state.no, events[0]?.id ?? '') as unknown as [number] | undefined;
    if (row === undefined || !mayStandAt(row[0], expected, state)) return null;
    const there = this.#idsFrom.all(state.no, row[0], events.length) as unknown as [string, number][];
    const last = there.at(-1);
    const same = there.length === events.length && there.every(([id], index) => id === events[index]?.id);
    return same && last !== undefined ? { revision: row[0] + events.length - 1, position: last[1] } : null;
  }

  head(): number | null {
    const row = this.#head.get() as unknown as [number | null];
    return row[0];
  }
}

const refused = (state: StreamState): WriteAnswer => ({
  kind: 'refused',
  actual: state.last < 0 ? null : state.last,
});

function holds(expected: ExpectedRevision, { last, visibleFrom }: StreamState): boolean {
  if (expected === 'any') return true;
  if (expected === 'no_stream') return last < visibleFrom;
  if (expected === 'stream_exists') return last >= visibleFrom;
  return last >= 0 && BigInt(last) === expected;
}

function mayStandAt(revision: number, expected: ExpectedRevision, { visibleFrom }: StreamState): boolean {
  if (expected === 'any' || expected === 'stream_exists') return true;
  // A stream begins at 0, and once more after a deletion.
  if (expected === 'no_stream') return revision === 0 || revision === visibleFrom;
  return BigInt(revision) === expected + 1n;
}
