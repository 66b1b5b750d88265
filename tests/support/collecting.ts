import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlmanacEvent, EventOf, EventType } from '../../domain/event-registry.ts';
import { openCollector, type Collector, type CollectorOptions } from '../../server/collect/collect.ts';
import { createCodec, type Codec } from '../../server/event-store/codec.ts';
import type { EventStore, RecordedEvent } from '../../server/event-store/event-store.ts';
import { MemoryEventStore } from './memory-event-store.ts';

type Options = Partial<Omit<CollectorOptions, 'repositories'>>;

/** A log and a data directory that collectors come and go on, as a server is stopped and started. */
export class Collecting implements AsyncDisposable {
  readonly codec: Codec = createCodec();
  readonly dataDirectory: string;
  store: EventStore;
  readonly #open = new Set<Collector>();

  private constructor(dataDirectory: string, store: EventStore) {
    this.dataDirectory = dataDirectory;
    this.store = store;
  }

  static async start(store: EventStore = new MemoryEventStore()): Promise<Collecting> {
    return new Collecting(await mkdtemp(join(tmpdir(), 'almanac-collect-')), store);
  }

  /** A collector that reads when told to (`watch: true`: whenever something changes). */
  open(repositories: readonly string[], options: Options = {}): Collector {
    const collector = openCollector({
      store: this.store,
      codec: this.codec,
      dataDirectory: this.dataDirectory,
      timeZone: 'Asia/Seoul',
      watch: false,
      onTrouble: (message, error) => {
        throw new Error(message, { cause: error });
      },
      repositories,
      ...options,
    });
    this.#open.add(collector);
    return collector;
  }

  /** One start, one reading, one stop. */
  async once(repositories: readonly string[], options: Options = {}) {
    const collector = this.open(repositories, options);
    await collector.ready;
    const statuses = collector.status();
    await collector.close();
    return statuses;
  }

  async recorded(): Promise<RecordedEvent[]> {
    return (await Array.fromAsync(this.store.readAll())).flat();
  }

  async events(): Promise<AlmanacEvent[]> {
    return (await this.recorded()).map((recorded) => {
      const event = this.codec.decode(recorded);
      if (!event) throw new Error(`Nobody knows ${recorded.type}.`);
      return { type: event.type, data: event.data } as AlmanacEvent;
    });
  }

  async all<Type extends EventType>(type: Type): Promise<EventOf<Type>['data'][]> {
    return (await this.events())
      .filter((event) => event.type === type)
      .map(({ data }) => data as EventOf<Type>['data']);
  }

  /** Shas of all commits observed, in the order of the log. */
  async shas(): Promise<string[]> {
    return (await this.all('CommitObserved')).map(({ sha }) => sha);
  }

  /** Resolves with the first event that is meant, in the log already or yet to come. */
  async seen(meant: (event: AlmanacEvent) => boolean): Promise<AlmanacEvent> {
    const stop = new AbortController();
    for await (const message of this.store.subscribeToAll({ signal: stop.signal })) {
      if (message.kind !== 'events') continue;
      for (const recorded of message.events) {
        const event = this.codec.decode(recorded) as AlmanacEvent | null;
        if (!event || !meant(event)) continue;
        stop.abort();
        return event;
      }
    }
    throw new Error('The log was closed before it was seen.');
  }

  observed(sha: string): Promise<AlmanacEvent> {
    return this.seen(({ type, data }) => type === 'CommitObserved' && data.sha === sha);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const collector of this.#open) await collector.close();
    await this.store.close();
    await rm(this.dataDirectory, { recursive: true });
  }
}
