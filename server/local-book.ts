import {
  challenge,
  challengeStream,
  enrol,
  everyDay,
  openChallenge,
  type Challenge,
  type ChallengeEvent,
} from '../domain/challenge.ts';
import { openLocalRepository } from './collect/local-git.ts';
import type { Enrolment } from './collect/record-history.ts';
import { formerlyAt, repositoryIdOf } from './collect/registration.ts';
import { derivedId, type Codec } from './event-store/codec.ts';
import { execute } from './event-store/command-handler.ts';
import { StoreUnavailable, type EventStore } from './event-store/event-store.ts';

/** Without configuration the season is the last 100 days, as long as the challenge of seed 002. */
const SEASON = { kind: 'rolling', days: 100 } as const;
/** An append holds a megabyte; a repository may have tens of thousands of authors. */
const MEMBERS_AN_APPEND = 1_000;

/** A repository that does not say what it is within these milliseconds is left out of the book's name. */
const PATIENCE = 5_000;

type Given = {
  readonly store: EventStore;
  readonly codec: Codec;
  readonly timeZone: string;
  /** Ends looking. */
  readonly signal: AbortSignal;
};
type Followed = { readonly repositoryId: string; readonly name: string };

/**
 * The challenge that Almanac opens by itself for the repositories it is started with (docs/adr/0004). It is named by the set of
 * repositories: the same set is the same book at every start, and a repository that has vanished since still belongs to its book.
 */
export class LocalBook implements Enrolment {
  #challenge: { readonly id: string; readonly title: string } | null = null;
  #looked: Promise<void> | null = null;
  #opened: Promise<void> | null = null;
  readonly #paths: readonly string[];
  readonly #given: Given;

  /** Begins to look which repositories the paths lead to, now or at an earlier start; nobody has to wait for a disk that is slow. */
  constructor(paths: readonly string[], given: Given) {
    this.#paths = paths;
    this.#given = given;
    this.#look().catch(() => undefined); // tried again with the first repository that is read
  }

  /** Of the challenge; null until it is known that a path leads to a repository. */
  get id(): string | null {
    return this.#challenge?.id ?? null;
  }

  /** The book follows the repository and the people are in it. @throws {StoreUnavailable} */
  async enrol({ id, name }: { id: string; name: string }, memberIds: readonly string[]): Promise<void> {
    await this.#look();
    if (!this.#challenge) this.#name([{ repositoryId: id, name }]);
    await this.#open();
    await this.#decide(`follow ${id}`, (state) => enrol({ repositories: [id], members: [] }, state));
    for (let from = 0; from < memberIds.length; from += MEMBERS_AN_APPEND) {
      const members = memberIds.slice(from, from + MEMBERS_AN_APPEND);
      await this.#decide(`join ${members.join(' ')}`, (state) => enrol({ repositories: [], members }, state));
    }
  }

  #look(): Promise<void> {
    this.#looked ??= Promise.all(this.#paths.map((path) => repositoryAt(path, this.#given)))
      .then((found) => {
        const followed = found.filter((one) => one !== null);
        if (followed.length > 0) this.#name(followed);
      })
      .catch((error: unknown) => {
        this.#looked = null;
        throw error;
      });
    return this.#looked;
  }

  #name(followed: readonly Followed[]): void {
    const ids = [...new Set(followed.map(({ repositoryId }) => repositoryId))].toSorted();
    const id = derivedId('local book', this.#given.timeZone, ...ids);
    this.#challenge = { id, title: [...new Set(followed.map(({ name }) => name))].join(' + ') };
  }

  #open(): Promise<void> {
    const { id = '', title = '' } = this.#challenge ?? {};
    const input = { id, title, timeZone: this.#given.timeZone, season: SEASON, rule: everyDay };
    this.#opened ??= this.#decide('open', (state) => openChallenge(input, state)).catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async #decide(intention: string, decide: (state: Challenge) => ChallengeEvent[]): Promise<void> {
    const { store, codec } = this.#given;
    const id = this.id ?? '';
    const command = { stream: challengeStream(id), aggregate: challenge, decide, commandId: `${id} ${intention}` };
    await execute(store, codec, command);
  }
}

async function repositoryAt(path: string, given: Given): Promise<Followed | null> {
  try {
    const repository = await openLocalRepository(path, { patience: PATIENCE, signal: given.signal });
    return { repositoryId: repositoryIdOf(repository), name: repository.name };
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    // Why it cannot be opened is for the collector to say.
    return formerlyAt(given, path);
  }
}
