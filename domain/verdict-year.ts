import type { Verdict } from './attendance.ts';
import { dayNumber, type Day } from './calendar.ts';

/** A year of verdicts as text, a letter a day: 1,000 members of a year are read in milliseconds. */
export type VerdictYear = string;

const LETTERS: Record<Verdict, string> = {
  marked: 'p',
  excused: 'e',
  'corrected present': 'P',
  'corrected absent': 'A',
};
const VERDICTS = new Map(Object.entries(LETTERS).map(([verdict, letter]) => [letter, verdict as Verdict]));
const UNDECIDED = '.';
const BLANK: VerdictYear = UNDECIDED.repeat(366);

const dayOfYear = (day: Day) => dayNumber(day) - dayNumber(`${day.slice(0, 4)}-01-01`);

/** What was decided of a day; undefined: nothing. @param year that the day lies in; undefined: nothing was decided in it */
export const verdictOn = (year: VerdictYear | undefined, day: Day): Verdict | undefined =>
  VERDICTS.get(year?.charAt(dayOfYear(day)) ?? '');

/** Days of the year that were decided so. */
export const countVerdicts = (year: VerdictYear, verdict: Verdict): number => year.split(LETTERS[verdict]).length - 1;

/** The year with a day decided; undefined: undecided. */
export function withVerdict(year: VerdictYear = BLANK, day: Day, verdict: Verdict | undefined): VerdictYear {
  const index = dayOfYear(day);
  return year.slice(0, index) + (verdict ? LETTERS[verdict] : UNDECIDED) + year.slice(index + 1);
}
