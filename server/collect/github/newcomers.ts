import { ReadModelUnavailable } from '../../read-models/read-model.ts';
import type { Collected } from './people.ts';

type Given = {
  readonly people: () => readonly Collected[];
  /** Whatever besides decides what is read of somebody: their token, what they have connected. */
  readonly reachOf: (person: Collected) => unknown;
  /** Whether their commits were ever read, or tried to be. */
  readonly isKnown: (person: Collected) => boolean;
  readonly collect: (memberIds: readonly string[]) => void;
  readonly onTrouble: (message: string, error: unknown) => void;
};

/** Several things change at once when somebody is let in. */
const GATHER_MS = 2_000;

/**
 * Has those read soon who come, take part in another season, or let more be read: nobody waits an hour for a first commit to be seen.
 * What else changes is for the hour.
 */
export class Newcomers implements Disposable {
  readonly #given: Given;
  /** By member what decided what was read of them, when they were last looked at. */
  #seen: ReadonlyMap<string, string> = new Map();
  #gathering: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Something about people has changed. */
  look(): void {
    if (!this.#ended) this.#gathering ??= setTimeout(() => this.#look(), GATHER_MS);
  }

  #look(): void {
    this.#gathering = undefined;
    try {
      const { wanted, seen } = this.#compare();
      if (wanted.length > 0) this.#given.collect(wanted);
      this.#seen = seen;
    } catch (error) {
      // It is built anew; what has changed meanwhile is not forgotten.
      if (error instanceof ReadModelUnavailable) this.look();
      else this.#given.onTrouble('Who has come is not known; the next collection reads them', error);
    }
  }

  #compare() {
    const { people, reachOf, isKnown } = this.#given;
    const seen = new Map<string, string>();
    const wanted = people().filter((person) => {
      const before = this.#seen.get(person.memberId);
      const now = JSON.stringify([person, reachOf(person)]);
      seen.set(person.memberId, now);
      // Before the first look nothing is new but who was never read.
      return before === undefined ? !isKnown(person) : before !== now;
    });
    return { wanted: wanted.map(({ memberId }) => memberId), seen };
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    clearTimeout(this.#gathering);
  }
}
