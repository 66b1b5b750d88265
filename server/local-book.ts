import {
  challenge,
  challengeStream,
  enrol,
  everyDay,
  openChallenge,
  type Challenge,
  type ChallengeEvent,
} from '../domain/challenge.ts';
import { pause } from './backoff.ts';
import { openLocalRepository } from './collect/local-git.ts';
import type { Enrolment } from './collect/record-history.ts';
import { formerlyAt, registeredAt, repositoryIdOf } from './collect/registration.ts';
import { derivedId, type Codec } from './event-store/codec.ts';
import { execute } from './event-store/command-handler.ts';
import { StoreUnavailable, type EventStore } from './event-store/event-store.ts';

/** Without configuration the season is the last 100 days, as long as the challenge of seed 002. */
const SEASON = { kind: 'rolling', days: 100 } as const;
/** An append holds a megabyte; a repository may have tens of thousands of authors. */
const MEMBERS_AN_APPEND = 1_000;

/** A repository that does not say what it is within these milliseconds is taken for the one that was last read at its path. */
const PATIENCE = 5_000;

type Given = {
  readonly store: EventStore;
  readonly codec: Codec;
  readonly timeZone: string;
  /** Ends looking. */
  readonly signal: AbortSignal;
};
type Followed = { readonly id: string; readonly name: string };

/**
 * The challenge that Almanac opens by itself for the repositories it is started with (docs/adr/0004). It is named by the set of
 * repositories: the same set is the same book at every start, and a repository that has vanished since still belongs to its book.
 */
export class LocalBook implements Enrolment {
  /** By id: what the paths lead to, as far as is known. */
  readonly #followed = new Map<string, string>();
  #looked: Promise<void> | null = null;
  #opened: { readonly id: string; readonly done: Promise<void> } | null = null;
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
    if (this.#followed.size === 0) return null;
    return derivedId('local book', this.#given.timeZone, ...[...this.#followed.keys()].toSorted());
  }

  /**
   * The book follows the repository and the people are in it. A repository nobody knew of yet makes it another book: that of
   * one more repository.
   * @throws {StoreUnavailable}, and what the signal was aborted with
   */
  async enrol({ id, name }: Followed, memberIds: readonly string[]): Promise<void> {
    await this.#look();
    this.#given.signal.throwIfAborted();
    if (!this.#followed.has(id)) this.#followed.set(id, name);
    const book = await this.#open();
    await this.#decide(book, `follow ${id}`, (state) => enrol({ repositories: [id], members: [] }, state));
    for (let from = 0; from < memberIds.length; from += MEMBERS_AN_APPEND) {
      const members = memberIds.slice(from, from + MEMBERS_AN_APPEND);
      await this.#decide(book, `join ${members.join(' ')}`, (state) => enrol({ repositories: [], members }, state));
    }
  }

  #look(): Promise<void> {
    this.#looked ??= Promise.all(this.#paths.map((path) => repositoryAt(path, this.#given)))
      .then((found) => {
        for (const one of found) if (one) this.#followed.set(one.id, one.name);
      })
      .catch((error: unknown) => {
        this.#looked = null;
        throw error;
      });
    return this.#looked;
  }

  /** @returns the book's id */
  async #open(): Promise<string> {
    const id = this.id ?? '';
    if (this.#opened?.id !== id) {
      const title = [...new Set(this.#followed.values())].join(' + ');
      const input = { id, title, timeZone: this.#given.timeZone, season: SEASON, rule: everyDay };
      this.#opened = { id, done: this.#decide(id, 'open', (state) => openChallenge(input, state)) };
    }
    const { done } = this.#opened;
    await done.catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return id;
  }

  async #decide(id: string, intention: string, decide: (state: Challenge) => ChallengeEvent[]): Promise<void> {
    const { store, codec } = this.#given;
    const command = { stream: challengeStream(id), aggregate: challenge, decide, commandId: `${id} ${intention}` };
    await execute(store, codec, command);
  }
}

/** What a path leads to. Where the disk does not answer: what it led to when it was last read. @throws {StoreUnavailable} */
async function repositoryAt(path: string, given: Given): Promise<Followed | null> {
  const waiting = new AbortController();
  const signal = AbortSignal.any([given.signal, waiting.signal]);
  const silence = pause(PATIENCE, signal).then(() => 'silent' as const);
  try {
    const answer = await Promise.race([opened(path, given), silence]);
    given.signal.throwIfAborted();
    const found = answer === 'silent' ? await registeredAt(given, path) : answer;
    return found && { id: found.repositoryId, name: found.name };
  } finally {
    waiting.abort();
  }
}

async function opened(path: string, given: Given): Promise<{ repositoryId: string; name: string } | null> {
  try {
    const repository = await openLocalRepository(path, { signal: given.signal });
    return { repositoryId: repositoryIdOf(repository), name: repository.name };
  } catch (error) {
    if (error instanceof StoreUnavailable || given.signal.aborted) throw error;
    // Why it cannot be opened is for the collector to say.
    return formerlyAt(given, path);
  }
}
