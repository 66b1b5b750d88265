import type { Position, RecordedEvent, SubscriptionMessage } from '../event-store/event-store.ts';

/** What is to be handled next. `through`: once `events` are handled, everything up to here is. */
export type Portion = {
  readonly events: readonly RecordedEvent[];
  readonly through: Position | null;
  /** Nothing is behind this portion: the subscription has reached the head of the log. */
  readonly caughtUp: boolean;
};

/**
 * Stands between the subscription, which is read ahead, and the handling, which takes everything that has come meanwhile:
 * batches grow by themselves when there is much to do, and an event that comes alone is handled at once.
 */
export class Intake {
  readonly #capacity: number;
  #events: RecordedEvent[] = [];
  #through: Position | null = null;
  #caughtUp = false;
  #news = false;
  #closed = false;
  #arrival = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();

  /** @param capacity events kept waiting before the reader is held back */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Takes a message in, and resolves when there is room for the next one. */
  async put(message: SubscriptionMessage): Promise<void> {
    if (message.kind === 'events') for (const event of message.events) this.#events.push(event);
    if (message.kind !== 'caught-up') this.#through = positionOf(message);
    if (message.kind !== 'checkpoint') this.#caughtUp = message.kind === 'caught-up';
    this.#news = true;
    this.#arrival.resolve();
    while (this.#events.length >= this.#capacity && !this.#closed) {
      this.#room = Promise.withResolvers<void>();
      await this.#room.promise;
    }
  }

  /** The next portion of at most `most` events, as soon as there is anything; null once closed. */
  async take(most: number): Promise<Portion | null> {
    while (!this.#news && !this.#closed) {
      this.#arrival = Promise.withResolvers<void>();
      await this.#arrival.promise;
    }
    if (this.#closed) return null;
    const events = this.#events.length <= most ? this.#events : this.#events.slice(0, most);
    this.#events = this.#events.slice(events.length);
    this.#news = this.#events.length > 0;
    this.#room.resolve();
    if (!this.#news) return { events, through: this.#through, caughtUp: this.#caughtUp };
    return { events, through: events.at(-1)?.position ?? null, caughtUp: false };
  }

  /** Is anything waiting? */
  get idle(): boolean {
    return !this.#news;
  }

  close(): void {
    this.#closed = true;
    this.#arrival.resolve();
    this.#room.resolve();
  }
}

const positionOf = (message: Exclude<SubscriptionMessage, { kind: 'caught-up' }>) =>
  message.kind === 'checkpoint' ? message.position : (message.events.at(-1)?.position ?? null);
