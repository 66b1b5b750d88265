import type { Recorded } from '../../domain/event-registry.ts';
import type { Codec } from '../event-store/codec.ts';
import { StoreUnavailable, type EventStore } from '../event-store/event-store.ts';
import { withoutSecrets } from '../log.ts';
import { Stopped } from './delivery.ts';
import type { ParkedEvent, SubscriberState } from './subscriber-state.ts';

export type Replay = {
  readonly replayed: readonly string[];
  /** Still parked, with the new reason. */
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
};

/** No parked event has this id. */
export class NotParked extends Error {
  override readonly name = 'NotParked';
  constructor(id: string) {
    super(`No parked event has the id "${id}".`);
  }
}

/** What went wrong, in one line for people; it is kept and shown, so it holds no credentials. */
export const reasonOf = (error: unknown): string =>
  withoutSecrets(error instanceof Error ? `${error.name}: ${error.message}` : String(error));

export type ParkedEventsOptions = {
  readonly subscriber: string;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly codec: Codec;
  readonly state: SubscriberState;
  readonly handle: (events: readonly Recorded[]) => Promise<void>;
  readonly now: () => number;
};

/** Events that a subscriber put aside, for an admin to look at, try again or give up. */
export class ParkedEvents {
  readonly #given: ParkedEventsOptions;

  constructor(options: ParkedEventsOptions) {
    this.#given = options;
  }

  /** In the order of the log. */
  list(): ParkedEvent[] {
    return this.#given.state.parked(this.#given.subscriber);
  }

  /**
   * Handles parked events again, one by one, and takes those that succeed off the list.
   * @throws {NotParked} when no event with this id is parked
   */
  async replay(id: string | 'all'): Promise<Replay> {
    const chosen = this.list().filter((parked) => id === 'all' || parked.id === id);
    if (id !== 'all' && chosen.length === 0) throw new NotParked(id);
    const replayed: string[] = [];
    const failed: { id: string; reason: string }[] = [];
    for (const parked of chosen) {
      const reason = await this.#again(parked);
      if (reason === null) replayed.push(parked.id);
      else failed.push({ id: parked.id, reason });
    }
    return { replayed, failed };
  }

  /** Gives up an event for good. @throws {NotParked} */
  discard(id: string): void {
    if (!this.#given.state.unpark(this.#given.subscriber, id)) throw new NotParked(id);
  }

  /** @returns why it failed, or null */
  async #again(parked: ParkedEvent): Promise<string | null> {
    const { subscriber, state, handle, now } = this.#given;
    try {
      await handle([await this.#read(parked)]);
      state.unpark(subscriber, parked.id);
      return null;
    } catch (error) {
      const reason = reasonOf(error);
      // Neither is the event's fault: they count as no attempt.
      if (!(error instanceof Stopped || error instanceof StoreUnavailable))
        state.park(subscriber, { ...parked, reason, attempts: parked.attempts + 1, parkedAt: now() });
      return reason;
    }
  }

  async #read({ stream, revision, position }: ParkedEvent): Promise<Recorded> {
    const [recorded] = await this.#given.store.readStream(stream, { from: revision, limit: 1 });
    const event = recorded?.position === position ? this.#given.codec.decode(recorded) : null;
    if (!event) throw new Error(`The log no longer holds this event at revision ${revision} of "${stream}".`);
    return event;
  }
}
