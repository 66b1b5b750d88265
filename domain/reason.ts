import type { DayState } from './attendance.ts';
import { weekdayOf, type Day } from './calendar.ts';
import type { Rule, SeasonBounds } from './challenge.ts';

/**
 * Why a day has the state it has, in a word. The state itself is `stateOfDay`'s; this only tells which of its rules decided.
 */
export type Because =
  | 'before-season'
  | 'after-season'
  | 'future'
  | 'not-a-member'
  | 'before-joining'
  | 'erased'
  | 'corrected'
  | 'day-off'
  | 'excused'
  | 'enough-commits'
  | 'no-commit'
  | 'too-few'
  | 'day-not-over'
  | 'never-read'
  | 'failing'
  | 'not-read-yet';

export type DayFacts = {
  readonly state: DayState;
  readonly day: Day;
  readonly today: Day;
  readonly bounds: SeasonBounds;
  readonly rule: Rule;
  /** They stand in the book. */
  readonly isMember: boolean;
  /** The first day that counts for them; null: all of the season does. */
  readonly countsFrom: Day | null;
  /** The last decision of an organiser about the day was a correction. */
  readonly corrected: boolean;
  /** Commits that count for the day. */
  readonly commits: number;
  /** Some of what their commits are read from was never read to its end, or cannot be read just now. */
  readonly neverRead: boolean;
  readonly failing: boolean;
};

export function becauseOf(facts: DayFacts): Because {
  const { state } = facts;
  if (state === 'outside') return whyOutside(facts);
  if (state === 'excused') return 'excused';
  if (state === 'present') return facts.corrected ? 'corrected' : 'enough-commits';
  if (state === 'not yet') return 'day-not-over';
  if (state === 'absent') return facts.corrected ? 'corrected' : facts.commits === 0 ? 'no-commit' : 'too-few';
  return facts.failing ? 'failing' : facts.neverRead ? 'never-read' : 'not-read-yet';
}

function whyOutside({ day, today, bounds, rule, isMember, countsFrom }: DayFacts): Because {
  if (day < bounds.start) return 'before-season';
  if (day > bounds.end) return 'after-season';
  if (day > today) return 'future';
  if (!isMember) return 'not-a-member';
  if (countsFrom !== null && day < countsFrom) return 'before-joining';
  return rule.excludedWeekdays.includes(weekdayOf(day)) ? 'day-off' : 'erased';
}
