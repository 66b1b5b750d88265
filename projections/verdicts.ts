import type { AttendanceEvent } from '../domain/attendance.ts';
import type { Day } from '../domain/calendar.ts';
import type { Recorded } from '../domain/event-registry.ts';
import { defineProjection, table, type ReadModel, type Rows } from './projection.ts';

type Kind = 'corrected' | 'excused' | 'withdrawn' | 'joined' | 'left';

type DecisionRow = {
  member_id: string;
  challenge_id: string;
  /** The day decided about; of `joined` the first that counts, null: all of the season does. */
  day: Day | null;
  kind: Kind;
  /** Of a correction, and what it replaced. */
  verdict: string | null;
  previous: string | null;
  /** As it is kept: sealed with the member's key; empty where there is none, and when they were erased. */
  reason: string;
  /** An actor; null: Almanac itself. */
  actor: string | null;
  /** Milliseconds since the epoch. */
  recorded_at: number;
  position: number;
};

type Deciding = Exclude<AttendanceEvent['type'], 'AttendanceMarked'>;
type Roster = 'MemberJoined' | 'MemberLeft';

const KINDS: Record<Deciding | Roster, Kind> = {
  AttendanceCorrected: 'corrected',
  DayExcused: 'excused',
  ExcuseWithdrawn: 'withdrawn',
  MemberJoined: 'joined',
  MemberLeft: 'left',
};

function enter({ type, data, recordedAt, position }: Recorded<Deciding | Roster>, { decisions }: Tables) {
  const said: Readonly<Record<string, unknown>> = data;
  const text = (field: string) => (typeof said[field] === 'string' ? said[field] : null);
  decisions.add({
    ...{ member_id: data.memberId, challenge_id: data.challengeId, kind: KINDS[type] },
    day: text('day') ?? text('from'),
    verdict: text('verdict'),
    previous: text('previous'),
    reason: text('reason') ?? '',
    actor: text('by'),
    recorded_at: recordedAt,
    position: Number(position),
  });
}
type Tables = { decisions: Rows<DecisionRow> };

/** What people decided about members and their days, all of it: a correction replaces what stood before, and keeps it. */
export const verdicts = defineProjection({
  name: 'verdicts',
  version: 1,
  tables: {
    decisions: table<DecisionRow>({
      key: [],
      columns: {
        member_id: 'TEXT',
        challenge_id: 'TEXT',
        day: 'TEXT NULL',
        kind: 'TEXT',
        verdict: 'TEXT NULL',
        previous: 'TEXT NULL',
        reason: 'TEXT',
        actor: 'TEXT NULL',
        recorded_at: 'INTEGER',
        position: 'INTEGER',
      },
      indexes: [['member_id', 'challenge_id', 'position']],
    }),
  },
  on: {
    AttendanceCorrected: enter,
    DayExcused: enter,
    ExcuseWithdrawn: enter,
    MemberJoined: enter,
    MemberLeft: enter,
    MemberMerged: ({ data }, { decisions }) => decisions.replace('member_id', data.memberId, data.into),
    MemberErased: ({ data: { memberId } }, { decisions }) => decisions.overwrite('reason', '', 'member_id', memberId),
  },
});

export type Decision = {
  kind: Kind;
  day: Day | null;
  verdict: string | null;
  previous: string | null;
  /** As it is kept; `Services.openText` opens it. */
  reason: string;
  actor: string | null;
  recordedAt: number;
};

/** What was decided about somebody in a challenge, oldest first: about one day, and that they came and went. */
export const decisionsOn = (model: ReadModel, challengeId: string, memberId: string, day: Day): Decision[] =>
  model
    .all<DecisionRow>(
      `SELECT * FROM decisions WHERE member_id = ? AND challenge_id = ? AND (day = ? OR kind IN ('joined', 'left'))
        ORDER BY position`,
      memberId,
      challengeId,
      day,
    )
    .map(({ kind, day: of, verdict, previous, reason, actor, recorded_at }) => ({
      ...{ kind, day: of, verdict, previous, reason, actor },
      recordedAt: recorded_at,
    }));
