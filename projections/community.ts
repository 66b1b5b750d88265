import type { CheerMark } from '../domain/cheer.ts';
import type { Goal, GoalKind } from '../domain/goal.ts';
import { defineProjection, table, type ReadModel } from './projection.ts';

type GoalRow = {
  goal_id: string;
  /** Whose it is now. */
  member_id: string;
  /** The member whose stream it is in. */
  set_by: string;
  challenge_id: string | null;
  kind: GoalKind;
  target: number | null;
  /** As it is kept: sealed. */
  text: string | null;
  due: string | null;
  at: string;
  /** Their own word that a goal in words is reached. */
  reached_at: string | null;
};
type CheerRow = {
  cheer_id: string;
  /** Who wrote it, and to whom, as who they are now. */
  author: string;
  recipient: string;
  /** Of the two, the member whose stream it is in. */
  stream_of: string;
  /** As it is kept: sealed. */
  text: string;
  emoji: CheerMark | null;
  at: string;
};
type PublicationRow = { token: string; member_id: string; name: string; challenge_id: string | null; at: string };

/** What members set themselves, say to each other, and show to everybody. */
export const community = defineProjection({
  name: 'community',
  version: 1,
  tables: {
    goals: table<GoalRow>({
      key: ['goal_id'],
      columns: {
        goal_id: 'TEXT',
        member_id: 'TEXT',
        set_by: 'TEXT',
        challenge_id: 'TEXT NULL',
        kind: 'TEXT',
        target: 'INTEGER NULL',
        text: 'TEXT NULL',
        due: 'TEXT NULL',
        at: 'TEXT',
        reached_at: 'TEXT NULL',
      },
      indexes: [['member_id']],
    }),
    cheers: table<CheerRow>({
      key: ['cheer_id'],
      columns: {
        cheer_id: 'TEXT',
        author: 'TEXT',
        recipient: 'TEXT',
        stream_of: 'TEXT',
        text: 'TEXT',
        emoji: 'TEXT NULL',
        at: 'TEXT',
      },
      indexes: [
        ['recipient', 'at'],
        ['author', 'at'],
      ],
    }),
    publications: table<PublicationRow>({
      key: ['token'],
      columns: { token: 'TEXT', member_id: 'TEXT', name: 'TEXT', challenge_id: 'TEXT NULL', at: 'TEXT' },
      indexes: [['member_id']],
    }),
  },
  on: {
    GoalDeclared: ({ data }, { goals }) =>
      goals.put({
        goal_id: data.goalId,
        member_id: data.memberId,
        set_by: data.memberId,
        challenge_id: data.challengeId,
        kind: data.kind,
        target: data.target,
        text: data.text,
        due: data.due,
        at: data.at,
        reached_at: null,
      }),
    GoalReached: ({ data }, { goals }) => {
      const row = goals.get(data.goalId);
      if (row) goals.put({ ...row, reached_at: data.at });
    },
    GoalDropped: ({ data }, { goals }) => goals.delete(data.goalId),
    CheerPosted: ({ data }, { cheers }) =>
      cheers.put({
        cheer_id: data.cheerId,
        author: data.memberId,
        recipient: data.to,
        stream_of: data.to,
        text: data.text,
        emoji: data.emoji,
        at: data.at,
      }),
    CheerRemoved: ({ data }, { cheers }) => cheers.delete(data.cheerId),
    ProfilePublished: ({ data }, { publications }) => {
      for (const { token } of publications.where('member_id', data.memberId)) publications.delete(token);
      publications.put({
        token: data.address,
        member_id: data.memberId,
        name: data.name,
        challenge_id: data.challengeId,
        at: data.at,
      });
    },
    ProfileUnpublished: ({ data }, { publications }) => {
      for (const { token } of publications.where('member_id', data.memberId)) publications.delete(token);
    },
    MemberMerged: ({ data: { memberId, into } }, { goals, cheers, publications }) => {
      goals.replace('member_id', memberId, into);
      cheers.replace('author', memberId, into);
      cheers.replace('recipient', memberId, into);
      // What somebody said to themselves, as it turns out, is no cheer.
      for (const { cheer_id, author } of cheers.where('recipient', into)) if (author === into) cheers.delete(cheer_id);
      // They published what was theirs then; who they are now decides anew.
      for (const { token } of publications.where('member_id', memberId)) publications.delete(token);
    },
    MemberErased: ({ data: { memberId } }, { goals, cheers, publications }) => {
      for (const { goal_id } of goals.where('member_id', memberId)) goals.delete(goal_id);
      for (const column of ['author', 'recipient'] as const)
        for (const { cheer_id } of cheers.where(column, memberId)) cheers.delete(cheer_id);
      for (const { token } of publications.where('member_id', memberId)) publications.delete(token);
    },
  },
});

