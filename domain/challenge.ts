import { z } from 'zod';
import { addDays, dayNumber, isTimeZone, type Day } from './calendar.ts';
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
/** Almanac opens a book for the repositories of its machine by itself, and enters their authors: then nobody did it. */
const perhapsDecided = { by: actorSchema.optional(), at: instantSchema.optional() };
export const challengeEvents = {
  ChallengeOpened: defineEvent(
    z.object({
      challengeId,
      title: z.string(),
      timeZone: timeZoneSchema,
      season: seasonSchema,
      rule: ruleSchema,
      ...perhapsDecided,
    }),
  ),
  /** Other name, other days. The zone stays: it decided which day each commit counts for. */
  ChallengeRevised: defineEvent(z.object({ challengeId, title: z.string(), season: seasonSchema, ...decided })),
  ChallengeRuleChanged: defineEvent(z.object({ challengeId, rule: ruleSchema, ...perhapsDecided })),
  /** From the first one on, only commits of followed repositories count. While one cannot be read, days are unknown. */
  RepositoryFollowed: defineEvent(z.object({ challengeId, repositoryId: z.string() })),
  MemberJoined: defineEvent(
    z.object({
      challengeId,
      memberId: z.string(),
      /** The first day that counts for them; without it all of the season does. */
      from: daySchema.optional(),
      ...perhapsDecided,
    }),
  ),
  MemberLeft: defineEvent(z.object({ challengeId, memberId: z.string(), ...perhapsDecided })),
  /** From now on whoever signs in takes part; nobody has to be asked. */
  JoiningOpened: defineEvent(z.object({ challengeId, ...decided })),
  JoiningClosed: defineEvent(z.object({ challengeId, ...decided })),
  ChallengeClosed: defineEvent(z.object({ challengeId, ...perhapsDecided })),
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
  /** By id, with the first day that counts for them; null: all of the season does. */
  members: ReadonlyMap<string, Day | null>;
  /** Who took part once and does not now, with the first day that counted for them. */
  former: ReadonlyMap<string, Day | null>;
  /** Whoever signs in may take part. */
  joining: boolean;
};
export type Challenge = { status: 'none' } | OpenChallenge;

