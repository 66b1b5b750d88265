import type { Recorded } from '../../domain/event-registry.ts';
import type { Codec } from '../event-store/codec.ts';
import type { RecordedEvent } from '../event-store/event-store.ts';

const kinds = new Map<string, number>();

/** A small number for each type of event: with it a handler is found several times as fast as by the type's name. */
export const kindOf = (type: string): number => kinds.getOrInsertComputed(type, () => kinds.size);

/** Events as they come from the log; each is decoded once, when the first projection asks for it. */
export class EventPage {
  readonly events: readonly RecordedEvent[];
  /** Of each event. */
  readonly kinds: readonly number[];
  readonly #decode: Codec['decode'];
  readonly #decoded: (Recorded | null | undefined)[];

  constructor(events: readonly RecordedEvent[], decode: Codec['decode']) {
    this.events = events;
    this.#decode = decode;
    this.kinds = events.map(({ type }) => kindOf(type));
    this.#decoded = new Array<undefined>(events.length).fill(undefined);
  }

  /** What it means; null: nothing to this version of Almanac. */
  event(index: number): Recorded | null {
    const known = this.#decoded[index];
    if (known !== undefined) return known;
    const recorded = this.events[index];
    const event = recorded ? this.#decode(recorded) : null;
    this.#decoded[index] = event;
    return event;
  }
}
