import { inParallel } from '../in-parallel.ts';

/** Appends under way at once: enough for the store to write many with one sync of the disk, few enough to bound memory. */
const MOST_IN_FLIGHT = 64;

/** Works on items in order, so many at a time. @throws the first failure, after which none is begun, once nothing is under way */
export const inFlight = <Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> =>
  inParallel(items, work, { most: MOST_IN_FLIGHT });

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
