import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, dayFromNumber, daysFrom, isoWeekOf, monthOf, weekdayOf } from '../../domain/calendar.ts';
import {
  lengthOf,
  monthsOf,
  parsePeriod,
  printPeriod,
  stretchBefore,
  stretchOf,
  UnreadablePeriod,
  weeksOf,
  weekStart,
  type Period,
  type Stretch,
} from '../../domain/period.ts';

const season: Stretch = { start: '2025-03-10', end: '2025-06-17' };
const wednesday = '2025-05-21';

const day = fc.integer({ min: 0, max: 40_000 }).map(dayFromNumber);
const stretch = fc
  .tuple(day, fc.integer({ min: 0, max: 500 }))
  .map(([start, more]): Stretch => ({ start, end: addDays(start, more) }));
const period: fc.Arbitrary<Period> = fc.oneof(
  fc.constant<Period>({ kind: 'season' }),
  fc.constant<Period>({ kind: 'this-week' }),
  fc.constantFrom(7, 14, 30).map((days): Period => ({ kind: 'last', days: days as 7 })),
  day.map((one): Period => ({ kind: 'month', month: monthOf(one) })),
  day.map((one): Period => ({ kind: 'week', week: isoWeekOf(one) })),
  stretch.map(({ start, end }): Period => ({ kind: 'custom', from: start, to: end })),
  day.map((from): Period => ({ kind: 'custom', from })),
  day.map((to): Period => ({ kind: 'custom', to })),
);

describe('a period in an address', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(period, (one) => {
        expect(parsePeriod(printPeriod(one))).toEqual(one);
      }),
    );
  });

  test.each<[object, Period]>([
    [{}, { kind: 'season' }],
    [{ period: '', from: '', to: '' }, { kind: 'season' }],
    [{ period: 'this-week' }, { kind: 'this-week' }],
    [{ period: 'last-14' }, { kind: 'last', days: 14 }],
    [{ period: '2025-03' }, { kind: 'month', month: '2025-03' }],
    [{ period: '2025-W11' }, { kind: 'week', week: '2025-W11' }],
    [{ from: '2025-03-10' }, { kind: 'custom', from: '2025-03-10' }],
  ])('%j is %j', (text, expected) => expect(parsePeriod(text)).toEqual(expected));

  test.each([
    ['period', { period: 'last-8' }],
    ['period', { period: '2025-13' }],
    ['period', { period: '2025-W53' }],
    ['period', { period: '2025-W00' }],
    ['period', { period: 'this-week', from: '2025-03-10' }],
    ['from', { from: '2025-02-29' }],
    ['to', { from: '2025-03-10', to: 'tomorrow' }],
    ['to', { from: '2025-03-10', to: '2025-03-09' }],
  ])('is refused, naming the %s: %j', (field, text) => {
    expect(() => parsePeriod(text)).toThrow(UnreadablePeriod);
    expect(() => parsePeriod(text)).toThrow(expect.objectContaining({ field }));
  });
});

describe('the days of a period', () => {
  const days = (one: Period, today = wednesday) => {
    const found = stretchOf(one, season, today);
    return found && [found.start, found.end];
  };

  test.each<[string, Period, [string, string] | null]>([
    ['the season', { kind: 'season' }, ['2025-03-10', '2025-06-17']],
    ['this week', { kind: 'this-week' }, ['2025-05-19', '2025-05-25']],
    ['the last 7 days, today included', { kind: 'last', days: 7 }, ['2025-05-15', '2025-05-21']],
    ['the part of a month in the season', { kind: 'month', month: '2025-03' }, ['2025-03-10', '2025-03-31']],
    ['a month with 30 days', { kind: 'month', month: '2025-04' }, ['2025-04-01', '2025-04-30']],
    ['a week', { kind: 'week', week: '2025-W11' }, ['2025-03-10', '2025-03-16']],
    ['what is left of an open end', { kind: 'custom', from: '2025-06-01' }, ['2025-06-01', '2025-06-17']],
    ['nothing of a month outside', { kind: 'month', month: '2024-12' }, null],
    ['nothing of days outside', { kind: 'custom', from: '2026-01-01', to: '2026-01-31' }, null],
  ])('are %s', (_what, one, expected) => expect(days(one)).toEqual(expected));

  test('are the last ones of a season that is over', () => {
    expect(days({ kind: 'last', days: 7 }, '2025-08-01')).toEqual(['2025-06-11', '2025-06-17']);
    expect(days({ kind: 'this-week' }, '2025-08-01')).toEqual(['2025-06-16', '2025-06-17']);
  });

  test('begin with the season where it is still to come', () => {
    expect(days({ kind: 'last', days: 7 }, '2025-01-01')).toEqual(['2025-03-10', '2025-03-10']);
  });

  test('lie in the season, whatever is asked on whatever day', () => {
    fc.assert(
      fc.property(period, stretch, day, (one, bounds, today) => {
        const found = stretchOf(one, bounds, today);
        if (found === null) return;
        expect(found.start >= bounds.start && found.end <= bounds.end && found.start <= found.end).toBe(true);
      }),
    );
  });
});

describe('the period before', () => {
  test('is as long, ends the day before, and lies in the season; else there is none', () => {
    fc.assert(
      fc.property(stretch, stretch, (one, bounds) => {
        const before = stretchBefore(one, bounds);
        if (before === null) {
          expect(addDays(one.start, -lengthOf(one)) < bounds.start).toBe(true);
          return;
        }
        expect(lengthOf(before)).toBe(lengthOf(one));
        expect(addDays(before.end, 1)).toBe(one.start);
        expect(before.start >= bounds.start).toBe(true);
      }),
    );
  });

  test('of a whole season there is none', () => expect(stretchBefore(season, season)).toBeNull());
});

describe('weeks and months of a stretch', () => {
  test('hold each of its days once, in order', () => {
    fc.assert(
      fc.property(stretch, (one) => {
        for (const parts of [weeksOf(one), monthsOf(one)])
          expect(parts.flatMap(({ start, end }) => daysFrom(start, end))).toEqual(daysFrom(one.start, one.end));
      }),
    );
  });

  test('are called what each of their days is', () => {
    fc.assert(
      fc.property(stretch, (one) => {
        for (const { name, start, end } of weeksOf(one))
          expect(daysFrom(start, end).every((each) => isoWeekOf(each) === name)).toBe(true);
        for (const { name, start, end } of monthsOf(one))
          expect(daysFrom(start, end).every((each) => monthOf(each) === name)).toBe(true);
      }),
    );
  });

  test('a week begins on the Monday its name tells', () => {
    fc.assert(
      fc.property(day, (one) => {
        const monday = weekStart(isoWeekOf(one));
        expect(monday).toBe(addDays(one, 1 - weekdayOf(one)));
      }),
    );
    expect(weekStart('2020-W53')).toBe('2020-12-28');
  });
});
