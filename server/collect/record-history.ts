import type { SeenCommit } from '../../domain/commit-history.ts';
import type { Codec } from '../event-store/codec.ts';
import type { EventStore } from '../event-store/event-store.ts';
import type { Ledger } from './ledger.ts';
import type { LocalRepository } from './local-git.ts';
import { readCommits } from './read-commits.ts';
import type { History } from './read-history.ts';
import { recordCommits } from './record-commits.ts';

/** A book people are entered into as their commits are read. */
export interface Enrolment {
  /** Which book; null while there is none. A repository read for one book is read again for another, so that it has everybody too. */
  readonly id: string | null;
  /** Told of a repository when it is introduced, and of its people (no programs) before any commit of theirs is recorded; may be told again. */
  enrol(repository: { readonly id: string; readonly name: string }, memberIds: readonly string[]): Promise<void>;
}

export type RecordingContext = {
  readonly store: EventStore;
  readonly codec: Codec;
  readonly ledger: Ledger;
  readonly enrolment: Enrolment;
};

export type SkippedCommit = { readonly sha: string; readonly reason: string };
export type Recorded = {
  /** Commits the log did not have, or not of this repository. */
  readonly observed: number;
  readonly skipped: { readonly count: number; readonly examples: readonly SkippedCommit[] };
};

/** Commits read, held in memory and recorded at a time. */
const BATCH = 4_000;
/** Skipped commits that are named; the others are only counted. */
export const MOST_EXAMPLES = 100;

/**
 * Records a history: its members, then its commits, oldest first. A commit that cannot be read or belongs to nobody is skipped
 * and named; it stops nothing.
 * @param observedAt when Almanac looked, ISO instant
 * @throws {StoreUnavailable} @throws {GitFailed} what was recorded until then stands
 */
export async function recordHistory(
  context: RecordingContext,
  { git, name }: LocalRepository,
  history: History,
  { repositoryId, observedAt, named }: { repositoryId: string; observedAt: string; named: number },
  onProgress: (done: number) => void,
): Promise<Recorded> {
  const repository = { id: repositoryId, name };
  const authors = await enlistAuthors(context, history, repository, named);
  const examples: SkippedCommit[] = [];
  let count = 0;
  let observed = 0;
  const skip = (sha: string, reason: string) => {
    count += 1;
    if (examples.length < MOST_EXAMPLES) examples.push({ sha, reason });
  };

  const readBatch = async (start: number): Promise<SeenCommit[]> => {
    const batch = history.shas
      .slice(start, start + BATCH)
      .map((sha, index) => ({
        sha,
        // A commit has one author, whatever the mailmap of another clone says: the one it was first recorded for.
        memberId: context.ledger.authorOf(sha) ?? authors[history.authorOf[start + index] ?? -1]?.memberId ?? null,
        erased: authors[history.authorOf[start + index] ?? -1]?.erased ?? false,
      }))
      .filter(({ sha }) => !context.ledger.knows(sha, repository.id));
    if (batch.length === 0) return [];
    const commits = await readCommits(
      git,
      batch.map(({ sha }) => sha),
    );
    return batch.flatMap(({ sha, memberId, erased }, index) => {
      const commit = commits[index] ?? { unreadable: 'git did not tell it' };
      if ('unreadable' in commit) skip(sha, commit.unreadable);
      else if (erased || (memberId !== null && context.ledger.isErased(memberId))) skip(sha, 'its author was erased');
      else if (memberId === null) skip(sha, 'its author signs with neither an address nor a name');
      else return [{ memberId, repositoryId, sha, ...commit, observedAt }];
      return [];
    });
  };

  // Git reads the next batch while the store writes this one.
  let next = readBatch(0);
  for (let start = 0; start < history.shas.length; start += BATCH) {
    const commits = await next;
    next = readBatch(start + BATCH);
    next.catch(() => undefined); // thrown where it is awaited; after a failure of the store nobody waits for it
    observed += await recordCommits(context, commits);
    onProgress(Math.min(start + BATCH, history.shas.length));
  }
  await next;
  return { observed, skipped: { count, examples } };
}

type Enlistee = { readonly memberId: string | null; readonly erased: boolean };

/** @returns per author of the history the member; null: nobody */
async function enlistAuthors(
  { ledger, enrolment }: RecordingContext,
  { authors }: History,
  repository: { readonly id: string; readonly name: string },
  named: number,
): Promise<Enlistee[]> {
  // Oldest first; git told of the newest first.
  const inOrder = authors
    .map((author, index) => ({ author, index }))
    .sort((a, b) => a.author.newest - b.author.newest || b.index - a.index);
  const { memberIds, erased, people } = await ledger.enlist(
    inOrder.map(({ author }) => (author.newest < named ? { ...author, outdatedName: true } : author)),
  );
  await enrolment.enrol(repository, people);
  const byIndex: Enlistee[] = [];
  inOrder.forEach(
    ({ index }, place) => (byIndex[index] = { memberId: memberIds[place] ?? null, erased: erased[place] ?? false }),
  );
  return byIndex;
}
