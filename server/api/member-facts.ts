import { TRPCError } from '@trpc/server';
import type { DayState } from '../../domain/attendance.ts';
import { badgesOf, EARLY_HOURS, LATE_HOURS, type Badge } from '../../domain/badges.ts';
import type { Day } from '../../domain/calendar.ts';
import type { ChallengeSummary, MemberAttendance } from '../../projections/attendance-book-queries.ts';
import { commitTimes, daysWithin } from '../../projections/commit-activity-queries.ts';
import { isAtTheMachine, memberOf, type Caller } from '../identity/caller.ts';
import { bookOf, scopeOf } from './book.ts';
import { requireMember } from './input.ts';
import type { Services } from './services.ts';

/** What a season says of one member. */
export type MemberFacts = {
  readonly challenge: ChallengeSummary;
  /** Their line of the book; undefined: they are not in the season. */
  readonly line: MemberAttendance | undefined;
  /** The days begun so far, today included, and what each was for them. */
  readonly dates: readonly Day[];
  readonly states: readonly DayState[];
  /** When their commits of the season were written, seconds since the epoch, in order. */
  readonly times: readonly number[];
};

export function factsOf(services: Services, challenge: ChallengeSummary, memberId: string): MemberFacts {
  const book = bookOf(services, challenge);
  const { start: from, end: to } = challenge.bounds;
  const scope = { ...scopeOf(challenge), from, to };
  const times = commitTimes(services.model('commit-activity'), scope, memberId).get(memberId) ?? [];
  return { challenge, times, ...lineIn(book, challenge, memberId) };
}

function lineIn(book: ReturnType<typeof bookOf>, { today }: ChallengeSummary, memberId: string) {
  const line = book.members.find(({ id }) => id === memberId);
  const dates = book.dates.filter((day) => day <= today);
  return { line, dates, states: line ? line.states.slice(0, dates.length) : [] };
}

/** Everybody's, at the cost of one: in the order of the book. */
export function factsOfAll(services: Services, challenge: ChallengeSummary): MemberFacts[] {
  const book = bookOf(services, challenge);
  const { start: from, end: to } = challenge.bounds;
  const all = commitTimes(services.model('commit-activity'), { ...scopeOf(challenge), from, to });
  return book.members.map(({ id }) => ({ challenge, times: all.get(id) ?? [], ...lineIn(book, challenge, id) }));
}

export function badgesFrom({ challenge, dates, states, times }: MemberFacts): Badge[] {
  const { bounds, season, today, timeZone } = challenge;
  const attended = new Set(dates.filter((_, index) => states[index] === 'present'));
  const habit = (hours: { from: number; to: number }) =>
    daysWithin(times, timeZone, hours).filter((day) => attended.has(day));
  return badgesOf({
    ...{ dates, states, today, season: { ...bounds, rolling: season.kind === 'rolling' } },
    ...{ earlyDays: habit(EARLY_HOURS), lateDays: habit(LATE_HOURS) },
  });
}

/**
 * The member whose things somebody decides about: themselves. The person at the keyboard has no account, and decides for whomever
 * they name: on their machine it is their own journal.
 * @throws NOT_FOUND for nobody named by the person at the keyboard, FORBIDDEN for somebody else's things
 */
export function deciderFor(services: Services, caller: Caller, handle: string | undefined): string {
  const own = memberOf(caller);
  const named = handle === undefined ? undefined : requireMember(services, handle, 'handle').id;
  if (isAtTheMachine(caller)) {
    if (named !== undefined) return named;
    const message = 'At the keyboard of this machine nobody has an account: say whose it is by "handle".';
    throw new TRPCError({ code: 'NOT_FOUND', message });
  }
  if (own !== null && (named === undefined || named === own)) return own;
  throw new TRPCError({ code: 'FORBIDDEN', message: 'Everybody decides about their own.' });
}

/** Whether `deciderFor` would let somebody decide about this member. */
export const mayDecideFor = (caller: Caller, memberId: string): boolean =>
  caller.kind !== 'key' && (isAtTheMachine(caller) || memberOf(caller) === memberId);
