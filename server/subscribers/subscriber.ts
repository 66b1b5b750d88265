import type { Recorded } from '../../domain/event-registry.ts';
import type { Codec } from '../event-store/codec.ts';
import {
  StoreUnavailable,
  StreamDeleted,
  StreamNotFound,
  type EventFilter,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '../event-store/event-store.ts';
import { deliver, Stopped, type Delivery, type Failure } from './delivery.ts';
import { Intake } from './intake.ts';
import { ParkedEvents, reasonOf } from './parked-events.ts';
import { pause } from '../backoff.ts';
import { delayAfter, type RetryPolicy } from './retry.ts';
import type { Checkpoint, SubscriberState } from './subscriber-state.ts';
import { Turns } from './turns.ts';

/** The part of a pino logger a subscriber writes to. */
export type SubscriberLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type SubscriberOptions = {
  /** kebab-case; its checkpoint and parked events are kept under this name. */
  readonly name: string;
  readonly store: EventStore;
  readonly codec: Codec;
  readonly filter: EventFilter;
  readonly state: SubscriberState;
  /**
   * The effect. It may see an event again (after a failure, a crash, a replay), so it carries an idempotency key.
   * A thrown `StoreUnavailable` is waited out; any other error counts as an attempt, and `retryAfterMs` on it is obeyed.
   * Never called while an earlier call is under way.
   */
  handle(events: readonly Recorded[], signal: AbortSignal): Promise<void>;
  /** Before the first batch: reads from the log what `handle` must know of everything up to and including `through`. */
  prepare?(through: Position | null): Promise<void>;
  readonly retry: RetryPolicy;
  /** Most events handed to `handle` at once. */
  readonly batchSize?: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0–1 */
  readonly random: () => number;
  readonly log: SubscriberLog;
  /** Ends the subscriber; a call of `handle` under way is waited for. */
  readonly signal: AbortSignal;
  /** How time passes between attempts; tests have their own. */
  readonly wait?: typeof pause;
};

export type SubscriberStatus = {
  readonly name: string;
  /** Everything up to here is handled or parked. */
  readonly position: Position | null;
  readonly state: 'live' | 'catching-up' | 'retrying' | 'stopped';
  /** Events put aside. */
  readonly parked: number;
  /** What it is retrying for, or what stopped it; null when all is well. */
  readonly lastError: string | null;
};

const MOST_EVENTS_AT_ONCE = 2_000;

/**
 * Follows the log and acts on the outside, at least once for each event (rule 4 of the architecture): catches up from its own
 * checkpoint, stores the checkpoint after the effect, retries, parks what fails for good and goes on with the rest.
 * @throws {AlreadyRunning} when this subscriber is running already
 */
export const runSubscriber = (options: SubscriberOptions): Subscriber => new Subscriber(options);

export class Subscriber {
  /** Events put aside: to list, to replay, to discard. */
  readonly parked: ParkedEvents;
  /** Resolves when the subscriber has ended; never rejects. */
  readonly stopped: Promise<void>;
  readonly #given: SubscriberOptions;
  readonly #end = new AbortController();
  readonly #intake: Intake;
  readonly #turns = new Turns();
  readonly #batchSize: number;
  #position: Position | null = null;
  #lastEvent: Checkpoint['event'] | null = null;
  #phase: 'catching-up' | 'live' | 'stopped' = 'catching-up';
  #trouble: { reading: string | null; handling: string | null } = { reading: null, handling: null };
  #progress = Promise.withResolvers<void>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SubscriberOptions) {
    this.#given = options;
    this.#batchSize = options.batchSize ?? MOST_EVENTS_AT_ONCE;
    this.#intake = new Intake(this.#batchSize);
    const { name: subscriber, store, codec, state, now } = options;
    const handle = (events: readonly Recorded[]) => this.#handle(events);
    this.parked = new ParkedEvents({ subscriber, store, codec, state, handle, now });
    const claim = state.claim(subscriber);
    this.stopped = this.#run().finally(() => claim[Symbol.dispose]());
  }

  status(): SubscriberStatus {
    const { name, state } = this.#given;
    const lastError = this.#trouble.handling ?? this.#trouble.reading;
    const phase = lastError !== null && this.#phase !== 'stopped' ? 'retrying' : this.#phase;
    return { name, position: this.#position, state: phase, parked: state.parkedCount(name), lastError };
  }

  /**
   * Resolves when everything up to a position is handled or parked.
   * @param position of an event that is in the log
   * @throws {Stopped} when the subscriber ends before
   */
  async waitFor(position: Position): Promise<void> {
    for (;;) {
      const { promise: progress } = this.#progress;
      if (this.#position !== null && this.#position >= position) return;
      if (this.#phase === 'stopped') throw new Stopped(`The subscriber "${this.#given.name}" has stopped.`);
      // Events its filter leaves out need not move a subscriber on: at the head, nothing to do up to there is as good as done.
      if (this.#phase === 'live' && this.#intake.idle && !(await this.#hasWorkUpTo(position))) return;
      await progress;
    }
  }

  async #hasWorkUpTo(position: Position): Promise<boolean> {
    const { store, filter } = this.#given;
    const from = this.#position === null ? {} : { from: this.#position };
    for await (const [next] of store.readAll({ ...from, filter, limit: 1 }))
      return next !== undefined && next.position <= position;
    return false;
  }

  async #run(): Promise<void> {
    const { name, log, signal } = this.#given;
    const end = () => this.#stop();
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    let reading = Promise.resolve();
    try {
      // Replays wait for it too.
      await (this.#turn = this.#persevere(() => this.#prepare()));
      reading = this.#read();
      for (let portion; (portion = await this.#intake.take(this.#batchSize));) {
        await this.#deliver(portion.events);
        await this.#moveTo(portion.through);
        if (portion.caughtUp) this.#phase = 'live';
        // It falls behind when more is waiting than it takes at once; a few events that just came are daily life.
        else if (portion.events.length === this.#batchSize) this.#phase = 'catching-up';
        this.#tellProgress();
      }
    } catch (error) {
      if (!(error instanceof Stopped)) {
        this.#trouble.handling = reasonOf(error);
        log.error({ subscriber: name, err: error }, 'A subscriber stopped on a fault of its own');
      }
    }
    end();
    signal.removeEventListener('abort', end);
    await reading;
    this.#phase = 'stopped';
    this.#tellProgress();
  }

  #stop(): void {
    this.#end.abort();
    this.#intake.close();
  }

  #tellProgress(): void {
    this.#progress.resolve();
    this.#progress = Promise.withResolvers<void>();
  }

  async #prepare(): Promise<void> {
    const { name, state, prepare, log } = this.#given;
    const saved = state.checkpoint(name);
    const valid = saved !== null && (await this.#belongsToThisLog(saved));
    if (saved && !valid) {
      log.warn({ subscriber: name }, 'The checkpoint belongs to another log: reading this one from its start');
      state.resetCheckpoint(name);
    }
    this.#position = valid ? saved.position : null;
    this.#lastEvent = valid ? saved.event : null;
    await prepare?.(this.#position);
  }

  /** A log that was restored, emptied or exchanged has other events at the same places. */
  async #belongsToThisLog({ event }: Checkpoint): Promise<boolean> {
    try {
      const [found] = await this.#given.store.readStream(event.stream, { from: event.revision, limit: 1 });
      return found?.id === event.id;
    } catch (error) {
      if (error instanceof StreamNotFound || error instanceof StreamDeleted) return false;
      throw error;
    }
  }

  /** Reads ahead of the handling, for ever. */
  async #read(): Promise<void> {
    const { store, filter } = this.#given;
    const { signal } = this.#end;
    let after = this.#position;
    for (let failures = 0; !signal.aborted;) {
      try {
        for await (const message of store.subscribeToAll({ ...(after !== null && { after }), filter, signal })) {
          failures = 0;
          this.#trouble.reading = null;
          if (message.kind === 'events') after = message.events.at(-1)?.position ?? after;
          if (message.kind === 'checkpoint') after = message.position;
          await this.#intake.put(message);
        }
        if (!signal.aborted) throw new StoreUnavailable('The subscription ended by itself.');
      } catch (error) {
        await this.#wait('reading', (failures += 1), error);
      }
    }
  }

  async #deliver(events: readonly RecordedEvent[]): Promise<void> {
    const batch: Delivery[] = [];
    for (const recorded of events) {
      await this.#turns.pass();
      try {
        const event = this.#given.codec.decode(recorded);
        if (event) batch.push({ recorded, event });
      } catch (error) {
        await this.#park(recorded, { error, attempts: 1 });
      }
    }
    await deliver(batch, {
      attempts: this.#given.retry.attempts,
      handle: (portion) => this.#handle(portion),
      pauseAfter: (failures, error) => this.#pauseAfter(failures, error),
      park: ({ recorded }, failure) => this.#park(recorded, failure),
      settled: ({ recorded }) => this.#moveTo(recorded.position, recorded),
    });
    this.#lastEvent = events.at(-1) ?? this.#lastEvent;
  }

  /** One call at a time, replays of parked events included. */
  async #handle(events: readonly Recorded[]): Promise<void> {
    const { signal } = this.#end;
    const earlier = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await earlier;
      if (signal.aborted) throw new Stopped('The subscriber ends.');
      await this.#given.handle(events, signal);
      this.#trouble.handling = null;
    } catch (error) {
      throw signal.aborted ? new Stopped('The subscriber ends.', { cause: error }) : error;
    } finally {
      resolve();
    }
  }

  async #park({ position, type, stream, revision }: RecordedEvent, { error, attempts }: Failure): Promise<void> {
    const { name, state, now, log } = this.#given;
    const reason = reasonOf(error);
    const parkedAt = now();
    await this.#persevere(() => state.park(name, { position, type, stream, revision, reason, attempts, parkedAt }));
    log.error({ subscriber: name, stream, type, attempts, err: error }, 'An event was parked');
  }

  async #moveTo(position: Position | null, event = this.#lastEvent): Promise<void> {
    if (position === null || position === this.#position) return;
    this.#lastEvent = event;
    if (event) await this.#persevere(() => this.#given.state.saveCheckpoint(this.#given.name, { position, event }));
    this.#position = position;
  }

  /** Does what must succeed before anything else makes sense, however long it takes (a full disk, a store that is away). */
  async #persevere(work: () => void | Promise<void>): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        await work();
        this.#trouble.handling = null;
        return;
      } catch (error) {
        await this.#pauseAfter(failures, error);
      }
    }
  }

  async #pauseAfter(failures: number, error: unknown): Promise<void> {
    await this.#wait('handling', failures, error);
    if (this.#end.signal.aborted) throw new Stopped('The subscriber ends.');
  }

  async #wait(activity: 'reading' | 'handling', failures: number, error: unknown): Promise<void> {
    const { name, retry, random, log, wait = pause } = this.#given;
    if (this.#end.signal.aborted) return;
    const milliseconds = delayAfter(failures, error, retry, random());
    this.#trouble[activity] = reasonOf(error);
    log.warn(
      { subscriber: name, failures, milliseconds, err: error },
      `A subscriber's ${activity} failed and will be retried`,
    );
    await wait(milliseconds, this.#end.signal);
  }
}
