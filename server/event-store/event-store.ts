/**
 * The event log as the rest of Almanac sees it: streams of facts, and all facts in one order.
 * Two adapters keep the same contract (tests/contract): `sqlite.ts` (embedded) and `eventstoredb.ts`.
 */

/** What the writer believes about the stream; a `bigint` is the revision of its last event (the first event is 0n). */
export type ExpectedRevision = 'no_stream' | 'stream_exists' | 'any' | bigint;

/** Place of an event among all events. Opaque but ordered; there are gaps. Persist it as an integer. */
export type Position = bigint;

export type JsonObject = { readonly [key: string]: unknown };

export type EventToAppend = {
  /** UUID. The same id at the same place is the same append; in another stream it is another event. */
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
};

export type RecordedEvent = EventToAppend & {
  readonly stream: string;
  /** Place within the stream, from 0n. */
  readonly revision: bigint;
  readonly position: Position;
  /** When the store accepted it: milliseconds since the epoch, UTC. */
  readonly recordedAt: number;
};

/** An event passes when it matches one of the stream prefixes or one of the type prefixes given; ESDB allows only one of the two. */
export type EventFilter = { readonly streamPrefixes: readonly string[] } | { readonly typePrefixes: readonly string[] };

export type ReadStreamOptions = {
  readonly direction?: 'forwards' | 'backwards';
  /** First revision to return, inclusive. Default: the first (forwards) or the last (backwards). */
  readonly from?: bigint;
  /** Most events to return. Default: all. */
  readonly limit?: number;
};

export type ReadAllOptions = {
  readonly direction?: 'forwards' | 'backwards';
  /** Forwards: strictly after this position. Backwards: strictly before it. Default: the very start / the very end. */
  readonly from?: Position;
  readonly filter?: EventFilter;
  readonly limit?: number;
};

export type SubscribeOptions = {
  /** Events strictly after this position; `'end'`: only what is appended from now on. Default: from the start. */
  readonly after?: Position | 'end';
  readonly filter?: EventFilter;
  /** Ends the subscription: the iteration returns normally. */
  readonly signal: AbortSignal;
};

/**
 * `events`: a page of at least one matching event, in order, exactly once.
 * `caught-up`: everything that existed has been delivered; sent each time the subscription reaches the head.
 * `checkpoint`: nothing matched up to `position`; a filtered reader may store it.
 */
export type SubscriptionMessage =
  | { readonly kind: 'events'; readonly events: readonly RecordedEvent[] }
  | { readonly kind: 'caught-up' }
  | { readonly kind: 'checkpoint'; readonly position: Position };

export type AppendResult = {
  /** Revision of the last event of this append. */
  readonly revision: bigint;
  /** Position of the last event of this append. */
  readonly position: Position;
};

/** Largest append accepted, counted over all its events' JSON (data + metadata, UTF-8 bytes); EventStoreDB's own default. */
export const MAX_APPEND_BYTES = 1_048_576;

export interface EventStore {
  /**
   * Appends all events or none.
   * Idempotent: the same ids, in order, already standing where this append would put them (or, with `any`/`stream_exists`,
   * anywhere in the stream) answer as the first time.
   * An empty list is a programming error (TypeError).
   * @throws {WrongExpectedRevision} with the actual revision
   * @throws {StreamDeleted} when the stream was tombstoned
   * @throws {AppendTooLarge} over MAX_APPEND_BYTES; nothing is written
   * @throws {StoreUnavailable} when the store cannot be reached, its disk is full, or it is closed; the caller may retry with the same ids
   */
  append(
    stream: string,
    events: readonly EventToAppend[],
    options: { readonly expectedRevision: ExpectedRevision },
  ): Promise<AppendResult>;
  /** @throws {StreamNotFound} never written or soft-deleted @throws {StreamDeleted} tombstoned @throws {StoreUnavailable} */
  readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]>;
  /** All events in pages (arrays of 1 to some thousand events). System events (`$…`) are left out. @throws {StoreUnavailable} */
  readAll(options?: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]>;
  /**
   * Never ends but by its signal; reconnects by itself without losing or repeating an event.
   * Begins when the iteration begins. @throws {StoreUnavailable} when the store is closed meanwhile
   */
  subscribeToAll(options: SubscribeOptions): AsyncIterable<SubscriptionMessage>;
  /**
   * Soft delete: readers of the stream no longer see its events (StreamNotFound) and appending again continues its revisions.
   * As in EventStoreDB before a scavenge, readers of all still see them: the log keeps history.
   * Twice is as once; a stream never written is a wrong revision whatever was expected (default: `any`).
   * @throws {WrongExpectedRevision} @throws {StreamDeleted} @throws {StoreUnavailable}
   */
  deleteStream(stream: string, options?: { readonly expectedRevision?: ExpectedRevision }): Promise<void>;
  /** Position of the last event, or null for an empty store; also the health check. @throws {StoreUnavailable} */
  head(): Promise<Position | null>;
  /** Finishes accepted appends, then lets go of files, threads and connections. */
  close(): Promise<void>;
}

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** The stream's last revision, or `'no_stream'`. */
  readonly actual: bigint | 'no_stream';
  constructor(stream: string, expected: ExpectedRevision, actual: bigint | 'no_stream') {
    super(`Stream "${stream}" was expected at ${String(expected)} but is at ${String(actual)}.`);
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
  }
}

export class StreamNotFound extends Error {
  override readonly name = 'StreamNotFound';
  readonly stream: string;
  constructor(stream: string) {
    super(`Stream "${stream}" does not exist.`);
    this.stream = stream;
  }
}

export class StreamDeleted extends Error {
  override readonly name = 'StreamDeleted';
  readonly stream: string;
  constructor(stream: string) {
    super(`Stream "${stream}" was deleted for good and cannot be used again.`);
    this.stream = stream;
  }
}

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export class AppendTooLarge extends Error {
  override readonly name = 'AppendTooLarge';
  readonly stream: string;
  readonly bytes: number;
  constructor(stream: string, bytes: number) {
    super(
      `An append to "${stream}" has ${bytes} bytes; at most ${MAX_APPEND_BYTES} are accepted. Append fewer events at once.`,
    );
    this.stream = stream;
    this.bytes = bytes;
  }
}
