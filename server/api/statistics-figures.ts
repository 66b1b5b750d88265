import { rateOf, tally, type DayState, type Tally } from '../../domain/attendance.ts';
import { daysBetween, weekdayOf } from '../../domain/calendar.ts';
import { monthsOf, weeksOf, type NamedStretch, type Stretch } from '../../domain/period.ts';
import type { Book } from '../../projections/attendance-book-queries.ts';
import { overallRate } from './book.ts';
import type { HeatCell, StatisticsView, TotalsView } from './statistics-views.ts';

/** What a book tells of its days, by the domain's own rules: rates are `rateOf` of the states the book has. */

const MOST_STREAKS = 10;

/** Days of several lines together. */
const sum = (tallies: Iterable<Tally>): Tally => {
  const total = { attended: 0, absent: 0, unknown: 0 };
  for (const { attended, absent, unknown } of tallies) {
    total.attended += attended;
    total.absent += absent;
    total.unknown += unknown;
  }
  return total;
};

export function totalsOf(book: Book, commits: number): TotalsView {
  const { members } = book;
  const days = sum(members.map(({ states }) => tally(states)));
  const excused = members.reduce((total, { states }) => total + states.filter((one) => one === 'excused').length, 0);
  return {
    members: members.length,
    present: days.attended,
    absent: days.absent,
    excused,
    unknown: days.unknown,
    rate: overallRate(book, days),
    unreadable: rateOf({ attended: days.unknown, absent: days.attended + days.absent }),
    commits,
  };
}

/** Attended ÷ countable by weekday, Monday to Sunday, of everybody together. */
export function weekdayRates(book: Book): StatisticsView['weekdays'] {
  const states = Array.from({ length: 7 }, (): DayState[] => []);
  book.dates.forEach((date, index) => {
    const ofWeekday = states[weekdayOf(date) - 1];
    for (const member of book.members) ofWeekday?.push(member.states[index] ?? 'outside');
  });
  return states.map((ofWeekday) => {
    const days = tally(ofWeekday);
    return { present: days.attended, countable: days.attended + days.absent, rate: overallRate(book, days) };
  });
}

/** Of each stretch the indexes of its first day and of the day after its last. */
type Part = { readonly from: number; readonly to: number };

export function heatmapOf(book: Book, by: 'week' | 'month', stretch: Stretch): StatisticsView['heatmap'] {
  const named: NamedStretch[] = by === 'week' ? weeksOf(stretch) : monthsOf(stretch);
  const first = book.dates[0] ?? stretch.start;
  const parts = named.map(({ start, end }): Part => ({
    from: daysBetween(first, start),
    to: daysBetween(first, end) + 1,
  }));
  const tallies = book.members.map(({ states }) => parts.map(({ from, to }) => tally(states.slice(from, to))));
  return {
    by,
    parts: named.map(({ name, start, end }) => ({ name, start, end, days: daysBetween(start, end) + 1 })),
    everybody: parts.map((_, part) =>
      cellOf(sum(tallies.flatMap((ofMember) => ofMember[part] ?? [])), book.coveredThrough),
    ),
    // Who has no rate over all of the days has none over some of them: nothing of theirs was read to its end.
    rows: tallies.map((ofMember, index) => ofMember.map((days) => cellOf(days, book.members[index]?.rate ?? null))),
  };
}

function cellOf(days: Tally, known: unknown): HeatCell {
  const rate = known === null ? null : rateOf(days);
  return rate === null && days.unknown > 0 ? 'unknown' : rate;
}

/** Of two that are as long the earlier one comes first: it stood longer. */
export const longestStreaks = (book: Book): StatisticsView['streaks'] =>
  book.members
    .flatMap(({ handle, name, longest }) => (longest ? [{ handle, name, streak: longest }] : []))
    .toSorted((a, b) => b.streak.days - a.streak.days || (a.streak.end < b.streak.end ? -1 : 1))
    .slice(0, MOST_STREAKS);

/** Points from one rate to another; null where one of them is not known. */
export const pointsBetween = (before: number | null | undefined, after: number | null): number | null =>
  before === null || before === undefined || after === null ? null : after - before;
