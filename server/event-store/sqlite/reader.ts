import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import {
  StoreUnavailable,
  StreamNotFound,
  type EventFilter,
  type EventStore,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionMessage,
} from '../event-store.ts';
import { Arrivals } from './arrivals.ts';
import { extendedCode, isPassing } from '../../sqlite/result-codes.ts';
import { eventLogFile, openForReading, STREAM_BY_NAME } from './log-file.ts';
import { LogPages, type Page, type PositionRange, type RevisionRange } from './pages.ts';

/** The reading half of the embedded store. Any thread or process may open one while another writes. */
export type EventLogReader = Pick<EventStore, 'readStream' | 'readAll' | 'subscribeToAll' | 'head' | 'close'>;

/**
 * @param options.directory the DATA_DIR of the store
 * @throws {StoreUnavailable} when no store was ever opened there @throws {UnreadableEventLog}
 */
export function openSqliteEventLogReader(options: { readonly directory: string }): EventLogReader {
  return new SqliteEventLogReader(eventLogFile(options.directory));
}

type StreamBounds = RevisionRange & { readonly no: number };

/** Reads page by page on the calling thread and lets its event loop turn between two pages. */
export class SqliteEventLogReader implements EventLogReader {
  readonly #database: DatabaseSync;
  readonly #arrivals: Arrivals;
  readonly #pages: LogPages;
  readonly #stream: StatementSync;

  constructor(file: string) {
    this.#database = openForReading(file);
    this.#arrivals = new Arrivals(this.#database, file);
    this.#pages = new LogPages(this.#database);
    this.#stream = this.#database.prepare(STREAM_BY_NAME, { returnArrays: true });
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    const { no, first, last } = this.#reading(() => this.#boundsOf(stream));
    const { from, limit = Infinity } = options;
    const backwards = options.direction === 'backwards';
    let range = backwards
      ? { first, last: Math.min(last, Number(from ?? last)) }
      : { first: Math.max(first, Number(from ?? first)), last };
    const events: RecordedEvent[] = [];
    while (events.length < limit && range.first <= range.last) {
      if (events.length > 0) await setImmediate();
      const page = this.#reading(() => this.#pages.ofStream(no, range, backwards, limit - events.length));
      if (page.length === 0) throw new StoreUnavailable(`The event log is damaged: a gap in stream "${stream}".`);
      events.push(...page);
      range = backwards
        ? { first: range.first, last: range.last - page.length }
        : { first: range.first + page.length, last: range.last };
    }
    return events;
  }

  #boundsOf(stream: string): StreamBounds {
    const row = this.#stream.get(stream) as unknown as [number, number, number | null] | undefined;
    if (row === undefined || row[2] === null || row[2] < row[1]) throw new StreamNotFound(stream);
    return { no: row[0], first: row[1], last: row[2] };
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
    const backwards = options.direction === 'backwards';
    // What comes while reading belongs to the next reading, or this one might never end.
    const head = this.#reading(() => this.#pages.head());
    let range = rangeOf(options, head);
    let left = options.limit ?? Infinity;
    while (left > 0 && range.after < range.through) {
      const page = this.#reading(() => this.#pages.ofAll(range, backwards, options.filter, left));
      range = page.rest;
      left -= page.events.length;
      if (page.events.length > 0) yield page.events;
      await setImmediate();
    }
  }

  async *subscribeToAll(options: SubscribeOptions): AsyncGenerator<SubscriptionMessage, void, undefined> {
    const { signal, filter } = options;
    if (signal.aborted) return;
    const { after: start = 0n } = options;
    let after = this.#reading(() => (start === 'end' ? this.#pages.head() : Number(start)));
    using arrivals = this.#arrivals.listen(signal);
    for (let first = true; !signal.aborted;) {
      // Taken before reading: what arrives in between is noticed by the wait below.
      const seen = arrivals.count;
      const page = this.#pageAfter(after, filter);
      if (page === undefined) {
        await arrivals.atNextPoll();
        continue;
      }
      for (const message of messagesOf(page, after, first, filter !== undefined)) {
        yield message;
        if (signal.aborted) return;
      }
      after = page.rest.after;
      first &&= hasMore(page);
      await (hasMore(page) ? setImmediate() : arrivals.after(seen));
    }
  }

  /** Undefined when the log cannot be read just now but may be soon. */
  #pageAfter(after: number, filter: EventFilter | undefined): Page | undefined {
    try {
      return this.#reading(() => this.#pages.ofAll({ after, through: this.#pages.head() }, false, filter, Infinity));
    } catch (error) {
      if (error instanceof StoreUnavailable && isPassing(error.cause)) return undefined;
      throw error;
    }
  }

  async head(): Promise<Position | null> {
    const head = this.#reading(() => this.#pages.head());
    return head === 0 ? null : BigInt(head);
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    this.#database.close();
    // The subscriptions wake up and find the log closed.
    this.#arrivals[Symbol.dispose]();
  }

  #reading<T>(read: () => T): T {
    if (!this.#database.isOpen) throw new StoreUnavailable('The event log was closed.');
    try {
      return read();
    } catch (error) {
      if (extendedCode(error) === undefined) throw error;
      throw new StoreUnavailable(`The event log cannot be read: ${(error as Error).message}.`, { cause: error });
    }
  }
}

const hasMore = ({ rest }: Page): boolean => rest.after < rest.through;

function messagesOf(page: Page, after: number, first: boolean, filtered: boolean): SubscriptionMessage[] {
  const messages: SubscriptionMessage[] = [];
  const reached = page.rest.after;
  const matched = Number(page.events.at(-1)?.position ?? after);
  if (page.events.length > 0) messages.push({ kind: 'events', events: page.events });
  if (filtered && reached > matched) messages.push({ kind: 'checkpoint', position: BigInt(reached) });
  if (!hasMore(page) && (first || reached > after)) messages.push({ kind: 'caught-up' });
  return messages;
}

/** Position 0 is before all events. */
function rangeOf(options: ReadAllOptions, head: number): PositionRange {
  const from = options.from === undefined ? undefined : Number(options.from);
  if (options.direction !== 'backwards') return { after: from ?? 0, through: head };
  return { after: 0, through: Math.min(head, (from ?? head + 1) - 1) };
}
