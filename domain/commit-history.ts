import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

export const commitEvents = {
  /** One commit, whatever number of branches, forks and clones hold it. Event id: UUIDv5 of the sha. */
  CommitObserved: defineEvent(
    z.object({
      memberId: z.string(),
      /** Where it was first seen. */
      repositoryId: z.string(),
      sha: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
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
    { personal: ['message'] },
  ),
};
export type CommitEvent = EventsOf<typeof commitEvents>;

/** `month` is the UTC month of the author date, `2025-03`. */
export const commitStream = (memberId: string, month: string) => `commits-${memberId}-${month}`;

/** A commit as a reading found it. */
export type SeenCommit = Extract<CommitEvent, { type: 'CommitObserved' }>['data'];

/** The shas of a member's month, newest first: a chain, so that folding neither copies nor changes what was before. */
export type CommitHistory = { readonly sha: string; readonly earlier: CommitHistory } | null;

export const commitHistory = {
  initial: null as CommitHistory,
  evolve: (earlier: CommitHistory, { data }: CommitEvent): CommitHistory => ({ sha: data.sha, earlier }),
};

/** Each commit once, however often and from wherever it is seen. */
export function observe(commits: readonly SeenCommit[], history: CommitHistory): CommitEvent[] {
  const known = new Set<string>();
  for (let entry = history; entry; entry = entry.earlier) known.add(entry.sha);
  return commits.flatMap((data) => {
    if (known.has(data.sha)) return [];
    known.add(data.sha);
    return [{ type: 'CommitObserved' as const, data }];
  });
}
