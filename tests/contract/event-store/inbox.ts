import type {
  EventStore,
  Position,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionMessage,
} from '../../../server/event-store/event-store.ts';

/** Reads a subscription as it comes and lets a test wait for what it expects; the test's own time limit is the only one. */
export class Inbox implements AsyncDisposable {
  readonly events: RecordedEvent[] = [];
  ended = false;
  failure: unknown;
  #caughtUp = 0;
  #checkpoint: Position | undefined;
  readonly #abort = new AbortController();
  readonly #reading: Promise<void>;
  readonly #waiting = new Set<() => void>();

  constructor(store: Pick<EventStore, 'subscribeToAll'>, options: Omit<SubscribeOptions, 'signal'>) {
    this.#reading = this.#read(store.subscribeToAll({ ...options, signal: this.#abort.signal }));
  }

  async #read(messages: AsyncIterable<SubscriptionMessage>): Promise<void> {
    try {
      for await (const message of messages) this.#take(message);
    } catch (error) {
      this.failure = error;
    }
    this.ended = true;
    for (const wake of this.#waiting) wake();
  }

  #take(message: SubscriptionMessage): void {
    if (message.kind === 'events') this.events.push(...message.events);
    if (message.kind === 'caught-up') this.#caughtUp += 1;
    if (message.kind === 'checkpoint') this.#checkpoint = message.position;
    for (const wake of this.#waiting) wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.ended)
        throw new Error('The subscription ended before what the test waits for.', { cause: this.failure });
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  untilCaughtUp(times = 1): Promise<void> {
    return this.#until(() => this.#caughtUp >= times);
  }

  untilEvents(count: number): Promise<void> {
    return this.#until(() => this.events.length >= count);
  }

  async untilCheckpoint(): Promise<Position> {
    await this.#until(() => this.#checkpoint !== undefined);
    return this.#checkpoint!;
  }

  untilEnded(): Promise<void> {
    return this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#reading;
  }
}