export type KeptGoal = Goal & {
  /** The member whose stream it is in. */
  readonly setBy: string;
  /** They have said so themselves. */
  readonly reachedAt: string | null;
};

/** A member's goals, the oldest first; their words as they are kept. */
export const goalsOf = (model: ReadModel, memberId: string): KeptGoal[] =>
  model.all<GoalRow>('SELECT * FROM goals WHERE member_id = ? ORDER BY at, goal_id', memberId).map((row) => ({
    goalId: row.goal_id,
    setBy: row.set_by,
    challengeId: row.challenge_id,
    kind: row.kind,
    target: row.target,
    text: row.text,
    due: row.due,
    at: row.at,
    reachedAt: row.reached_at,
  }));

export type KeptCheer = {
  readonly id: string;
  readonly author: string;
  readonly recipient: string;
  /** The member whose stream it is in. */
  readonly streamOf: string;
  readonly text: string;
  readonly emoji: CheerMark | null;
  readonly at: string;
};

const toCheer = (row: CheerRow): KeptCheer => ({
  id: row.cheer_id,
  author: row.author,
  recipient: row.recipient,
  streamOf: row.stream_of,
  text: row.text,
  emoji: row.emoji,
  at: row.at,
});

/** What was written to a member, the newest first, and how many there are. */
export function cheersOf(
  model: ReadModel,
  memberId: string,
  { skip, limit }: { skip: number; limit: number },
): { cheers: KeptCheer[]; total: number } {
  const sql = 'SELECT * FROM cheers WHERE recipient = ? ORDER BY at DESC, cheer_id LIMIT ? OFFSET ?';
  const count = model.get<{ total: number }>('SELECT count(*) AS total FROM cheers WHERE recipient = ?', memberId);
  return { cheers: model.all<CheerRow>(sql, memberId, limit, skip).map(toCheer), total: count?.total ?? 0 };
}

export function findCheer(model: ReadModel, id: string): KeptCheer | undefined {
  const row = model.get<CheerRow>('SELECT * FROM cheers WHERE cheer_id = ?', id);
  return row && toCheer(row);
}

/** How many cheers somebody has written since an instant (ISO), those taken away left out. */
export const cheersWritten = (model: ReadModel, author: string, since: string): number =>
  model.get<{ count: number }>('SELECT count(*) AS count FROM cheers WHERE author = ? AND at >= ?', author, since)
    ?.count ?? 0;

export type PublicProfile = {
  readonly token: string;
  readonly memberId: string;
  readonly name: string;
  readonly challengeId: string | null;
  readonly at: string;
};

const toProfile = (row: PublicationRow | undefined): PublicProfile | undefined =>
  row && { token: row.token, memberId: row.member_id, name: row.name, challengeId: row.challenge_id, at: row.at };

/** What a token leads to; undefined when it was never given or has been taken back. */
export const publishedAt = (model: ReadModel, token: string): PublicProfile | undefined =>
  toProfile(model.get('SELECT * FROM publications WHERE token = ?', token));

export const publicationOf = (model: ReadModel, memberId: string): PublicProfile | undefined =>
  toProfile(model.get('SELECT * FROM publications WHERE member_id = ?', memberId));
