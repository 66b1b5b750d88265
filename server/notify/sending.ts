import { randomUUID } from 'node:crypto';
import {
  claimDelivery,
  deliveryTo,
  noteFailed,
  noteSent,
  notification,
  notificationStream,
  type Delivery,
  type Notification,
  type NotificationEvent,
} from '../../domain/notification.ts';
import { pause } from '../backoff.ts';
import { derivedId, type Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore } from '../event-store/event-store.ts';
import { DeliveryFailed, type Channel, type Outgoing } from './channel.ts';
import { retrying } from './retrying.ts';

export type SendingParts = {
  readonly store: EventStore;
  readonly codec: Codec;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Nobody else writes to this log: whoever is said to be sending and is not this process is gone. */
  readonly alone: boolean;
  /** For tests. */
  readonly times?: Partial<typeof TIMES>;
};

const TIMES = {
  attempts: 4,
  backoff: { firstDelayMs: 1_000, longestDelayMs: 30_000 },
  /** No attempt begins later than this. */
  budgetMs: 90_000,
  /** The longest that an attempt may take. */
  attemptMs: 60_000,
  /** A sender that has not said for so long what became of it is gone: longer than any attempt that begins in time can take. */
  leaseMs: 180_000,
  pollMs: 500,
};

export type Errand = {
  readonly kind: string;
  readonly slot: string;
  readonly channel: Channel;
  /** An address where the channel needs one; it is not told to the log. */
  readonly to: string;
  /** A member's id, or `organiser`. */
  readonly recipient: string;
  /** Made at the moment of sending; null: there is nothing to say (any more). */
  readonly message: () => Outgoing | null;
};

export type Sent = 'sent' | 'failed' | 'not needed';

/**
 * Sends each message of a slot once, whoever asks and how often: the first to say so in the log sends it, the others wait for what
 * becomes of it. Killed between sending and saying so, it is sent again with the same key, as nobody can know whether it arrived.
 */
export class Sending {
  readonly #parts: SendingParts;
  readonly #times: typeof TIMES;
  readonly #sender = randomUUID();

  constructor(parts: SendingParts) {
    this.#parts = parts;
    this.#times = { ...TIMES, ...parts.times };
  }

  /** A message that cannot be sent is an outcome, which is kept. @throws {StoreUnavailable} and what the signal was aborted with */
  async send(errand: Errand, signal: AbortSignal): Promise<Sent> {
    for (let waited = false; ; waited = true) {
      signal.throwIfAborted();
      const message = errand.message();
      if (message === null) return 'not needed';
      const { mine, known } = await this.#claim(errand, waited);
      if (mine) return this.#sendClaimed(errand, message, signal);
      if (known?.status === 'sent') return 'sent';
      if (known?.status === 'failed') return 'failed';
      await pause(this.#times.pollMs, signal);
    }
  }

  /** @param waited somebody else was sending it: if it failed for them, it need not be tried once more at once */
  async #claim(errand: Errand, waited: boolean): Promise<{ mine: boolean; known: Delivery | undefined }> {
    let known: Delivery | undefined;
    const events = await this.#say(errand, (state, attempt) => {
      known = deliveryTo(attempt, state);
      if (waited && known?.status === 'failed') return [];
      return claimDelivery({ ...attempt, sender: this.#sender }, (sending) => this.#isDead(sending), state);
    });
    return { mine: events.length > 0, known };
  }

  #isDead({ sender, since }: { sender: string; since: string }): boolean {
    const { alone, now } = this.#parts;
    return (alone && sender !== this.#sender) || now() - Date.parse(since) > this.#times.leaseMs;
  }

  async #sendClaimed(errand: Errand, message: Outgoing, signal: AbortSignal): Promise<Sent> {
    const { channel, to } = errand;
    const { now, random } = this.#parts;
    const key = keyOf(errand);
    try {
      await retrying(
        () => channel.send(message, to, key, AbortSignal.any([signal, AbortSignal.timeout(this.#times.attemptMs)])),
        { ...this.#times, now, random, again: againAfter },
        signal,
      );
    } catch (failure) {
      const reason = reasonOf(failure);
      await this.#say(errand, (state, attempt) => noteFailed({ ...attempt, sender: this.#sender, reason }, state));
      if (signal.aborted) throw failure;
      return 'failed';
    }
    await this.#say(errand, (state, attempt) => noteSent(attempt, state));
    return 'sent';
  }

  async #say(
    { kind, slot, channel, recipient }: Errand,
    decide: (state: Notification, attempt: Attempt) => NotificationEvent[],
  ): Promise<readonly NotificationEvent[]> {
    const { store, codec, now } = this.#parts;
    const attempt = { kind, slot, channel: channel.name, recipient, at: new Date(now()).toISOString() };
    const { events } = await execute(store, codec, {
      stream: notificationStream(kind, slot),
      aggregate: notification,
      decide: (state) => decide(state, attempt),
      // What is said here is said by this call and by no other: another one that says the same is another attempt.
      commandId: randomUUID(),
    });
    return events;
  }
}

type Attempt = { kind: string; slot: string; channel: string; recipient: string; at: string };

/** What a receiver can tell the same message by. */
const keyOf = ({ kind, slot, channel, recipient }: Errand): string =>
  derivedId('notification', kind, slot, channel.name, recipient);

const againAfter = (failure: unknown) =>
  failure instanceof DeliveryFailed && failure.retryable ? { afterMs: failure.retryAfterMs } : null;

/** Only our own words: errors of others quote addresses, bodies and tokens. */
const reasonOf = (failure: unknown): string =>
  failure instanceof DeliveryFailed ? failure.message : 'It could not be sent: see the log of the server.';
