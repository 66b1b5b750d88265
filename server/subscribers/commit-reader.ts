import type { CommitEvidence } from '../../domain/attended-days.ts';
import { commitStream } from '../../domain/commit-history.ts';
import type { Codec } from '../event-store/codec.ts';
import { StreamNotFound, type EventStore, type Position, type RecordedEvent } from '../event-store/event-store.ts';
import type { Turns } from './turns.ts';

export const commitStreams = 'commits-';

/** `commits-<member>-<2025-03>`: its member and month. */
function partsOf(stream: string): { member: string; month: string } {
  return { member: stream.slice(commitStreams.length, -8), month: stream.slice(-7) };
}

/**
 * Finds a member's commits again, month by month. Which months there are is remembered as commits go by; only when it is
 * asked about the time before this process began does it read the log for it, once.
 */
export class CommitReader {
  readonly #store: EventStore;
  readonly #codec: Codec;
  readonly #turns: Turns;
  readonly #months = new Map<string, Set<string>>();
  readonly #repositories = new Set<string>();
  #complete: boolean;
  #takingStock: Promise<void> | null = null;

  /** @param complete nothing was handled before: there is no earlier commit to know of */
  constructor(store: EventStore, codec: Codec, turns: Turns, complete: boolean) {
    this.#store = store;
    this.#codec = codec;
    this.#turns = turns;
    this.#complete = complete;
  }

  /** A commit of this stream, seen in that repository, has been handled. */
  note(stream: string, repositoryId: unknown): void {
    if (typeof repositoryId === 'string') this.#repositories.add(repositoryId);
    const { member, month } = partsOf(stream);
    const months = this.#months.get(member);
    if (months) months.add(month);
    else this.#months.set(member, new Set([month]));
  }

  /**
   * Commits of a member.
   * @param through the last position that counts: what comes after it is not looked at yet
   * @param months only these UTC months; without it all there are
   */
  async commitsOf(member: string, through: Position, months?: ReadonlySet<string>): Promise<CommitEvidence[]> {
    const commits: CommitEvidence[] = [];
    for (const month of await this.#monthsToRead(member, months)) {
      await this.#turns.pass();
      for (const recorded of await this.#read(commitStream(member, month))) {
        if (recorded.position > through) break;
        const event = this.#codec.decode(recorded);
        if (event?.type === 'CommitObserved' || event?.type === 'CommitAlsoObserved') commits.push(event.data);
      }
    }
    return commits;
  }

  async #monthsToRead(member: string, months: ReadonlySet<string> | undefined): Promise<Iterable<string>> {
    if (months && !this.#complete) return months;
    await this.#stocked();
    const known = this.#months.get(member) ?? new Set<string>();
    return months ? known.intersection(months) : known;
  }

  /** Whether a commit of this repository may have been handled. */
  async holdsAnyOf(repositoryId: string): Promise<boolean> {
    await this.#stocked();
    return this.#repositories.has(repositoryId);
  }

  async #stocked(): Promise<void> {
    if (!this.#complete) await (this.#takingStock ??= this.#takeStock());
  }

  async #takeStock(): Promise<void> {
    try {
      for await (const page of this.#store.readAll({ filter: { streamPrefixes: [commitStreams] } }))
        for (const { stream, data } of page) this.note(stream, data['repositoryId']);
      this.#complete = true;
    } finally {
      this.#takingStock = null;
    }
  }

  async #read(stream: string): Promise<readonly RecordedEvent[]> {
    try {
      return await this.#store.readStream(stream);
    } catch (error) {
      if (error instanceof StreamNotFound) return [];
      throw error;
    }
  }
}
