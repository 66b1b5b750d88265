import type { EventStore } from './event-store/event-store.ts';
import type { ReadModels } from './read-models/database.ts';
import { pause } from './backoff.ts';
import { ReadModelsBehind } from './read-models/waiting.ts';
import type { Subscriber } from './subscribers/subscriber.ts';

/** Read models that were deleted are folded from the start of the log, which takes a minute for millions of events. */
const PATIENCE_MS = 600_000;

type Parts = {
  readonly store: Pick<EventStore, 'head'>;
  readonly keeper: Pick<Subscriber, 'waitFor'>;
  readonly readModels: Pick<ReadModels, 'waitFor'>;
};

/**
 * Resolves when the days are marked that the commits in the log attend.
 * @param signal ends the waiting
 * @throws {ReadModelsBehind} after ten minutes @throws what the signal was aborted with
 */
export async function marked(
  { store, keeper }: Pick<Parts, 'store' | 'keeper'>,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const head = await store.head();
  if (head !== null) await inTime(keeper.waitFor(head), signal);
}

/**
 * Resolves when everything in the log has been acted on by the keeper and can be queried, however long that takes (ten minutes at
 * most). @throws {ReadModelsBehind} also when it is the keeper that is behind
 */
export async function settled({ store, keeper, readModels }: Parts): Promise<void> {
  await marked({ store, keeper });
  const head = await store.head();
  if (head !== null) await readModels.waitFor(head, { timeout: PATIENCE_MS });
}

async function inTime(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const late = pause(PATIENCE_MS, AbortSignal.any([ended.signal, signal])).then(() => {
    signal.throwIfAborted();
    if (!ended.signal.aborted) throw new ReadModelsBehind('The attendance keeper is behind.');
  });
  try {
    await Promise.race([work, late]);
  } finally {
    ended.abort();
  }
}
