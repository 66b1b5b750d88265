import type { AppendResult, RecordedEvent } from '../event-store.ts';

/** How far back is looked, step by step: past what others wrote since. */
const LOOK_BACK_EVENTS = [10, 200, 4_000] as const;
/** What was recorded so long before we began is not ours, however the clocks differ. */
const CLOCK_DIFFERENCE_MS = 60_000;

/** The stream's last events, newest first; none for a stream that does not exist. */
type ReadsNewest = (count: number) => Promise<readonly RecordedEvent[]>;

/** Looks whether the events of an append of unknown outcome stand at the end of their stream. */
export class OwnEvents {
  readonly #ids: readonly string[];
  readonly #newest: ReadsNewest;
  readonly #began = Date.now();
  /** Up to here nothing is ours. */
  #clearedUpTo = -1n;

  constructor(ids: readonly string[], newest: ReadsNewest) {
    this.#ids = ids;
    this.#newest = newest;
  }

  /** `last`: the stream's last revision, if it exists. @throws {CallFailure} */
  async find(): Promise<{ readonly written: AppendResult | undefined; readonly last: bigint | undefined }> {
    let last: bigint | undefined;
    for (const count of LOOK_BACK_EVENTS) {
      const most = count + this.#ids.length;
      const newest = await this.#newest(most);
      last = newest[0]?.revision;
      const written = placeOf(this.#ids, newest);
      if (written !== undefined) return { written, last };
      const oldest = newest.at(-1);
      if (oldest === undefined || newest.length < most || this.#isCleared(oldest)) break;
    }
    this.#clearedUpTo = last ?? this.#clearedUpTo;
    return { written: undefined, last };
  }

  #isCleared({ revision, recordedAt }: RecordedEvent): boolean {
    return revision <= this.#clearedUpTo + 1n || recordedAt < this.#began - CLOCK_DIFFERENCE_MS;
  }
}

/** Where all of these ids stand, one behind the other and in this order. */
export function placeOf(ids: readonly string[], newestFirst: readonly RecordedEvent[]): AppendResult | undefined {
  const at = newestFirst.findIndex((event) => event.id === ids.at(-1));
  if (at < 0) return undefined;
  const place = newestFirst.slice(at, at + ids.length).toReversed();
  const last = place.at(-1);
  return last !== undefined && place.length === ids.length && place.every((event, index) => event.id === ids[index])
    ? { revision: last.revision, position: last.position }
    : undefined;
}
