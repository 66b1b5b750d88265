/** Appends under way at once: enough for the store to write many with one sync of the disk, few enough to bound memory. */
export const MOST_IN_FLIGHT = 64;

/** Works on items in order, so many at a time. The first failure is thrown once nothing is under way any more. */
export async function inFlight<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of waiting) {
      if (failures.length > 0) return;
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST_IN_FLIGHT, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

/** Most events of one append, and bytes of their text: sealed and serialised they stay far below what a store accepts. */
const MOST_EVENTS = 500;
const MOST_BYTES = 400_000;

/** Cuts a list into pieces that fit into an append each. */
export function appendable<Item>(items: readonly Item[], text: (item: Item) => string): Item[][] {
  const pieces: Item[][] = [];
  let bytes = MOST_BYTES;
  for (const item of items) {
    const size = Buffer.byteLength(text(item)) * 2 + 500;
    const piece = pieces.at(-1);
    if (piece && piece.length < MOST_EVENTS && bytes + size <= MOST_BYTES) {
      piece.push(item);
      bytes += size;
    } else {
      pieces.push([item]);
      bytes = size;
    }
  }
  return pieces;
}
