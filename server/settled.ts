import type { EventStore } from './event-store/event-store.ts';
import type { ReadModels } from './read-models/database.ts';
import type { Subscriber } from './subscribers/subscriber.ts';

/** Read models that were deleted are folded from the start of the log, which takes a minute for millions of events. */
const PATIENCE_MS = 600_000;

type Parts = {
  readonly store: Pick<EventStore, 'head'>;
  readonly keeper: Pick<Subscriber, 'waitFor'>;
  readonly readModels: Pick<ReadModels, 'waitFor'>;
};

/**
 * Resolves when everything in the log has been acted on by the keeper and can be queried, however long that takes (ten minutes at
 * most). @throws {ReadModelsBehind}
 */
export async function settled({ store, keeper, readModels }: Parts): Promise<void> {
  const collected = await store.head();
  if (collected === null) return;
  await keeper.waitFor(collected);
  const marked = await store.head();
  if (marked !== null) await readModels.waitFor(marked, { timeout: PATIENCE_MS });
}
