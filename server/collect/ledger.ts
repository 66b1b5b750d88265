import type { Author } from '../../domain/identity.ts';
import { identifyAuthors } from '../../domain/identify-authors.ts';
import {
  emptyDirectory,
  evolveDirectory,
  memberEvents,
  memberStream,
  type MemberDirectory,
  type MemberEvent,
} from '../../domain/member.ts';
import type { Codec } from '../event-store/codec.ts';
import {
  WrongExpectedRevision,
  type EventStore,
  type EventToAppend,
  type Position,
} from '../event-store/event-store.ts';
import { memberIdsBy } from '../identity/member-ids.ts';
import { appendable, inFlight } from './appends.ts';

const MOST_ATTEMPTS = 4;

export type Enlisted = {
  /** Who each author is now; null: nobody. */
  readonly memberIds: readonly (string | null)[];
  /** Whether each author was erased, and is nobody therefore. */
  readonly erased: readonly boolean[];
  /** Members who are people, each once. */
  readonly people: readonly string[];
};

type Place = { readonly memberId: string; readonly repositoryId: string };

/**
 * What the log knows of members and commits. A commit may stand in the stream of somebody who has since been merged into another,
 * or under whom an earlier mailmap put it: only all of them together say whether it is new. Read on demand, then kept up to date
 * at the cost of what was added.
 */
export class Ledger {
  readonly #store: EventStore;
  readonly #codec: Codec;
  /** By sha: in whose stream it stands, and the repository it was first seen in. */
  readonly #commits = new Map<string, Place>();
  /** Those places, each once: a log of a million commits has few of them. */
  readonly #places = new Map<string, Place>();
  /** By repository: shas seen there after they were seen elsewhere. */
  readonly #alsoIn = new Map<string, Set<string>>();
  readonly #revisions = new Map<string, bigint>();
  #directory: MemberDirectory = emptyDirectory;
  #position: Position | null = null;

  constructor(store: EventStore, codec: Codec) {
    this.#store = store;
    this.#codec = codec;
  }

  /** @throws {StoreUnavailable} */
  async refresh(): Promise<void> {
    const members: MemberEvent[] = [];
    const pages = this.#store.readAll({
      ...(this.#position !== null && { from: this.#position }),
      filter: { streamPrefixes: [memberStream(''), 'commits-'] },
    });
    for await (const page of pages) {
      for (const recorded of page) {
        const { sha, repositoryId, memberId } = recorded.data;
        // The sha is nobody's secret: hundreds of thousands of messages need not be unsealed for it.
        if (typeof sha === 'string' && typeof repositoryId === 'string' && typeof memberId === 'string') {
          if (recorded.type === 'CommitObserved') this.#commits.set(sha, this.#place(memberId, repositoryId));
          else this.#alsoIn.getOrInsertComputed(repositoryId, () => new Set()).add(sha);
        } else if (recorded.type in memberEvents) {
          const event = this.#codec.decode(recorded);
          if (event) members.push(event as unknown as MemberEvent);
        }
        this.#revisions.set(recorded.stream, recorded.revision);
        this.#position = recorded.position;
      }
    }
    if (members.length > 0) this.#directory = evolveDirectory(this.#directory, members);
  }

  #place(memberId: string, repositoryId: string): Place {
    return this.#places.getOrInsertComputed(`${memberId} ${repositoryId}`, () => ({ memberId, repositoryId }));
  }

  /** The member in whose stream a commit stands, seen wherever; undefined: the log does not have it. */
  authorOf(sha: string): string | undefined {
    return this.#commits.get(sha)?.memberId;
  }

  /** Nothing more is recorded of this member. */
  isErased(memberId: string): boolean {
    return this.#directory.members.get(memberId)?.erased === true;
  }

  /** The log knows that this repository holds the commit. */
  knows(sha: string, repositoryId: string): boolean {
    return this.#commits.get(sha)?.repositoryId === repositoryId || (this.#alsoIn.get(repositoryId)?.has(sha) ?? false);
  }

  /**
   * Appends new commits to a stream, going by what is known of it; does nothing and says so when somebody else has written there
   * since.
   * @throws {StoreUnavailable}
   */
  async append(stream: string, events: readonly EventToAppend[]): Promise<boolean> {
    const expectedRevision = this.#revisions.get(stream) ?? 'no_stream';
    try {
      const { revision } = await this.#store.append(stream, events, { expectedRevision });
      this.#revisions.set(stream, revision);
      return true;
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return false;
      throw error;
    }
  }

  /**
   * Makes sure that every author is a member, but for those who were erased.
   * Decided on the whole directory, appended with the revisions it was read at; a conflict reads and decides again, at most 3 times.
   * @throws {StoreUnavailable}
   */
  async enlist(authors: readonly Author[]): Promise<Enlisted> {
    for (let attempt = 1; ; attempt += 1) {
      await this.refresh();
      const { memberIds, erased, events } = identifyAuthors(this.#directory, authors, memberIdsBy(this.#codec));
      try {
        await this.#append(events);
      } catch (error) {
        if (error instanceof WrongExpectedRevision && attempt < MOST_ATTEMPTS) continue;
        throw error;
      }
      const { members } = evolveDirectory(this.#directory, events);
      const people = [...new Set(memberIds)].flatMap((id) => (id !== null && !members.get(id)?.bot ? [id] : []));
      return { memberIds, erased, people };
    }
  }

  /** Members are registered before anything is said about two of them. */
  async #append(events: readonly MemberEvent[]): Promise<void> {
    this.#codec.prepare(new Set(events.map(({ data }) => data.memberId)));
    const streams = [...Map.groupBy(events, ({ data }) => memberStream(data.memberId))];
    const isNew = ([stream]: (typeof streams)[number]) => !this.#revisions.has(stream);
    await inFlight(streams.filter(isNew), ([stream, said]) => this.#say(stream, said));
    await inFlight(
      streams.filter((entry) => !isNew(entry)),
      ([stream, said]) => this.#say(stream, said),
    );
  }

  async #say(stream: string, events: readonly MemberEvent[]): Promise<void> {
    let revision = this.#revisions.get(stream) ?? null;
    for (const piece of appendable(events, ({ data }) => JSON.stringify(data))) {
      const next = revision === null ? 0n : revision + 1n;
      const { revision: last } = await this.#store.append(
        stream,
        piece.map((event, index) =>
          this.#codec.encode(
            event,
            this.#codec.fingerprint(stream, String(next + BigInt(index)), event.type, JSON.stringify(event.data)),
          ),
        ),
        { expectedRevision: revision ?? 'no_stream' },
      );
      revision = last;
    }
  }
}
