import { verdictOf, type AttendanceEvent } from '../domain/attendance.ts';
import type { Day } from '../domain/calendar.ts';
import type { Rule, Season } from '../domain/challenge.ts';
import { erasedHandle, personOf } from '../domain/member.ts';
import { verdictOn, withVerdict } from '../domain/verdict-year.ts';
import { defineProjection, table, type Rows } from './projection.ts';

export type ChallengeRow = {
  challenge_id: string;
  title: string;
  time_zone: string;
  season: Season;
  rule: Rule;
  repositories: string[];
  /** Milliseconds since the epoch; null: it is open. */
  closed_at: number | null;
  opened_at: number;
  /** Last day anybody was marked present; decides where a rolling season ends. */
  last_marked: Day | null;
};
/** `counts_from`: the first day that counts for them; null: all of the season does. */
type RosterRow = { challenge_id: string; member_id: string; present: number; counts_from: Day | null };
export type MemberRow = {
  member_id: string;
  handle: string;
  name: string;
  merged_into: string | null;
  erased_at: string | null;
};
/** A member's verdicts of one year, a letter a day: 1,000 members of a year are read in milliseconds. */
export type YearRow = { challenge_id: string; year: number; member_id: string; verdicts: string };
/** What commits are read from: a clone on this machine, or what a member has at GitHub. */
export type SourceRow = {
  source_id: string;
  kind: 'local-git' | 'github';
  /** Of a clone; empty for a member's. */
  name: string;
  through: string | null;
  /** Commits from this instant on were asked for; null: all there are. */
  reads_from: string | null;
  failing_since: string | null;
  reason: string | null;
  message: string | null;
};

/** What was known of a source when a challenge was closed: what is read later changes nothing of it. */
export type ClosingRow = SourceRow & { challenge_id: string };

const SOURCE_COLUMNS = {
  source_id: 'TEXT',
  kind: 'TEXT',
  name: 'TEXT',
  through: 'TEXT NULL',
  reads_from: 'TEXT NULL',
  failing_since: 'TEXT NULL',
  reason: 'TEXT NULL',
  message: 'TEXT NULL',
} as const;

