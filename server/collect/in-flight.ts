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

/** Most events of one append, and bytes: far below what a store accepts. */
const MOST_EVENTS = 500;
const MOST_BYTES = 800_000;
/** A character of text as JSON at most (`\u0001`, or three bytes of UTF-8), sealed as base64; and everything else of an event. */
const BYTES = { character: 8, event: 600 };

/** Cuts a list into pieces that fit into an append each. */
export function appendable<Item>(items: readonly Item[], text: (item: Item) => string): Item[][] {
  const pieces: Item[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = text(item).length * BYTES.character + BYTES.event;
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
