import { z } from 'zod';
import { addDays, isTimeZone, type Day } from './calendar.ts';
import { daySchema, defineEvent, instantSchema, type EventsOf } from './event.ts';
import { actorSchema } from './member.ts';

/**
 * Fixed: `days` days from `start`, as a challenge is announced (seed 002).
 * Rolling: the last `days` days; where they hold no commit, the `days` days that end with the last commit.
 */
export const seasonSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), start: daySchema, days: z.int().min(1).max(3660) }),
  z.object({ kind: z.literal('rolling'), days: z.int().min(1).max(3660) }),
]);
export type Season = z.infer<typeof seasonSchema>;

export const ruleSchema = z.object({
  commitsPerDay: z.int().min(1),
  /** ISO weekdays (1 Monday … 7 Sunday) that do not count. */
  excludedWeekdays: z.array(z.int().min(1).max(7)),
  /** How many days a member may be excused in the season. */
  excusedDays: z.int().min(0),
});
export type Rule = z.infer<typeof ruleSchema>;

/** One commit a day, every day, no excuses: the rule of seed 002. */
export const everyDay: Rule = { commitsPerDay: 1, excludedWeekdays: [], excusedDays: 0 };

/** Refused at the door: a day cannot be told in a zone nobody knows, and a fact cannot be taken back. */
const timeZoneSchema = z.string().refine(isTimeZone, 'must be an IANA time zone such as Asia/Seoul');

const challengeId = z.string();
const decided = { by: actorSchema, at: instantSchema };
export const challengeEvents = {
  ChallengeOpened: defineEvent(
    z.object({ challengeId, title: z.string(), timeZone: timeZoneSchema, season: seasonSchema, rule: ruleSchema }),
  ),
  ChallengeRuleChanged: defineEvent(z.object({ challengeId, rule: ruleSchema })),
  /** From the first one on, only commits of followed repositories count. While one cannot be read, days are unknown. */
  RepositoryFollowed: defineEvent(z.object({ challengeId, repositoryId: z.string() })),
  MemberJoined: defineEvent(z.object({ challengeId, memberId: z.string() })),
  MemberLeft: defineEvent(z.object({ challengeId, memberId: z.string() })),
  /** From now on whoever signs in takes part; nobody has to be asked. */
  JoiningOpened: defineEvent(z.object({ challengeId, ...decided })),
  JoiningClosed: defineEvent(z.object({ challengeId, ...decided })),
  ChallengeClosed: defineEvent(z.object({ challengeId })),
};
export type ChallengeEvent = EventsOf<typeof challengeEvents>;

export const challengeStream = (id: string) => `challenge-${id}`;

export type OpenChallenge = {
  status: 'open' | 'closed';
  id: string;
  title: string;
  timeZone: string;
  season: Season;
  rule: Rule;
  repositories: ReadonlySet<string>;
  members: ReadonlySet<string>;
  /** Whoever signs in may take part. */
  joining: boolean;
};
export type Challenge = { status: 'none' } | OpenChallenge;

export const challenge = {
  initial: { status: 'none' } as Challenge,
  evolve(state: Challenge, { type, data }: ChallengeEvent): Challenge {
    if (type === 'ChallengeOpened') {
      const { challengeId: id, ...opened } = data;
      return { status: 'open', id, ...opened, repositories: new Set(), members: new Set(), joining: false };
    }
    if (state.status === 'none') return state;
    switch (type) {
      case 'ChallengeRuleChanged':
        return { ...state, rule: data.rule };
      case 'RepositoryFollowed':
        return { ...state, repositories: new Set(state.repositories).add(data.repositoryId) };
      case 'MemberJoined':
        return { ...state, members: withMember(state.members, data.memberId) };
      case 'MemberLeft':
        return { ...state, members: new Set([...state.members].filter((member) => member !== data.memberId)) };
      case 'JoiningOpened':
        return { ...state, joining: state.status === 'open' };
      case 'JoiningClosed':
        return { ...state, joining: false };
      case 'ChallengeClosed':
        return { ...state, status: 'closed', joining: false };
      default:
        return (type satisfies never, state);
    }
  },
};

/**
 * A repository may have thousands of authors, each a MemberJoined: copying the set for each would be quadratic.
 * The set is the fold's own from ChallengeOpened on, so it grows in place.
 */
const withMember = (members: ReadonlySet<string>, memberId: string) => (members as Set<string>).add(memberId);

export type OpenChallengeInput = { id: string; title: string; timeZone: string; season: Season; rule: Rule };

export const openChallenge = ({ id, ...input }: OpenChallengeInput, state: Challenge): ChallengeEvent[] =>
  state.status === 'none' ? [{ type: 'ChallengeOpened', data: { challengeId: id, ...input } }] : [];

/** Repositories and members the challenge does not have yet become part of it. A challenge that is closed takes nobody. */
export function enrol(
  { repositories, members }: { repositories: readonly string[]; members: readonly string[] },
  state: Challenge,
): ChallengeEvent[] {
  if (state.status !== 'open') return [];
  const { id } = state;
  return [
    ...[...new Set(repositories)]
      .filter((repositoryId) => !state.repositories.has(repositoryId))
      .map((repositoryId) => ({ type: 'RepositoryFollowed' as const, data: { challengeId: id, repositoryId } })),
    ...[...new Set(members)]
      .filter((memberId) => !state.members.has(memberId))
      .map((memberId) => ({ type: 'MemberJoined' as const, data: { challengeId: id, memberId } })),
  ];
}

export const leave = (memberId: string, state: Challenge): ChallengeEvent[] =>
  state.status !== 'none' && state.members.has(memberId)
    ? [{ type: 'MemberLeft', data: { challengeId: state.id, memberId } }]
    : [];

export const changeRule = (rule: Rule, state: Challenge): ChallengeEvent[] =>
  state.status === 'open' && !isSameRule(rule, state.rule)
    ? [{ type: 'ChallengeRuleChanged', data: { challengeId: state.id, rule } }]
    : [];

const isSameRule = (one: Rule, other: Rule): boolean =>
  one.commitsPerDay === other.commitsPerDay &&
  one.excusedDays === other.excusedDays &&
  new Set(one.excludedWeekdays).symmetricDifference(new Set(other.excludedWeekdays)).size === 0;

/** A challenge that is closed takes nobody. */
export const openJoining = (decided: { by: string; at: string }, state: Challenge): ChallengeEvent[] =>
  state.status === 'open' && !state.joining
    ? [{ type: 'JoiningOpened', data: { challengeId: state.id, ...decided } }]
    : [];

export const closeJoining = (decided: { by: string; at: string }, state: Challenge): ChallengeEvent[] =>
  state.status === 'open' && state.joining
    ? [{ type: 'JoiningClosed', data: { challengeId: state.id, ...decided } }]
    : [];

export const closeChallenge = (state: Challenge): ChallengeEvent[] =>
  state.status === 'open' ? [{ type: 'ChallengeClosed', data: { challengeId: state.id } }] : [];

export type SeasonBounds = { start: Day; end: Day; days: number };

/**
 * First and last day of a season, both counted.
 * @param lastCommitDay the last day, up to today, with a commit of anybody in the challenge; null where there is none
 */
export function seasonBounds(season: Season, today: Day, lastCommitDay: Day | null): SeasonBounds {
  const { days } = season;
  if (season.kind === 'fixed') return { start: season.start, end: addDays(season.start, days - 1), days };
  const firstOfLast = addDays(today, 1 - days);
  const end = lastCommitDay !== null && lastCommitDay < firstOfLast ? lastCommitDay : today;
  return { start: addDays(end, 1 - days), end, days };
}
