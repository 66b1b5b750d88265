import { z } from 'zod';
import { weekdayOf, type Day } from './calendar.ts';
import type { Rule, Season, SeasonBounds } from './challenge.ts';
import { daySchema, defineEvent, type EventsOf } from './event.ts';

const place = { challengeId: z.string(), memberId: z.string(), day: daySchema };
export const attendanceEvents = {
  /** The day's commits reached the rule. `evidence`: sha of the commit that did it. */
  AttendanceMarked: defineEvent(z.object({ ...place, evidence: z.string() })),
  /** An organiser's verdict; it stands against every later collection. `previous` is what it replaced. */
  AttendanceCorrected: defineEvent(
    z.object({
      ...place,
      verdict: z.enum(['present', 'absent']),
      previous: z.enum(['present', 'absent', 'excused', 'none']),
      reason: z.string().min(1),
      by: z.string(),
    }),
    { personal: ['reason'], keptSealed: ['reason'] },
  ),
  DayExcused: defineEvent(z.object({ ...place, reason: z.string().min(1), by: z.string() }), {
    personal: ['reason'],
    keptSealed: ['reason'],
  }),
  /** The day counts again as its commits say. */
  ExcuseWithdrawn: defineEvent(z.object({ ...place, by: z.string() })),
};
export type AttendanceEvent = EventsOf<typeof attendanceEvents>;

/**
 * A fixed season has one stream a member. A rolling book goes on for ever, so it turns a page each year:
 * no decision ever loads an unbounded stream.
 */
export const attendanceStream = (challengeId: string, memberId: string, season: Season, day: Day) =>
  `attendance-${challengeId}-${memberId}${season.kind === 'rolling' ? `-${day.slice(0, 4)}` : ''}`;

export type Verdict = 'marked' | 'excused' | 'corrected present' | 'corrected absent';
export type Attendance = { readonly verdicts: ReadonlyMap<Day, Verdict> };

/** What an event makes of a day that had `previous`, nothing where it is undecided; the book is folded by the same rule. */
export function verdictOf({ type, data }: AttendanceEvent, previous: Verdict | undefined): Verdict | undefined {
  if (type === 'AttendanceCorrected') return `corrected ${data.verdict}`;
  if (previous === 'corrected present' || previous === 'corrected absent') return previous;
  if (type === 'AttendanceMarked') return 'marked';
  if (type === 'ExcuseWithdrawn') return previous === 'excused' ? undefined : previous;
  return previous ?? 'excused';
}

const nothingDecided: Attendance = { verdicts: new Map() };
export const attendance = {
  initial: nothingDecided,
  /**
   * A season may have thousands of days: copying them for each would be quadratic.
   * The verdicts are the fold's own from the first event on, so they grow in place.
   */
  evolve(state: Attendance, event: AttendanceEvent): Attendance {
    const verdicts = state === nothingDecided ? new Map<Day, Verdict>() : (state.verdicts as Map<Day, Verdict>);
    const verdict = verdictOf(event, verdicts.get(event.data.day));
    if (verdict) verdicts.set(event.data.day, verdict);
    else verdicts.delete(event.data.day);
    return { verdicts };
  },
};

export type Place = { challengeId: string; memberId: string };
export type DayEvidence = { day: Day; evidence: string };

/** Days whose commits reached the rule are marked once; a day an organiser has decided is left as decided. */
export function markDays(days: readonly DayEvidence[], place: Place, { verdicts }: Attendance): AttendanceEvent[] {
  const marked = new Set<Day>();
  return days.flatMap(({ day, evidence }) => {
    const verdict = verdicts.get(day);
    if (marked.has(day) || (verdict !== undefined && verdict !== 'excused')) return [];
    marked.add(day);
    return [{ type: 'AttendanceMarked' as const, data: { ...place, day, evidence } }];
  });
}

export type Correction = { day: Day; verdict: 'present' | 'absent'; reason: string; by: string };

/** An organiser decides a day. The same verdict again says nothing new. */
export function correctDay(correction: Correction, place: Place, { verdicts }: Attendance): AttendanceEvent[] {
  const current = verdicts.get(correction.day);
  if (current === `corrected ${correction.verdict}`) return [];
  const previous = current === undefined ? 'none' : PREVIOUS[current];
  return [{ type: 'AttendanceCorrected', data: { ...place, ...correction, previous } }];
}
const PREVIOUS = {
  marked: 'present',
  excused: 'excused',
  'corrected present': 'present',
  'corrected absent': 'absent',
} as const;

