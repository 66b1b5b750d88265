import type { Author } from '../../domain/identity.ts';
import { identifyAuthors } from '../../domain/identify-authors.ts';
import type { Codec } from '../event-store/codec.ts';
import {
  WrongExpectedRevision,
  type EventStore,
  type EventToAppend,
  type RecordedEvent,
} from '../event-store/event-store.ts';
import { MemberLog } from '../member-log.ts';

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
  readonly #members: MemberLog;
  /** By sha: in whose stream it stands, and the repository it was first seen in. */
  readonly #commits = new Map<string, Place>();
  /** Those places, each once: a log of a million commits has few of them. */
  readonly #places = new Map<string, Place>();
  /** By repository: shas seen there after they were seen elsewhere. */
  readonly #alsoIn = new Map<string, Set<string>>();

  constructor(store: EventStore, codec: Codec) {
    this.#store = store;
    const alongside = { prefix: 'commits-', note: (recorded: RecordedEvent) => this.#note(recorded) };
    this.#members = new MemberLog({ store, codec, alongside });
  }

  /** The sha is nobody's secret: hundreds of thousands of messages need not be unsealed for it. */
  #note({ type, data: { sha, repositoryId, memberId } }: RecordedEvent): void {
    if (typeof sha !== 'string' || typeof repositoryId !== 'string' || typeof memberId !== 'string') return;
    if (type === 'CommitObserved') this.#commits.set(sha, this.#place(memberId, repositoryId));
    else this.#alsoIn.getOrInsertComputed(repositoryId, () => new Set()).add(sha);
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
    return this.#members.directory.members.get(memberId)?.erased === true;
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
    const expectedRevision = this.#members.revisionOf(stream) ?? 'no_stream';
    try {
      const { revision } = await this.#store.append(stream, events, { expectedRevision });
      this.#members.wrote(stream, revision);
      return true;
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return false;
      throw error;
    }
  }

  /**
   * Makes sure that every author is a member, but for those who were erased.
   * @throws {StoreUnavailable} @throws {WrongExpectedRevision} when others went on writing meanwhile
   */
  async enlist(authors: readonly Author[]): Promise<Enlisted> {
    const { memberIds, erased } = await this.#members.decide((directory, idOf) =>
      identifyAuthors(directory, authors, idOf),
    );
    const { members } = this.#members.directory;
    const people = [...new Set(memberIds)].flatMap((id) => (id !== null && !members.get(id)?.bot ? [id] : []));
    return { memberIds, erased, people };
  }
}
