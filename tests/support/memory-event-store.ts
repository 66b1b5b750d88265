import {
  AppendTooLarge,
  MAX_APPEND_BYTES,
  StoreUnavailable,
  StreamNotFound,
  WrongExpectedRevision,
  type AppendResult,
  type EventFilter,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type JsonObject,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionMessage,
} from '../../server/event-store/event-store.ts';

/** `places`: where in the stream each id stands. */
type Stream = { readonly events: RecordedEvent[]; readonly places: Map<string, number>; visibleFrom: number };

/** Positions have gaps, as EventStoreDB's have: whoever counts on the next number is found out. */
const POSITION_STEP = 10n;
const PAGE = 100;

/** The event store's contract in memory, for tests that are not about storing. Open one again on the same `MemoryLog` to restart. */
export class MemoryEventStore implements EventStore {
  readonly #log: MemoryLog;
  #open = true;

  constructor(log: MemoryLog = new MemoryLog()) {
    this.#log = log;
  }

  async append(
    stream: string,
    events: readonly EventToAppend[],
    { expectedRevision }: { readonly expectedRevision: ExpectedRevision },
  ): Promise<AppendResult> {
    this.#assertOpen();
    if (events.length === 0) throw new TypeError('An append needs at least one event.');
    const bytes = events.reduce((sum, { data, metadata }) => sum + sizeOf(data) + sizeOf(metadata), 0);
    if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(stream, bytes);
    return this.#log.append(stream, events, expectedRevision);
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    const { direction = 'forwards', from, limit = Infinity } = options;
    const events = this.#log.visible(stream);
    if (events.length === 0) throw new StreamNotFound(stream);
    if (direction === 'forwards') return events.filter(({ revision }) => revision >= (from ?? 0n)).slice(0, limit);
    return events
      .filter((event) => from === undefined || event.revision <= from)
      .toReversed()
      .slice(0, limit);
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
    this.#assertOpen();
    const { direction = 'forwards', from, filter, limit = Infinity } = options;
    const matching = this.#log.all.filter((event) => {
      const within = from === undefined || (direction === 'forwards' ? event.position > from : event.position < from);
      return within && matches(event, filter);
    });
    const wanted = (direction === 'forwards' ? matching : matching.toReversed()).slice(0, limit);
    for (let start = 0; start < wanted.length; start += PAGE) {
      this.#assertOpen();
      yield wanted.slice(start, start + PAGE);
    }
  }

  async *subscribeToAll(options: SubscribeOptions): AsyncGenerator<SubscriptionMessage, void, undefined> {
    const { signal, filter } = options;
    let index = options.after === 'end' ? this.#log.all.length : this.#log.indexAfter(options.after);
    for (let first = true; !signal.aborted; first = false) {
      this.#assertOpen();
      const news = this.#log.all.slice(index);
      index += news.length;
      for (const message of messagesOf(news, filter, first)) {
        yield message;
        if (signal.aborted) return;
      }
      if (index === this.#log.all.length) await this.#log.change(signal);
    }
  }

  async deleteStream(stream: string, options: { readonly expectedRevision?: ExpectedRevision } = {}): Promise<void> {
    this.#assertOpen();
    this.#log.delete(stream, options.expectedRevision ?? 'any');
  }

  async head(): Promise<Position | null> {
    this.#assertOpen();
    return this.#log.all.at(-1)?.position ?? null;
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#log.wake();
  }

  #assertOpen(): void {
    if (!this.#open) throw new StoreUnavailable('The event store was closed.');
  }
}

/** What stays when a store is closed. */
export class MemoryLog {
  readonly all: RecordedEvent[] = [];
  readonly #streams = new Map<string, Stream>();
  #changed = Promise.withResolvers<void>();

  append(name: string, events: readonly EventToAppend[], expected: ExpectedRevision): AppendResult {
    const stream = this.#stream(name);
    const standing = this.#standing(stream, events, expected);
    if (standing) return standing;
    this.#check(name, stream, expected);
    if (events.some(({ id }) => stream.places.has(id))) throw new WrongExpectedRevision(name, expected, lastOf(stream));
    for (const { id, type, data, metadata } of events) {
      const position = (this.all.at(-1)?.position ?? 0n) + POSITION_STEP;
      const revision = BigInt(stream.events.length);
      const copies = { data: copyOf(data), metadata: copyOf(metadata) };
      const recorded = { id, type, ...copies, stream: name, revision, position, recordedAt: Date.now() };
      stream.places.set(id, stream.events.length);
      stream.events.push(recorded);
      this.all.push(recorded);
    }
    this.wake();
    return resultOf(stream.events.at(-1));
  }

