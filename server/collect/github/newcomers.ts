import type { Collected } from './people.ts';

type Given = {
  readonly people: () => readonly Collected[];
  /** Whatever besides decides what is read of somebody: their token, what they have connected. */
  readonly reachOf: (person: Collected) => unknown;
  /** Whether their commits were ever read, or tried to be. */
  readonly isKnown: (person: Collected) => boolean;
  readonly collect: (memberIds: readonly string[]) => void;
};

/** Several things change at once when somebody is let in. */
const GATHER_MS = 2_000;

/**
 * Has those read soon who come, take part in another season, or let more be read: nobody waits an hour for a first commit to be seen.
 * What else changes is for the hour.
 */
export class Newcomers implements Disposable {
  readonly #given: Given;
  readonly #seen = new Map<string, string>();
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
    const { people, reachOf, isKnown, collect } = this.#given;
    const wanted = people().filter((person) => {
      const before = this.#seen.get(person.memberId);
      const now = JSON.stringify([person, reachOf(person)]);
      this.#seen.set(person.memberId, now);
      // Before the first look nothing is new but who was never read.
      return before === undefined ? !isKnown(person) : before !== now;
    });
    if (wanted.length > 0) collect(wanted.map(({ memberId }) => memberId));
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    clearTimeout(this.#gathering);
  }
}
