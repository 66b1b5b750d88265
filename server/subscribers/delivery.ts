import type { Recorded } from '../../domain/event-registry.ts';
import { StoreUnavailable, type RecordedEvent } from '../event-store/event-store.ts';
import { retryAfterOf } from './retry.ts';

/** An event as the log has it, and as the handler sees it. */
export type Delivery = { readonly recorded: RecordedEvent; readonly event: Recorded };

/** The subscriber was asked to end: what is under way is neither retried nor parked. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export type Failure = { readonly error: unknown; readonly attempts: number };

export type DeliveryTools = {
  /** Attempts before giving up. */
  readonly attempts: number;
  /** The effect. @throws {Stopped} when it failed because the subscriber ends */
  handle(events: readonly Recorded[]): Promise<void>;
  /** Waits after the n-th failure in a row. @throws {Stopped} when the subscriber ends meanwhile */
  pauseAfter(failures: number, error: unknown): Promise<void>;
  park(delivery: Delivery, failure: Failure): Promise<void>;
  /** All deliveries up to and including this one are handled or parked. */
  settled(delivery: Delivery): Promise<void>;
};

/**
 * Hands a batch to its handler. One that fails is tried again, then taken apart until the events that fail stand alone:
 * only they are parked, with the reason, and all the others are handled in their order.
 */
export async function deliver(batch: readonly Delivery[], tools: DeliveryTools): Promise<void> {
  const [first, ...others] = batch;
  if (!first) return;
  const failure = await attempt(batch, tools.attempts, tools);
  if (failure && others.length > 0) return takeApart(batch, tools);
  if (failure) await tools.park(first, failure);
  await tools.settled(batch.at(-1) ?? first);
}

async function takeApart(batch: readonly Delivery[], tools: DeliveryTools): Promise<void> {
  const middle = batch.length >> 1;
  for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
    const last = half.at(-1);
    if (!last) continue;
    // A single event gets all its attempts in deliver; a larger part is only asked whether it holds one that fails.
    if (half.length === 1) await deliver(half, tools);
    else if (await attempt(half, 1, tools)) await takeApart(half, tools);
    else await tools.settled(last);
  }
}

/** @returns why it failed for good, or null */
async function attempt(batch: readonly Delivery[], most: number, tools: DeliveryTools): Promise<Failure | null> {
  const events = batch.map(({ event }) => event);
  for (let attempts = 1, outages = 0; ;) {
    try {
      await tools.handle(events);
      return null;
    } catch (error) {
      if (error instanceof Stopped) throw error;
      if (error instanceof StoreUnavailable) {
        // No fault of the event: it waits until the store is back, however long that takes.
        await tools.pauseAfter((outages += 1), error);
        continue;
      }
      const last = attempts === most;
      if (!last || retryAfterOf(error) > 0) await tools.pauseAfter(attempts, error);
      if (last) return { error, attempts };
      attempts += 1;
    }
  }
}
