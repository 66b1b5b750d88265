import type { EventFilter, Position, RecordedEvent, SubscribeOptions, SubscriptionMessage } from '../event-store.ts';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Connection } from './connection.ts';
import { isTransient } from './failures.ts';
import { isWanted, placeAt, recordedEvent, START, subscriptionRequest, type LogPlace } from './messages.ts';
import { jitteredDelay, pause, type Backoff } from '../../backoff.ts';
import { Reading } from './reading.ts';

/** Most events in one message. */
const PAGE_EVENTS = 500;
/** Quiet after which a live subscription asks whether it has reached the end. */
const LULL_MS = 10;
const LARGEST_POSITION = 2n ** 63n - 1n;

export type SubscriptionContext = {
  readonly connection: Connection;
  readonly callTimeoutMs: number;
  readonly backoff: Backoff;
  /** Told of every interruption that is being repaired. */
  readonly onTrouble: (error: Error) => void;
  /** Position of the last event that is wanted, in one attempt. @throws {CallFailure} */
  readonly lastPosition: (filter?: EventFilter) => Promise<Position | null>;
};

const isAfter = (a: LogPlace, b: LogPlace): boolean =>
  a.commit > b.commit || (a.commit === b.commit && a.prepare > b.prepare);

/** A subscription to all events that outlives its connections. */
export class Subscription {
  readonly #context: SubscriptionContext;
  readonly #filter: EventFilter | undefined;
  readonly #signal: AbortSignal;
  /** Begins at the end, wherever that is once the server can be reached. */
  #beginsAtEnd: boolean;
  /** Everything up to here was delivered or is not wanted. */
  #at: LogPlace;
  /** The last position the reader was told, by an event or a checkpoint. */
  #told: Position;
  #failedAttempts = 0;

  constructor(context: SubscriptionContext, { after, filter, signal }: SubscribeOptions) {
    this.#context = context;
    this.#filter = filter;
    this.#signal = signal;
    this.#beginsAtEnd = after === 'end';
    this.#at = after === 'end' || after === undefined ? START : placeAt(after);
    this.#told = this.#at.commit;
  }

  /** Ends only by its signal, or by an error that no repetition can heal. */
  async *messages(): AsyncGenerator<SubscriptionMessage> {
    while (!this.#signal.aborted) {
      try {
        yield* this.#untilInterrupted();
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (this.#signal.aborted) return;
        this.#context.onTrouble(error);
        this.#failedAttempts += 1;
        await pause(jitteredDelay(this.#failedAttempts, this.#context.backoff), this.#signal);
      }
    }
  }

  async *#untilInterrupted(): AsyncGenerator<SubscriptionMessage> {
    // What is the end now will have been delivered when the server first says that we caught up.
    const horizon = await this.#context.lastPosition();
    if (this.#beginsAtEnd && horizon !== null) [this.#at, this.#told] = [placeAt(horizon), horizon];
    this.#beginsAtEnd = false;
    const options = { signal: this.#signal, silenceMs: this.#context.callTimeoutMs, endless: true };
    using reading = new Reading(this.#context.connection, subscriptionRequest(this.#at, this.#filter), options);
    let [isLive, owesCaughtUp] = [false, false];
    for (;;) {
      const arrived = await reading.take(owesCaughtUp ? LULL_MS : undefined);
      if (arrived === undefined) return;
      this.#failedAttempts = 0;
      if (arrived.length === 0 && (await this.#hasReachedEnd())) {
        owesCaughtUp = false;
        yield { kind: 'caught-up' };
      }
      for (const message of this.#messagesOf(arrived, horizon)) {
        if (message.kind === 'caught-up') isLive = true;
        owesCaughtUp = isLive && (message.kind === 'events' || (owesCaughtUp && message.kind !== 'caught-up'));
        yield message;
        if (this.#signal.aborted) return;
      }
    }
  }

  /** EventStoreDB says it only once, when a subscription goes live; then we must look. */
  async #hasReachedEnd(): Promise<boolean> {
    try {
      const last = await this.#context.lastPosition(this.#filter);
      return last === null || last <= this.#at.commit;
    } catch (error) {
      // The subscription itself will notice what is wrong.
      if (isTransient(error)) return false;
      throw error;
    }
  }

  *#messagesOf(responses: readonly ReadResp[], horizon: Position | null): Generator<SubscriptionMessage> {
    let events: RecordedEvent[] = [];
    for (const response of responses) {
      const event = recordedEvent(response);
      if (event !== undefined && isAfter(placeAt(event.position), this.#at)) {
        this.#at = placeAt(event.position);
        if (isWanted(event, this.#filter)) events.push(event);
      }
      const others = event === undefined ? [...this.#other(response, horizon)] : [];
      if (events.length > 0 && (others.length > 0 || events.length === PAGE_EVENTS)) {
        yield this.#page(events);
        events = [];
      }
      yield* others.filter((message) => message.kind !== 'checkpoint' || message.position > this.#told);
      for (const message of others) if (message.kind === 'checkpoint') this.#tell(message.position);
    }
    if (events.length > 0) yield this.#page(events);
  }

  #page(events: readonly RecordedEvent[]): SubscriptionMessage {
    for (const { position } of events) this.#tell(position);
    return { kind: 'events', events };
  }

  #tell(position: Position): void {
    if (position > this.#told) this.#told = position;
  }

  *#other(response: ReadResp, horizon: Position | null): Generator<SubscriptionMessage> {
    const checkpoint = response.getCheckpoint();
    if (checkpoint !== undefined) {
      const place = {
        commit: BigInt(checkpoint.getCommitPosition()),
        prepare: BigInt(checkpoint.getPreparePosition()),
      };
      if (place.commit > LARGEST_POSITION || !isAfter(place, this.#at)) return;
      this.#at = place;
      // `(n, 0)` is a place before the event at n: a reader who went on after n as a position might lose that event.
      if (place.prepare === place.commit) yield { kind: 'checkpoint', position: place.commit };
    }
    if (response.hasCaughtUp()) {
      if (horizon !== null) {
        if (isAfter(placeAt(horizon), this.#at)) this.#at = placeAt(horizon);
        yield { kind: 'checkpoint', position: horizon };
      }
      yield { kind: 'caught-up' };
    }
  }
}