export class ExcuseBudgetSpent extends Error {
  override readonly name = 'ExcuseBudgetSpent';
}

export type Excuse = { day: Day; reason: string; by: string };

/** @throws {ExcuseBudgetSpent} when as many days as the rule allows are excused already */
export function excuseDay(excuse: Excuse, place: Place, rule: Rule, { verdicts }: Attendance): AttendanceEvent[] {
  if (verdicts.has(excuse.day)) return [];
  const spent = [...verdicts.values()].filter((verdict) => verdict === 'excused').length;
  if (spent >= rule.excusedDays)
    throw new ExcuseBudgetSpent(`All ${rule.excusedDays} excused days of this season are used.`);
  return [{ type: 'DayExcused', data: { ...place, ...excuse } }];
}

/** Gives an excused day back to the budget. */
export const withdrawExcuse = (
  { day, by }: { day: Day; by: string },
  place: Place,
  { verdicts }: Attendance,
): AttendanceEvent[] =>
  verdicts.get(day) === 'excused' ? [{ type: 'ExcuseWithdrawn', data: { ...place, day, by } }] : [];

export type DayState = 'present' | 'absent' | 'excused' | 'not yet' | 'unknown' | 'outside';

export type DayCircumstances = {
  bounds: SeasonBounds;
  rule: Rule;
  today: Day;
  /** Last day whose commits have all been seen; null when no source was ever read to the end. */
  coveredThrough: Day | null;
  /** First day whose commits were looked for; left out or null: those of all days were. */
  coveredFrom?: Day | null;
  /** A source cannot be read just now. */
  failing: boolean;
};

/**
 * The state of a day (requirement A4). A day without a mark is absent only when every source was read past its end:
 * a failure is never an absence. Days off count for nobody; an organiser's verdict stands above everything but the season.
 */
export function stateOfDay(day: Day, verdict: Verdict | undefined, given: DayCircumstances): DayState {
  if (day < given.bounds.start || day > given.bounds.end || day > given.today) return 'outside';
  if (verdict === 'corrected present') return 'present';
  if (verdict === 'corrected absent') return 'absent';
  if (given.rule.excludedWeekdays.length > 0 && given.rule.excludedWeekdays.includes(weekdayOf(day))) return 'outside';
  if (verdict === 'marked') return 'present';
  if (verdict === 'excused') return 'excused';
  if (day === given.today) return given.failing ? 'unknown' : 'not yet';
  return isCovered(day, given) ? 'absent' : 'unknown';
}

const isCovered = (day: Day, { coveredFrom = null, coveredThrough }: DayCircumstances): boolean =>
  coveredThrough !== null && day <= coveredThrough && (coveredFrom === null || day >= coveredFrom);

export type Tally = { attended: number; absent: number; unknown: number };

/** Attended, absent and unknown days. */
export function tally(states: Iterable<DayState>): Tally {
  const result = { attended: 0, absent: 0, unknown: 0 };
  for (const state of states) {
    if (state === 'present') result.attended += 1;
    else if (state === 'absent') result.absent += 1;
    else if (state === 'unknown') result.unknown += 1;
  }
  return result;
}

/**
 * The one definition of a rate: attended ÷ elapsed countable days, in whole percents rounded half up; null before anything counts.
 * Countable is a day that was attended or missed. Today counts once it is attended; excused, unknown and outside days do not count.
 */
export const rateOf = ({ attended, absent }: Pick<Tally, 'attended' | 'absent'>): number | null =>
  attended + absent === 0 ? null : Math.floor((200 * attended + attended + absent) / (2 * (attended + absent)));

/** Ranks by rate, highest first; equal rates share a rank and the next rank is skipped (1, 1, 3). No rate ranks last. */
export function ranksOf(rates: readonly (number | null)[]): number[] {
  const order = rates.map((rate) => rate ?? -1).toSorted((a, b) => b - a);
  const first = new Map<number, number>();
  order.forEach((rate, index) => first.has(rate) || first.set(rate, index + 1));
  return rates.map((rate) => first.get(rate ?? -1) ?? order.length);
}