export const challenge = {
  initial: { status: 'none' } as Challenge,
  evolve(state: Challenge, { type, data }: ChallengeEvent): Challenge {
    if (type === 'ChallengeOpened') {
      const { challengeId: id, title, timeZone, season, rule } = data;
      const opened = {
        title,
        timeZone,
        season,
        rule,
        repositories: new Set<string>(),
        members: new Map(),
        former: new Map(),
        joining: false,
      };
      return { status: 'open', id, ...opened };
    }
    if (state.status === 'none') return state;
    switch (type) {
      case 'ChallengeRevised':
        return { ...state, title: data.title, season: data.season };
      case 'ChallengeRuleChanged':
        return { ...state, rule: data.rule };
      case 'RepositoryFollowed':
        return { ...state, repositories: new Set(state.repositories).add(data.repositoryId) };
      case 'MemberJoined':
        return { ...state, members: withMember(state.members, data) };
      case 'MemberLeft':
        return withoutMember(state, data.memberId);
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
 * A repository may have thousands of authors, each a MemberJoined: copying the map for each would be quadratic.
 * The map is the fold's own from ChallengeOpened on, so it grows in place.
 */
const withMember = (members: ReadonlyMap<string, Day | null>, { memberId, from }: Joined) =>
  (members as Map<string, Day | null>).set(memberId, from ?? null);
function withoutMember(state: OpenChallenge, memberId: string): OpenChallenge {
  const members = new Map([...state.members].filter(([member]) => member !== memberId));
  return { ...state, members, former: new Map(state.former).set(memberId, state.members.get(memberId) ?? null) };
}
type Joined = { readonly memberId: string; readonly from?: Day | undefined };

/** Who decides, and when. */
export type Decided = { readonly by: string; readonly at: string };

/** Why something cannot be decided about a challenge. */
export type ChallengeRefusal = 'unknown' | 'ended' | 'closed to joining' | 'not fixed' | 'not a member';

export class ChallengeRefused extends Error {
  override readonly name = 'ChallengeRefused';
  readonly reason: ChallengeRefusal;
  constructor(reason: ChallengeRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** @throws {ChallengeRefused} unless it is open */
function demandOpen(state: Challenge): asserts state is OpenChallenge & { status: 'open' } {
  if (state.status === 'none') throw new ChallengeRefused('unknown', 'There is no such challenge.');
  if (state.status === 'closed') throw new ChallengeRefused('ended', 'The challenge was closed: open another one.');
}

export type OpenChallengeInput = {
  id: string;
  title: string;
  timeZone: string;
  season: Season;
  rule: Rule;
} & Partial<Decided>;

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

/** @throws {ChallengeRefused} when it is not there or closed, or never ends */
export function reviseChallenge(
  { title, season, ...decided }: { title: string; season: Season & { kind: 'fixed' } } & Decided,
  state: Challenge,
): ChallengeEvent[] {
  demandOpen(state);
  const { season: before } = state;
  if (before.kind !== 'fixed')
    throw new ChallengeRefused('not fixed', 'The book of a repository has no first and no last day to change.');
  if (state.title === title && before.start === season.start && before.days === season.days) return [];
  return [{ type: 'ChallengeRevised', data: { challengeId: state.id, title, season, ...decided } }];
}

/**
 * Somebody takes part. Who takes part already may be given another first day.
 * @param invited an organiser enters them; who comes by themselves needs a challenge that takes whoever comes, and has the first day
 * that they had before: leaving and coming back makes no day undone
 * @throws {ChallengeRefused}
 */
export function joinChallenge(
  { memberId, from: wanted, invited, ...decided }: Joined & { readonly invited: boolean } & Decided,
  state: Challenge,
): ChallengeEvent[] {
  demandOpen(state);
  const from = !invited && state.former.has(memberId) ? (state.former.get(memberId) ?? undefined) : wanted;
  const known = state.members.get(memberId);
  if (known !== undefined && (!invited || known === (from ?? null))) return [];
  if (!invited && !state.joining)
    throw new ChallengeRefused('closed to joining', 'This challenge takes nobody just now: ask its organiser.');
  return [
    {
      type: 'MemberJoined',
      data: { challengeId: state.id, memberId, ...(from !== undefined && { from }), ...decided },
    },
  ];
}

export const leave = (memberId: string, state: Challenge, decided: Partial<Decided> = {}): ChallengeEvent[] =>
  state.status !== 'none' && state.members.has(memberId)
    ? [{ type: 'MemberLeft', data: { challengeId: state.id, memberId, ...decided } }]
    : [];

export const changeRule = (rule: Rule, state: Challenge, decided: Partial<Decided> = {}): ChallengeEvent[] =>
  state.status === 'open' && !isSameRule(rule, state.rule)
    ? [{ type: 'ChallengeRuleChanged', data: { challengeId: state.id, rule, ...decided } }]
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

export const closeChallenge = (state: Challenge, decided: Partial<Decided> = {}): ChallengeEvent[] =>
  state.status === 'open' ? [{ type: 'ChallengeClosed', data: { challengeId: state.id, ...decided } }] : [];

export type SeasonBounds = { start: Day; end: Day; days: number };

/**
 * The days of a season that was closed: it ends with the day before, since who had not committed yet on the day itself could have.
 * On its last day, and later, closing takes no day away.
 */
export function closedOn(day: Day, bounds: SeasonBounds): SeasonBounds {
  if (day >= bounds.end) return bounds;
  const end = addDays(day, -1);
  return { start: bounds.start, end, days: Math.max(0, dayNumber(end) - dayNumber(bounds.start) + 1) };
}

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
