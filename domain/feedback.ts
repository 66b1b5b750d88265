import { rateOf, tally, type DayState } from './attendance.ts';
import { weekdayOf, type Day } from './calendar.ts';
import type { Streak } from './streak.ts';

export type FeedbackFacts = {
  /** The season's days up to today, in order, and what each was for the member. */
  readonly dates: readonly Day[];
  readonly states: readonly DayState[];
  readonly current: Streak | null;
  readonly longest: Streak | null;
  /** Commits by local hour, 24 numbers. */
  readonly hours: readonly number[];
};

/** What the book says to a member about themselves, to be put into words. Weekdays are ISO: 1 Monday … 7 Sunday. */
export type Finding =
  | {
      readonly kind: 'week';
      readonly attended: number;
      readonly countable: number;
      readonly before: number | null;
      readonly change: number;
    }
  | { readonly kind: 'missed-weekday'; readonly weekday: number; readonly missed: number; readonly of: number }
  | { readonly kind: 'no-miss'; readonly days: number }
  | { readonly kind: 'to-best'; readonly days: number; readonly best: number }
  | { readonly kind: 'at-best'; readonly days: number }
  | { readonly kind: 'at-risk'; readonly days: number }
  | { readonly kind: 'hours'; readonly from: number; readonly share: number };

/** A weekday stands out that was missed at least so often, and more often than any other. */
const FEWEST_MISSES = 2;
/** Commits that a habit can be told from, and the hours it is looked for in. */
const FEWEST_COMMITS = 10;
const WINDOW_HOURS = 3;
const DAYS_A_WEEK = 7;

/** The findings that there are, the nearest in time first. */
export const feedbackOf = (facts: FeedbackFacts): Finding[] =>
  [atRisk(facts), week(facts), missedWeekday(facts), best(facts), favouriteHours(facts)].filter((one) => one !== null);

/** Today is not attended yet, and a streak would end with it. */
function atRisk({ states, current }: FeedbackFacts): Finding | null {
  const days = current?.days ?? 0;
  return states.at(-1) === 'not yet' && days >= 2 ? { kind: 'at-risk', days } : null;
}

/** The last seven days against the seven before; today joins once it is attended. */
function week({ states }: FeedbackFacts): Finding | null {
  const elapsed = states.at(-1) === 'not yet' ? states.slice(0, -1) : states;
  const now = tally(elapsed.slice(-DAYS_A_WEEK));
  const then = tally(elapsed.slice(-2 * DAYS_A_WEEK, -DAYS_A_WEEK));
  const rate = rateOf(now);
  if (rate === null) return null;
  const before = rateOf(then);
  const { attended, absent } = now;
  return { kind: 'week', attended, countable: attended + absent, before, change: before === null ? 0 : rate - before };
}

/** The weekday most often missed, where one stands out; praise where none was missed at all. */
function missedWeekday({ dates, states }: FeedbackFacts): Finding | null {
  const missed = new Array<number>(8).fill(0);
  const counted = new Array<number>(8).fill(0);
  dates.forEach((day, index) => {
    const state = states[index];
    if (state !== 'present' && state !== 'absent') return;
    const weekday = weekdayOf(day);
    counted[weekday] = (counted[weekday] ?? 0) + 1;
    if (state === 'absent') missed[weekday] = (missed[weekday] ?? 0) + 1;
  });
  const all = counted.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...missed);
  if (most === 0) return all >= DAYS_A_WEEK ? { kind: 'no-miss', days: all } : null;
  const weekdays = missed.flatMap((count, weekday) => (count === most ? [weekday] : []));
  const [weekday = 0] = weekdays;
  if (most < FEWEST_MISSES || weekdays.length > 1) return null;
  return { kind: 'missed-weekday', weekday, missed: most, of: counted[weekday] ?? most };
}

/** How far the present streak is from the best one. */
function best({ current, longest }: FeedbackFacts): Finding | null {
  if (!longest || longest.days < 2 || !current) return null;
  if (current.days >= longest.days) return { kind: 'at-best', days: current.days };
  return { kind: 'to-best', days: longest.days - current.days, best: longest.days };
}

/** The three hours in a row, round the clock, in which most commits come; the first of equals. */
function favouriteHours({ hours }: FeedbackFacts): Finding | null {
  const total = hours.reduce((sum, count) => sum + count, 0);
  if (total < FEWEST_COMMITS) return null;
  const within = (from: number) =>
    Array.from({ length: WINDOW_HOURS }, (_, step) => hours[(from + step) % 24] ?? 0).reduce((sum, one) => sum + one);
  const sums = Array.from({ length: 24 }, (_, from) => within(from));
  const most = Math.max(...sums);
  // Everywhere a bit is no habit.
  if (most * 3 < total) return null;
  return { kind: 'hours', from: sums.indexOf(most), share: Math.round((100 * most) / total) };
}