export const attendanceBook = defineProjection({
  name: 'attendance-book',
  version: 7,
  tables: {
    challenges: table<ChallengeRow>({
      key: ['challenge_id'],
      columns: {
        challenge_id: 'TEXT',
        title: 'TEXT',
        time_zone: 'TEXT',
        season: 'JSON',
        rule: 'JSON',
        repositories: 'JSON',
        closed_at: 'INTEGER NULL',
        opened_at: 'INTEGER',
        last_marked: 'TEXT NULL',
      },
    }),
    roster: table<RosterRow>({
      key: ['challenge_id', 'member_id'],
      columns: { challenge_id: 'TEXT', member_id: 'TEXT', present: 'INTEGER', counts_from: 'TEXT NULL' },
    }),
    members: table<MemberRow>({
      key: ['member_id'],
      columns: {
        member_id: 'TEXT',
        handle: 'TEXT',
        name: 'TEXT',
        merged_into: 'TEXT NULL',
        erased_at: 'TEXT NULL',
      },
    }),
    years: table<YearRow>({
      key: ['challenge_id', 'year', 'member_id'],
      columns: { challenge_id: 'TEXT', year: 'INTEGER', member_id: 'TEXT', verdicts: 'TEXT' },
    }),
    sources: table<SourceRow>({ key: ['source_id'], columns: SOURCE_COLUMNS }),
    closing: table<ClosingRow>({
      key: ['challenge_id', 'source_id'],
      columns: { challenge_id: 'TEXT', ...SOURCE_COLUMNS },
    }),
  },
  on: {
    ChallengeOpened: ({ data, recordedAt }, { challenges }) =>
      challenges.put({
        challenge_id: data.challengeId,
        title: data.title,
        time_zone: data.timeZone,
        season: data.season,
        rule: data.rule,
        repositories: [],
        closed_at: null,
        opened_at: recordedAt,
        last_marked: null,
      }),
    ChallengeRevised: ({ data: { challengeId, title, season } }, { challenges }) => {
      const row = challenges.get(challengeId);
      if (row) challenges.put({ ...row, title, season });
    },
    ChallengeRuleChanged: ({ data }, { challenges }) => {
      const row = challenges.get(data.challengeId);
      if (row) challenges.put({ ...row, rule: data.rule });
    },
    RepositoryFollowed: ({ data }, { challenges }) => {
      const row = challenges.get(data.challengeId);
      if (row) challenges.put({ ...row, repositories: [...new Set([...row.repositories, data.repositoryId])] });
    },
    ChallengeClosed: ({ data: { challengeId }, recordedAt }, { challenges, roster, sources, members, closing }) => {
      const row = challenges.get(challengeId);
      if (!row || row.closed_at !== null) return;
      challenges.put({ ...row, closed_at: recordedAt });
      const personNow = (id: string) => personOf(id, (member) => members.get(member)?.merged_into);
      const people = roster.where('challenge_id', challengeId).map(({ member_id }) => personNow(member_id));
      for (const source of new Set([...row.repositories, ...people]))
        closing.put({ challenge_id: challengeId, ...(sources.get(source) ?? unread(source, 'github')) });
    },
    MemberJoined: ({ data }, { roster }) =>
      roster.put({
        challenge_id: data.challengeId,
        member_id: data.memberId,
        present: 1,
        counts_from: data.from ?? null,
      }),
    MemberLeft: ({ data: { challengeId, memberId } }, { roster }) => {
      const row = roster.get(challengeId, memberId);
      if (row) roster.put({ ...row, present: 0 });
    },
    MemberRegistered: ({ data }, { members }) => {
      // Said twice, it brings back nobody who was merged or erased since.
      if (members.get(data.memberId)) return;
      members.put({
        member_id: data.memberId,
        handle: data.handle,
        name: data.name,
        merged_into: null,
        erased_at: null,
      });
    },
    MemberRenamed: ({ data }, { members }) => {
      const row = members.get(data.memberId);
      if (row) members.put({ ...row, name: data.name });
    },
    MemberMerged: ({ data }, { members }) => {
      const row = members.get(data.memberId);
      if (row) members.put({ ...row, merged_into: data.into });
    },
    MemberErased: ({ data: { memberId, at } }, { members }) => {
      const row = members.get(memberId);
      const handle = erasedHandle(memberId);
      if (row) members.put({ ...row, handle, name: handle, erased_at: row.erased_at ?? at });
    },
    AttendanceMarked: (event, { years, challenges }) => {
      enter(event, years);
      const row = challenges.get(event.data.challengeId);
      if (row && (row.last_marked === null || row.last_marked < event.data.day))
        challenges.put({ ...row, last_marked: event.data.day });
    },
    AttendanceCorrected: (event, { years }) => enter(event, years),
    DayExcused: (event, { years }) => enter(event, years),
    ExcuseWithdrawn: (event, { years }) => enter(event, years),
    RepositoryRegistered: ({ data }, { sources }) =>
      sources.put({ ...unread(data.repositoryId), ...sources.get(data.repositoryId), name: data.name }),
    CollectionCompleted: ({ data: { source, sourceId, through, from: reads_from = null } }, { sources }) => {
      const row = unread(sourceId, source);
      sources.put({ ...row, name: sources.get(sourceId)?.name ?? row.name, through, reads_from });
    },
    CollectionFailed: ({ data }, { sources }) => {
      const row = sources.get(data.sourceId) ?? unread(data.sourceId, data.source);
      const failing_since = row.failing_since ?? data.at;
      sources.put({ ...row, failing_since, reason: data.reason, message: data.message });
    },
  },
});

/** A source nothing was read of. */
export const unread = (source_id: string, kind: SourceRow['kind'] = 'local-git'): SourceRow => ({
  source_id,
  kind,
  name: kind === 'github' ? '' : source_id,
  through: null,
  reads_from: null,
  failing_since: null,
  reason: null,
  message: null,
});

function enter(event: AttendanceEvent, years: Rows<YearRow>) {
  const { challengeId, memberId, day } = event.data;
  const year = Number(day.slice(0, 4));
  const before = years.get(challengeId, year, memberId)?.verdicts;
  const verdict = verdictOf(event, verdictOn(before, day));
  years.put({ challenge_id: challengeId, year, member_id: memberId, verdicts: withVerdict(before, day, verdict) });
}
