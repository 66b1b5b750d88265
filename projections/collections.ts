import type { Recorded } from '../domain/event-registry.ts';
import { defineProjection, table, type ReadModel, type Rows } from './projection.ts';

type MemberRow = {
  member_id: string;
  /** Everything before this instant was seen. */
  through: string | null;
  /** Commits committed from then on were looked for. */
  since: string | null;
  /** When a reading was last said to have ended well, milliseconds since the epoch. */
  completed_at: number | null;
  failing_since: string | null;
  reason: string | null;
  message: string | null;
  retry_at: string | null;
  /** New commits of the last reading that was told of. */
  observed: number | null;
};

/** Read on this machine: what comes late there was fetched late. */
type CloneRow = { repository_id: string };

type FlaggedRow = { sha: string; member_id: string; authored_at: number; observed_at: number; why: 'late' | 'future' };

/** What was written so much earlier than what had been read already came late, and somebody may want to look at it. */
const LATE_MS = 48 * 3_600_000;
/** Clocks differ by minutes. */
const AHEAD_MS = 10 * 60_000;

type Tables = { members: Rows<MemberRow>; clones: Rows<CloneRow>; flagged: Rows<FlaggedRow> };

/** How it stands with reading what each member has at GitHub, and commits whose dates are far from when they were seen. */
export const collections = defineProjection({
  name: 'collections',
  version: 1,
  tables: {
    members: table<MemberRow>({
      key: ['member_id'],
      columns: {
        member_id: 'TEXT',
        through: 'TEXT NULL',
        since: 'TEXT NULL',
        completed_at: 'INTEGER NULL',
        failing_since: 'TEXT NULL',
        reason: 'TEXT NULL',
        message: 'TEXT NULL',
        retry_at: 'TEXT NULL',
        observed: 'INTEGER NULL',
      },
    }),
    clones: table<CloneRow>({ key: ['repository_id'], columns: { repository_id: 'TEXT' } }),
    flagged: table<FlaggedRow>({
      key: ['sha'],
      columns: { sha: 'TEXT', member_id: 'TEXT', authored_at: 'INTEGER', observed_at: 'INTEGER', why: 'TEXT' },
      indexes: [['member_id'], ['observed_at']],
    }),
  },
  on: {
    RepositoryRegistered: ({ data }, { clones }) => clones.put({ repository_id: data.repositoryId }),
    CommitObserved: flag,
    CollectionCompleted: ({ data, recordedAt }, { members }) => {
      if (data.source !== 'github') return;
      members.put({
        ...unread(data.sourceId),
        through: data.through,
        since: data.from ?? null,
        completed_at: recordedAt,
        observed: data.observed,
      });
    },
    CollectionFailed: ({ data }, { members }) => {
      if (data.source !== 'github') return;
      const row = members.get(data.sourceId) ?? unread(data.sourceId);
      members.put({
        ...row,
        failing_since: row.failing_since ?? data.at,
        reason: data.reason,
        message: data.message,
        retry_at: data.retryAt ?? null,
      });
    },
    MemberMerged: ({ data }, { members, flagged }) => {
      members.delete(data.memberId);
      flagged.replace('member_id', data.memberId, data.into);
    },
    MemberErased: ({ data: { memberId } }, { members, flagged }) => {
      members.delete(memberId);
      for (const { sha } of flagged.where('member_id', memberId)) flagged.delete(sha);
    },
  },
});

const unread = (member_id: string): MemberRow => ({
  ...{ member_id, through: null, since: null, completed_at: null },
  ...{ failing_since: null, reason: null, message: null, retry_at: null, observed: null },
});

function flag({ data }: Recorded<'CommitObserved'>, { members, clones, flagged }: Tables): void {
  if (clones.get(data.repositoryId)) return;
  const row = members.get(data.memberId);
  const [authoredAt, observedAt] = [Date.parse(data.authoredAt), Date.parse(data.observedAt)];
  const put = (why: FlaggedRow['why']) =>
    flagged.put({
      ...{ sha: data.sha, member_id: data.memberId, why },
      ...{ authored_at: Math.floor(authoredAt / 1000), observed_at: Math.floor(observedAt / 1000) },
    });
  if (authoredAt > observedAt + AHEAD_MS) return put('future');
  if (!row?.through) return;
  // What had not been looked for yet could not be seen sooner.
  const wasLookedFor = row.since === null || Date.parse(data.committedAt) >= Date.parse(row.since);
  if (wasLookedFor && authoredAt < Date.parse(row.through) - LATE_MS) put('late');
}

export type MemberCollection = {
  readonly memberId: string;
  readonly through: string | null;
  /** Milliseconds since the epoch. */
  readonly completedAt: number | null;
  readonly observed: number | null;
  readonly failure: {
    readonly reason: string;
    readonly message: string;
    readonly since: string;
    readonly retryAt: string | null;
  } | null;
};

/** Whether somebody was ever read, or tried to be. */
export const isCollected = (model: ReadModel, memberId: string): boolean =>
  model.get('SELECT 1 AS one FROM members WHERE member_id = ?', memberId) !== undefined;

/** Members whose last reading failed. */
export const failingCollections = (model: ReadModel): string[] =>
  model
    .all<{ member_id: string }>('SELECT member_id FROM members WHERE failing_since IS NOT NULL')
    .map(({ member_id }) => member_id);

/** How it stands with everybody who was ever read, by member. */
export function memberCollections(model: ReadModel): Map<string, MemberCollection> {
  const rows = model.all<MemberRow>('SELECT * FROM members');
  return new Map(
    rows.map((row) => [
      row.member_id,
      {
        memberId: row.member_id,
        through: row.through,
        completedAt: row.completed_at,
        observed: row.observed,
        failure:
          row.failing_since === null
            ? null
            : {
                reason: row.reason ?? 'unavailable',
                message: row.message ?? '',
                since: row.failing_since,
                retryAt: row.retry_at,
              },
      },
    ]),
  );
}

export type FlaggedCommit = {
  readonly sha: string;
  readonly memberId: string;
  /** Seconds since the epoch, as `observedAt`. */
  readonly authoredAt: number;
  readonly observedAt: number;
  /** Written long before what had been read already, or after it was seen. */
  readonly why: 'late' | 'future';
};

/** Commits whose dates are far from when they were seen, the one seen last first; of these members only, where any are named. */
export function flaggedCommits(
  model: ReadModel,
  { members, skip, limit }: { members: readonly string[] | null; skip: number; limit: number },
): { commits: FlaggedCommit[]; total: number } {
  const list = JSON.stringify(members ?? []);
  const where = members === null ? 'WHERE ? IS NOT NULL' : 'WHERE member_id IN (SELECT value FROM json_each(?))';
  const total = model.get<{ total: number }>(`SELECT count(*) AS total FROM flagged ${where}`, list)?.total ?? 0;
  const rows = model.all<FlaggedRow>(
    `SELECT * FROM flagged ${where} ORDER BY observed_at DESC, sha LIMIT ? OFFSET ?`,
    list,
    limit,
    skip,
  );
  const commits = rows.map(({ sha, member_id, authored_at, observed_at, why }) => ({
    ...{ sha, memberId: member_id, authoredAt: authored_at, observedAt: observed_at, why },
  }));
  return { commits, total };
}
