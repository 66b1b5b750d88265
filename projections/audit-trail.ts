import type { EventOf, EventType, Recorded } from '../domain/event-registry.ts';
import { defineProjection, table, type ReadModel, type Rows } from './projection.ts';

/**
 * What is audited, and which fields are told besides who, whom and when: none that is personal and none that proves anything, so that
 * the trail stays as it is when somebody is erased. A session's refreshes and a key's uses are left out: they would hide the rest.
 */
export const audited = {
  MemberInvited: ['role'],
  AccessRequested: [],
  AccessGranted: ['role'],
  AccessDeclined: [],
  RoleChanged: ['role'],
  MemberDeactivated: [],
  MemberReactivated: [],
  TokenConnected: ['provider', 'scopes'],
  TokenDisconnected: ['provider'],
  DataExported: [],
  MemberMerged: ['into'],
  MemberErased: [],
  SessionStarted: ['sessionId'],
  SessionRevoked: ['sessionId', 'reason'],
  ApiKeyIssued: ['keyId', 'scopes', 'expiresAt', 'requestsPerMinute'],
  ApiKeyRevoked: ['keyId'],
  JoiningOpened: ['challengeId'],
  JoiningClosed: ['challengeId'],
  AttendanceCorrected: ['challengeId', 'day', 'verdict', 'previous'],
  DayExcused: ['challengeId', 'day'],
  CheerRemoved: [],
  MotivationEdited: ['challengeId', 'week'],
  MotivationApproved: ['challengeId', 'week'],
  MotivationDiscarded: ['challengeId', 'week'],
  MotivationArranged: ['challengeId', 'automatic'],
  AnnouncementPosted: ['challengeId'],
  ExcuseWithdrawn: ['challengeId', 'day'],
  ChallengeOpened: ['challengeId'],
  ChallengeRevised: ['challengeId'],
  ChallengeRuleChanged: ['challengeId'],
  ChallengeClosed: ['challengeId'],
  MemberJoined: ['challengeId'],
  MemberLeft: ['challengeId'],
} as const satisfies { readonly [Type in EventType]?: readonly (keyof EventOf<Type>['data'])[] };

type Audited = keyof typeof audited;

type EntryRow = {
  position: number;
  at: string;
  actor: string;
  action: string;
  subject: string | null;
  detail: Readonly<Record<string, unknown>>;
};

/**
 * A mailmap joins only those who are known by commits, and the book of a machine's repositories is opened for their authors: nobody
 * did it, and it opens nothing to anybody.
 */
const UNDECIDED_BY_ANYBODY: ReadonlySet<EventType> = new Set<Audited>([
  'MemberMerged',
  'ChallengeOpened',
  'ChallengeRuleChanged',
  'ChallengeClosed',
  'MemberJoined',
  'MemberLeft',
]);

function enter({ type, data, position, recordedAt }: Recorded<Audited>, { entries }: { entries: Rows<EntryRow> }) {
  const told: Readonly<Record<string, unknown>> = data;
  const subject = 'memberId' in data ? data.memberId : null;
  if (told['by'] === undefined && UNDECIDED_BY_ANYBODY.has(type)) return;
  entries.add({
    position: Number(position),
    at: typeof told['at'] === 'string' ? told['at'] : Temporal.Instant.fromEpochMilliseconds(recordedAt).toString(),
    // Who signs in, asks or connects does it themselves.
    actor: String(told['by'] ?? told['memberId']),
    action: type,
    subject,
    detail: Object.fromEntries(audited[type].map((field) => [field, told[field]])),
  });
}

/** Who did what to whom, for ever: ids only. */
export const audit = defineProjection({
  name: 'audit-trail',
  version: 3,
  tables: {
    entries: table<EntryRow>({
      key: [],
      columns: {
        position: 'INTEGER',
        at: 'TEXT',
        actor: 'TEXT',
        action: 'TEXT',
        subject: 'TEXT NULL',
        detail: 'JSON',
      },
      indexes: [['position'], ['subject', 'position']],
    }),
  },
  on: Object.fromEntries(Object.keys(audited).map((type) => [type, enter])) as Record<Audited, typeof enter>,
});

export type AuditEntry = Omit<EntryRow, 'action'> & { readonly action: Audited };

/**
 * What was done, the latest first.
 * @param page `before`: only what is older than this position; `subject`: only what was done to this member
 */
export function auditTrail(
  model: ReadModel,
  { before, limit, subject }: { before?: number; limit: number; subject?: string },
): AuditEntry[] {
  const values = [before ?? Number.MAX_SAFE_INTEGER, ...(subject === undefined ? [] : [subject]), limit];
  return model
    .all<Omit<AuditEntry, 'detail'> & { detail: string }>(
      `SELECT * FROM entries WHERE position < ? ${subject === undefined ? '' : 'AND subject = ?'}
        ORDER BY position DESC LIMIT ?`,
      ...values,
    )
    .map((row) => ({ ...row, detail: JSON.parse(row.detail) as AuditEntry['detail'] }));
}
