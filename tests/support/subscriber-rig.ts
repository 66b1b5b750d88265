import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import type { Recorded } from '../../domain/event-registry.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import type { EventStore, Position } from '../../server/event-store/event-store.ts';
import { openSubscriberState, type SubscriberState } from '../../server/subscribers/subscriber-state.ts';
import { runSubscriber, type Subscriber, type SubscriberOptions } from '../../server/subscribers/subscriber.ts';
import { MemoryEventStore } from './memory-event-store.ts';

/** Takes a note of what is logged, where a test wants to look. */
export class LogBook {
  readonly lines: { readonly level: 'info' | 'warn' | 'error'; readonly message: string }[] = [];
  info = (_fields: object, message: string): void => void this.lines.push({ level: 'info', message });
  warn = (_fields: object, message: string): void => void this.lines.push({ level: 'warn', message });
  error = (_fields: object, message: string): void => void this.lines.push({ level: 'error', message });
}

/** The tag an event of these tests goes by. */
export const tagOf = (event: Recorded): string => (event.type === 'JobStarted' ? event.data.by : '');

/**
 * A subscriber on a log in memory. Waiting takes no time (`waits` has what would have been waited), and `seen` has the tags of
 * every call of `handle` that succeeded.
 */
export class SubscriberRig implements AsyncDisposable {
  readonly store: EventStore;
  readonly state: SubscriberState;
  readonly log = new LogBook();
  readonly codec = createCodec();
  readonly waits: number[] = [];
  readonly seen: string[][] = [];
  now = 1_741_618_800_000;
  #abort = new AbortController();
  #running: Subscriber[] = [];
  #count = 0;

  readonly #ownsState: boolean;

  /** @param state of a rig that outlives this one */
  constructor(store: EventStore = new MemoryEventStore(), state?: SubscriberState) {
    this.store = store;
    this.#ownsState = state === undefined;
    this.state = state ?? openSubscriberState(':memory:');
  }

  /** Appends events that go by these tags, in one append. */
  async append(...tags: string[]): Promise<Position> {
    const stream = `job-${(this.#count += 1)}`;
    const events = tags.map((by): AlmanacEvent => {
      return { type: 'JobStarted', data: { name: 'job', slot: stream, at: '2025-03-10T15:00:00Z', by } };
    });
    const encoded = events.map((event) => this.codec.encode(event, randomUUID()));
    return (await this.store.append(stream, encoded, { expectedRevision: 'no_stream' })).position;
  }

  run(change: Partial<SubscriberOptions> = {}): Subscriber {
    if (this.#abort.signal.aborted) this.#abort = new AbortController();
    const { handle = () => Promise.resolve(), ...others } = change;
    const subscriber = runSubscriber({
      name: 'gardener',
      store: this.store,
      codec: this.codec,
      filter: { streamPrefixes: ['job-'] },
      state: this.state,
      retry: { attempts: 3, firstDelayMs: 100, longestDelayMs: 1_000 },
      now: () => this.now,
      random: () => 1,
      log: this.log,
      signal: this.#abort.signal,
      wait: async (milliseconds) => {
        this.waits.push(milliseconds);
        await setImmediate();
      },
      handle: async (events, signal) => {
        await handle(events, signal);
        this.seen.push(events.map(tagOf));
      },
      ...others,
    });
    this.#running.push(subscriber);
    return subscriber;
  }

  /** Asks the subscriber to end, without waiting for it. */
  end(): void {
    this.#abort.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    for (const { stopped } of this.#running) await stopped;
    if (this.#ownsState) this.state.close();
    await this.store.close();
  }
}

/** The same store, but for what a test makes of it. */
export const storeWith = (store: EventStore, change: Partial<EventStore>): EventStore => ({
  append: (...given) => store.append(...given),
  readStream: (...given) => store.readStream(...given),
  readAll: (...given) => store.readAll(...given),
  subscribeToAll: (...given) => store.subscribeToAll(...given),
  deleteStream: (...given) => store.deleteStream(...given),
  head: () => store.head(),
  close: () => store.close(),
  ...change,
});
