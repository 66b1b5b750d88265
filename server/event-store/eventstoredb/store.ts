import { jitteredDelay, pause, type Backoff } from '../../backoff.ts';
import {
  StoreUnavailable,
  type AppendResult,
  type EventFilter,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionMessage,
} from '../event-store.ts';
import { AppendAttempts, PreparedAppend, type AppendContext } from './append.ts';
import { Connection } from './connection.ts';
import { DeletionAttempts } from './deletion.ts';
import { asUnavailable, isTransient } from './failures.ts';
import { LogReader } from './log.ts';
import { Semaphore, retryUntil } from './retry.ts';
import { Subscription } from './subscription.ts';

export type EventStoreDbOptions = {
  /** `esdb://user:password@host:2113?tls=false` or `esdb+discover://…`, as EventStoreDB documents it. */
  readonly connectionString: string;
  /** Longest wait for the answer to one call. */
  readonly callTimeoutMs?: number;
  /** Longest silence while the server searches the log for events that match a filter. */
  readonly searchTimeoutMs?: number;
  /** Time from a request to StoreUnavailable, over all its attempts. */
  readonly giveUpAfterMs?: number;
  readonly backoff?: Backoff;
  /** Told when a subscription was interrupted and will be resumed; for the log. */
  readonly onTrouble?: (error: Error) => void;
};

type Settings = Required<EventStoreDbOptions>;

const DEFAULTS = {
  callTimeoutMs: 5_000,
  searchTimeoutMs: 60_000,
  giveUpAfterMs: 15_000,
  backoff: { firstDelayMs: 100, longestDelayMs: 5_000 },
  onTrouble: () => undefined,
} satisfies Omit<Settings, 'connectionString'>;

/** Writes under way at once: a connection carries 100 calls, and readers need some. */
const CONCURRENT_WRITES = 64;
/** An accepted write is finished even while the store closes. */
const NEVER = new AbortController().signal;

/**
 * The event store port over EventStoreDB (tested against the rules of 24.6). Connects with the first call, and again
 * by itself whenever the connection is lost. One is enough for a process.
 * @throws {Error} for a malformed connection string
 */
export function openEventStoreDb(options: EventStoreDbOptions): EventStore {
  return new EventStoreDb({ ...DEFAULTS, ...options });
}

class EventStoreDb implements EventStore {
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #log: LogReader;
  readonly #closing = new AbortController();
  readonly #writeLimit = new Semaphore(CONCURRENT_WRITES);
  readonly #writes = new Set<Promise<unknown>>();
  readonly #context: AppendContext;
  #closed: Promise<void> | undefined;

  constructor(settings: Settings) {
    const { connectionString, callTimeoutMs, searchTimeoutMs } = settings;
    const connection = new Connection(connectionString);
    const reading = { connection, callTimeoutMs, searchTimeoutMs };
    const log = new LogReader({ ...reading, closing: NEVER });
    this.#settings = settings;
    this.#connection = connection;
    this.#log = new LogReader({ ...reading, closing: this.#closing.signal });
    this.#context = {
      connection,
      callTimeoutMs,
      oldest: (stream, limit) => log.streamIfAny(stream, { limit }),
      newest: (stream, limit) => log.streamIfAny(stream, { direction: 'backwards', limit }),
      head: () => log.lastPosition(),
    };
  }

  async append(
    stream: string,
    events: readonly EventToAppend[],
    { expectedRevision }: { readonly expectedRevision: ExpectedRevision },
  ): Promise<AppendResult> {
    this.#refuseWhenClosed();
    const attempts = new AppendAttempts(this.#context, new PreparedAppend(stream, events, expectedRevision));
    return this.#write(`append to "${stream}"`, () => attempts.attempt());
  }

  async deleteStream(
    stream: string,
    { expectedRevision = 'any' }: { readonly expectedRevision?: ExpectedRevision } = {},
  ): Promise<void> {
    this.#refuseWhenClosed();
    const attempts = new DeletionAttempts(this.#context, stream, expectedRevision);
    return this.#write(`delete "${stream}"`, () => attempts.attempt());
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    return this.#read(`read "${stream}"`, () => this.#log.stream(stream, options));
  }

  async head(): Promise<Position | null> {
    return this.#read('find the last event', () => this.#log.lastPosition());
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    this.#refuseWhenClosed();
    let rest = options;
    let [failures, until] = [0, this.#patienceEnds()];
    for (;;) {
      try {
        for await (const page of this.#log.all(rest)) {
          yield page;
          const last = page.at(-1);
          if (last !== undefined) rest = { ...rest, from: last.position };
          if (rest.limit !== undefined) rest = { ...rest, limit: rest.limit - page.length };
          [failures, until] = [0, this.#patienceEnds()];
        }
        return;
      } catch (error) {
        failures += 1;
        const wait = jitteredDelay(failures, this.#settings.backoff);
        if (!isTransient(error) || Date.now() + wait >= until) throw asUnavailable(error, 'read all events');
        await pause(wait, this.#closing.signal);
      }
    }
  }

  async *subscribeToAll(options: SubscribeOptions): AsyncGenerator<SubscriptionMessage> {
    this.#refuseWhenClosed();
    const { callTimeoutMs, backoff, onTrouble } = this.#settings;
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const lastPosition = (filter?: EventFilter) => this.#log.lastPosition(filter);
    const context = { connection: this.#connection, callTimeoutMs, backoff, onTrouble, lastPosition };
    try {
      yield* new Subscription(context, { ...options, signal }).messages();
    } catch (error) {
      if (!signal.aborted) throw asUnavailable(error, 'deliver all events');
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
    await this.#connection.close();
  }

  #refuseWhenClosed(): void {
    if (this.#closed !== undefined) throw new StoreUnavailable('The event store is closed.');
  }

  #patienceEnds(): number {
    return Date.now() + this.#settings.giveUpAfterMs;
  }

  async #write<Result>(doing: string, attempt: () => Promise<Result>): Promise<Result> {
    const until = this.#patienceEnds();
    const { backoff } = this.#settings;
    const write = this.#writeLimit.run(() => {
      if (Date.now() < until) return retryUntil({ backoff, until, signal: NEVER }, attempt);
      throw new StoreUnavailable(`EventStoreDB could not ${doing}: too much is waiting before it.`);
    });
    this.#writes.add(write);
    try {
      return await write;
    } catch (error) {
      throw asUnavailable(error, doing);
    } finally {
      this.#writes.delete(write);
    }
  }

  async #read<Result>(doing: string, attempt: () => Promise<Result>): Promise<Result> {
    this.#refuseWhenClosed();
    const { backoff } = this.#settings;
    try {
      return await retryUntil({ backoff, until: this.#patienceEnds(), signal: this.#closing.signal }, attempt);
    } catch (error) {
      throw asUnavailable(error, doing);
    }
  }
}
