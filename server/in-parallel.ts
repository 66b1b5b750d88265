export type Parallel = {
  /** How many at a time. */
  readonly most: number;
  /** A failure after which no more are begun; any other does not keep the rest from being done. Default: every failure. */
  readonly stopAt?: (failure: unknown) => boolean;
  /** No more are begun once it comes. */
  readonly signal?: AbortSignal;
};

/**
 * Does work on all items, begun in their order.
 * @throws once nothing is under way any more: what the signal was aborted with, else the first failure that stopped it, else the first
 */
export async function inParallel<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
  { most, stopAt = () => true, signal }: Parallel,
): Promise<void> {
  const left = Iterator.from(items);
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) {
      if (signal?.aborted || failures.some(stopAt)) return;
      await work(next.value).catch((failure: unknown) => failures.push(failure));
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  signal?.throwIfAborted();
  if (failures.length > 0) throw failures.find(stopAt) ?? failures[0];
}