  delete(name: string, expected: ExpectedRevision): void {
    const stream = this.#stream(name);
    if (stream.events.length === 0) throw new WrongExpectedRevision(name, expected, 'no_stream');
    this.#check(name, stream, expected);
    stream.visibleFrom = stream.events.length;
  }

  visible(name: string): RecordedEvent[] {
    const { events, visibleFrom } = this.#stream(name);
    return events.slice(visibleFrom);
  }

  indexAfter(position: Position | undefined): number {
    if (position === undefined) return 0;
    const index = this.all.findIndex((event) => event.position > position);
    return index < 0 ? this.all.length : index;
  }

  /** Resolves at the next append, when a store is closed, or when the signal aborts. */
  async change(signal: AbortSignal): Promise<void> {
    const { promise } = this.#changed;
    const wake = () => this.wake();
    signal.addEventListener('abort', wake);
    await promise;
    signal.removeEventListener('abort', wake);
  }

  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  #stream(name: string): Stream {
    return this.#streams.getOrInsertComputed(name, () => ({
      events: [],
      places: new Map<string, number>(),
      visibleFrom: 0,
    }));
  }

  #check(name: string, stream: Stream, expected: ExpectedRevision): void {
    const exists = stream.events.length > stream.visibleFrom;
    const last = lastOf(stream);
    const believed =
      expected === 'any' ||
      (expected === 'no_stream' && !exists) ||
      (expected === 'stream_exists' && exists) ||
      expected === last;
    if (!believed) throw new WrongExpectedRevision(name, expected, last);
  }

  /** The answer of the first time, when these very events already stand where this append would put them. */
  #standing(
    { events: there, places, visibleFrom }: Stream,
    events: readonly EventToAppend[],
    expected: ExpectedRevision,
  ) {
    const start = places.get(events[0]?.id ?? '');
    if (start === undefined || events.some(({ id }, index) => there[start + index]?.id !== id)) return undefined;
    const anywhere = expected === 'any' || expected === 'stream_exists';
    const asNew = expected === 'no_stream' && (start === 0 || start === visibleFrom);
    const asNext = typeof expected === 'bigint' && BigInt(start) === expected + 1n;
    return anywhere || asNew || asNext ? resultOf(there[start + events.length - 1]) : undefined;
  }
}

function messagesOf(
  news: readonly RecordedEvent[],
  filter: EventFilter | undefined,
  first: boolean,
): SubscriptionMessage[] {
  const messages: SubscriptionMessage[] = [];
  const matching = news.filter((event) => matches(event, filter));
  for (let start = 0; start < matching.length; start += PAGE)
    messages.push({ kind: 'events', events: matching.slice(start, start + PAGE) });
  const last = news.at(-1);
  if (last && last !== matching.at(-1)) messages.push({ kind: 'checkpoint', position: last.position });
  if (first || last) messages.push({ kind: 'caught-up' });
  return messages;
}

function matches({ stream, type }: RecordedEvent, filter: EventFilter | undefined): boolean {
  if (!filter) return true;
  if ('streamPrefixes' in filter) return filter.streamPrefixes.some((prefix) => stream.startsWith(prefix));
  return filter.typePrefixes.some((prefix) => type.startsWith(prefix));
}

const lastOf = ({ events }: Stream) => (events.length === 0 ? 'no_stream' : BigInt(events.length - 1));
const sizeOf = (value: JsonObject) => Buffer.byteLength(JSON.stringify(value));
/** As JSON gives it back: neither side can change what the other holds. */
const copyOf = (value: JsonObject) => JSON.parse(JSON.stringify(value)) as JsonObject;

function resultOf(event: RecordedEvent | undefined): AppendResult {
  if (!event) throw new TypeError('An append needs at least one event.');
  return { revision: event.revision, position: event.position };
}
