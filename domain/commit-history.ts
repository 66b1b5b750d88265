import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

const shaSchema = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

export const commitEvents = {
  /** One commit, whatever number of branches, forks and clones hold it. Event id: UUIDv5 of the sha. */
  CommitObserved: defineEvent(
    z.object({
      memberId: z.string(),
      /** Where it was first seen. */
      repositoryId: z.string(),
      sha: shaSchema,
      /** When it was written: decides the day. Seconds precision, UTC. */
      authoredAt: instantSchema,
      /** The author's offset from UTC in minutes when writing, e.g. 540. */
      authorOffset: z.int().min(-1440).max(1440),
      committedAt: instantSchema,
      /** When Almanac first saw it. */
      observedAt: instantSchema,
      /** The whole message, at most 4,000 characters. */
      message: z.string(),
    }),
    { personal: ['message'], keptSealed: ['message'] },
  ),
  /**
   * A commit the log has already is in another repository as well: a fork, a clone, the same directory in a new place.
   * Event id: UUIDv5 of repository and sha.
   */
  CommitAlsoObserved: defineEvent(
    z.object({
      memberId: z.string(),
      repositoryId: z.string(),
      sha: shaSchema,
      authoredAt: instantSchema,
      /** When Almanac first saw it in this repository. */
      observedAt: instantSchema,
    }),
  ),
};
export type CommitEvent = EventsOf<typeof commitEvents>;

/** `month` is the UTC month of the author date, `2025-03`. */
export const commitStream = (memberId: string, month: string) => `commits-${memberId}-${month}`;

/** A commit as a reading found it. */
export type SeenCommit = Extract<CommitEvent, { type: 'CommitObserved' }>['data'];

/** What a member's month holds, newest first: a chain, so that folding neither copies nor changes what was before. */
export type CommitHistory = {
  readonly sha: string;
  readonly repositoryId: string;
  readonly earlier: CommitHistory;
} | null;

export const commitHistory = {
  initial: null as CommitHistory,
  evolve: (earlier: CommitHistory, { data: { sha, repositoryId } }: CommitEvent): CommitHistory => ({
    sha,
    repositoryId,
    earlier,
  }),
};

/**
 * Each commit once, however often it is seen, and once for each further repository that holds it.
 * @param isRecorded whether the log has a commit, be it in the stream of another member (whom a mailmap has since renamed)
 */
export function observe(
  commits: readonly SeenCommit[],
  history: CommitHistory,
  isRecorded: (sha: string) => boolean = () => false,
): CommitEvent[] {
  const known = new Set<string>();
  const places = new Set<string>();
  const place = ({ sha, repositoryId }: { sha: string; repositoryId: string }) => `${sha} ${repositoryId}`;
  for (let entry = history; entry; entry = entry.earlier) {
    known.add(entry.sha);
    places.add(place(entry));
  }
  return commits.flatMap((data): CommitEvent[] => {
    if (places.has(place(data))) return [];
    places.add(place(data));
    if (!known.has(data.sha) && !isRecorded(data.sha)) {
      known.add(data.sha);
      return [{ type: 'CommitObserved', data }];
    }
    const { memberId, repositoryId, sha, authoredAt, observedAt } = data;
    return [{ type: 'CommitAlsoObserved', data: { memberId, repositoryId, sha, authoredAt, observedAt } }];
  });
}
