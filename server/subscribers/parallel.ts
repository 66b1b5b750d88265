import { StoreUnavailable } from '../event-store/event-store.ts';

/**
 * Does work on all items, at most `most` at a time. One that fails does not keep the others from being done, unless the store
 * is away: then no more are begun.
 * @throws {StoreUnavailable} when any met it, else the first failure; what the signal was aborted with
 */
export async function inParallel<Item>(
  most: number,
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const left = Iterator.from(items);
  const failures: unknown[] = [];
  const outage = () => failures.find((failure) => failure instanceof StoreUnavailable);
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) {
      if (signal.aborted || outage()) return;
      await work(next.value).catch((failure: unknown) => failures.push(failure));
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  signal.throwIfAborted();
  if (failures.length > 0) throw outage() ?? failures[0];
}
