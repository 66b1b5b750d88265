import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../domain/attendance.ts';
import { lineOf, ranked } from '../../domain/book.ts';
import { addDays, dayNumber, daysFrom, isoWeekOf, monthOf, weekdayOf, type Day } from '../../domain/calendar.ts';
import type { Book } from '../../projections/attendance-book-queries.ts';
import {
  heatmapOf,
  longestStreaks,
  pointsBetween,
  totalsOf,
  weekdayRates,
} from '../../server/api/statistics-figures.ts';

const START = '2025-01-27';
const FEW = 70;

/** Somebody's verdicts by the day's place in the season; the rest was missed, or is not known. */
const verdict = fc.constantFrom<Verdict | undefined>(
  ...([
    'marked',
    'marked',
    'marked',
    'excused',
    'corrected present',
    'corrected absent',
    undefined,
    undefined,
  ] as const),
);
const season = fc.record({
  days: fc.integer({ min: 1, max: FEW }),
  today: fc.integer({ min: 0, max: FEW + 5 }),
  /** Days before today that were read to their end; -1: nothing was. */
  covered: fc.integer({ min: -1, max: FEW }),
  excludedWeekdays: fc.subarray([1, 6, 7]),
  members: fc.array(fc.array(verdict, { minLength: FEW, maxLength: FEW }), { maxLength: 5 }),
});
type Given = typeof season extends fc.Arbitrary<infer Value> ? Value : never;

function bookOf({ days, today, covered, excludedWeekdays, members }: Given): Book {
  const bounds = { start: START, end: addDays(START, days - 1), days };
  const dates = daysFrom(bounds.start, bounds.end);
  const coveredThrough = covered < 0 ? null : addDays(START, Math.min(covered, today - 1));
  const rule = { commitsPerDay: 1, excludedWeekdays, excusedDays: 99 };
  const now = addDays(START, today);
  const circumstances = { bounds, rule, today: now, coveredThrough, failing: false };
  const lines = members.map((verdicts, index) => ({
    ...{ id: `m${index}`, handle: `m${index}`, name: `Member ${index}` },
    isRead: coveredThrough !== null,
    ...lineOf(dates, (day) => verdicts[dayNumber(day) - dayNumber(START)], circumstances),
  }));
  const challenge = { id: 'c', title: 'c', timeZone: 'UTC', season: { kind: 'fixed' as const, start: START, days } };
  return {
    challenge: { ...challenge, rule, closed: false, repositories: [], bounds, today: now },
    ...{ dates, coveredThrough, members: ranked(lines), sources: [] },
  };
}

/** The model: every cell of the book looked at on its own, with the rate as the requirement words it. */
const cells = (book: Book) =>
  book.members.flatMap(({ handle, states }) =>
    book.dates.map((date, index) => ({ handle, date, state: states[index] })),
  );
const count = (given: ReturnType<typeof cells>, state: string) => given.filter((one) => one.state === state).length;
function percent(given: ReturnType<typeof cells>, book: Book) {
  const attended = count(given, 'present');
  const countable = attended + count(given, 'absent');
  return countable === 0 || book.coveredThrough === null ? null : Math.round((100 * attended) / countable);
}
const holds = (property: (book: Book) => void) =>
  fc.assert(
    fc.property(season, (given) => property(bookOf(given))),
    { numRuns: 300 },
  );

describe('statistics of any book', () => {
  test('have totals that are the sum of its cells', () => {
    holds((book) => {
      const all = cells(book);
      expect(totalsOf(book, 7)).toMatchObject({
        members: book.members.length,
        present: count(all, 'present'),
        absent: count(all, 'absent'),
        excused: count(all, 'excused'),
        unknown: count(all, 'unknown'),
        rate: percent(all, book),
        commits: 7,
      });
    });
  });

  test('tell the share of what could not be read, apart from what was missed', () => {
    holds((book) => {
      const all = cells(book);
      const known = count(all, 'present') + count(all, 'absent');
      const unknown = count(all, 'unknown');
      expect(totalsOf(book, 0).unreadable).toBe(
        known + unknown === 0 ? null : Math.round((unknown / (known + unknown)) * 100),
      );
    });
  });

  test('have a rate for each weekday, of the days that fell on it', () => {
    holds((book) => {
      weekdayRates(book).forEach(({ present, countable, rate }, index) => {
        const ofWeekday = cells(book).filter(({ date }) => weekdayOf(date) === index + 1);
        expect(present).toBe(count(ofWeekday, 'present'));
        expect(countable).toBe(present + count(ofWeekday, 'absent'));
        expect(rate).toBe(percent(ofWeekday, book));
      });
    });
  });

  test.each([['week', isoWeekOf] as const, ['month', monthOf] as const])(
    'have a heatmap by %s, of each member and of everybody',
    (by, nameOf: (day: Day) => string) => {
      holds((book) => {
        const { start, end } = book.challenge.bounds;
        const heatmap = heatmapOf(book, by, { start, end });
        expect(heatmap.parts.map(({ name }) => name)).toEqual([...new Set(book.dates.map(nameOf))]);
        heatmap.parts.forEach(({ name, days }, part) => {
          const within = cells(book).filter(({ date }) => nameOf(date) === name);
          expect(days).toBe(book.dates.filter((date) => nameOf(date) === name).length);
          expect(heatmap.everybody[part]).toBe(cell(within, book));
          book.members.forEach(({ handle }, index) =>
            expect(heatmap.rows[index]?.[part]).toBe(
              cell(
                within.filter((one) => one.handle === handle),
                book,
              ),
            ),
          );
        });
      });
    },
  );

  test('name the longest streaks, none of them shorter than one left out', () => {
    holds((book) => {
      const days = longestStreaks(book).map(({ streak }) => streak.days);
      expect(days).toEqual(days.toSorted((a, b) => b - a));
      const best = Math.max(0, ...book.members.map(({ longest }) => longest?.days ?? 0));
      expect(days[0] ?? 0).toBe(best);
    });
  });
});

const cell = (given: ReturnType<typeof cells>, book: Book) =>
  percent(given, book) ?? (count(given, 'unknown') > 0 ? 'unknown' : null);

test('points are compared where both rates are known', () => {
  expect(pointsBetween(40, 55)).toBe(15);
  expect(pointsBetween(55, 40)).toBe(-15);
  expect(pointsBetween(null, 40)).toBeNull();
  expect(pointsBetween(40, null)).toBeNull();
  expect(pointsBetween(undefined, 40)).toBeNull();
});
