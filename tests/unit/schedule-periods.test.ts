import { describe, expect, test } from 'vitest';
import { addDays, daysFrom, isoWeekOf } from '../../domain/calendar.ts';
import type { Schedule } from '../../server/schedule/job.ts';
import { duePeriods, nextDue, periodBefore, periodOf } from '../../server/schedule/periods.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (instant: string) => Date.parse(instant);
const daily = (time: string, zone: string): Schedule => ({ kind: 'daily', at: time, zone });
const last = { periods: 'last', within: 36 * HOUR } as const;
const shown = (due: { period: string; at: number }[]) =>
  due.map(({ period, at }) => `${period} ${new Date(at).toISOString()}`);

describe('a period', () => {
  test('of a day is the local day, of a week the ISO week, of an hour that of UTC', () => {
    const instant = at('2024-12-29T15:30:00Z');
    expect(periodOf(daily('00:00', 'Asia/Seoul'), instant)).toBe('2024-12-30');
    expect(periodOf({ kind: 'weekly', weekday: 1, at: '09:00', zone: 'Asia/Seoul' }, instant)).toBe('2025-W01');
    expect(periodOf({ kind: 'hourly' }, instant)).toBe('2024-12-29T15');
  });
  test('is due from its second on, and not before', () => {
    const reminder = daily('22:00', 'Asia/Seoul');
    expect(shown(duePeriods(reminder, last, at('2025-03-10T12:59:59.999Z')))).toEqual([
      '2025-03-09 2025-03-09T13:00:00.000Z',
    ]);
    for (const now of ['2025-03-10T13:00:00Z', '2025-03-10T13:00:00.400Z', '2025-03-10T13:20:00Z'])
      expect(shown(duePeriods(reminder, last, at(now)))).toEqual(['2025-03-10 2025-03-10T13:00:00.000Z']);
  });
  test('knows the one before and the next', () => {
    const monday: Schedule = { kind: 'weekly', weekday: 1, at: '09:00', zone: 'Asia/Seoul' };
    expect(periodBefore(monday, at('2025-03-10T00:00:00Z'))).toBe('2025-W10');
    expect(nextDue(monday, at('2025-03-10T00:00:00Z'))).toBe(at('2025-03-17T00:00:00Z'));
    expect(nextDue({ kind: 'hourly' }, at('2025-03-10T00:10:00Z'))).toBe(at('2025-03-10T01:00:00Z'));
  });
});

describe('where the clock is set forward or back', () => {
  test('a time that is skipped is due when the gap ends, once', () => {
    const night = daily('02:30', 'Europe/Berlin');
    expect(shown(duePeriods(night, last, at('2026-03-29T12:00:00Z')))).toEqual(['2026-03-29 2026-03-29T01:00:00.000Z']);
    expect(nextDue(night, at('2026-03-29T01:00:00Z'))).toBe(at('2026-03-30T00:30:00Z'));
  });
  test('a midnight that is skipped is due at the first hour of its day', () =>
    expect(shown(duePeriods(daily('00:00', 'America/Santiago'), last, at('2026-09-06T05:00:00Z')))).toEqual([
      '2026-09-06 2026-09-06T04:00:00.000Z',
    ]));
  test('a time that comes twice is due at the first of them, once', () => {
    const night = daily('01:30', 'America/New_York');
    for (const now of ['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z', '2026-11-01T20:00:00Z'])
      expect(shown(duePeriods(night, { periods: 'each', within: 15 * HOUR }, at(now)))).toEqual([
        '2026-11-01 2026-11-01T05:30:00.000Z',
      ]);
  });
});

describe('what passed unserved', () => {
  const down = at('2025-03-10T12:00:00Z');
  test('each is made up for, the oldest first, up to an age', () =>
    expect(
      duePeriods({ kind: 'hourly' }, { periods: 'each', within: 3 * HOUR }, down + 30 * 60_000).map(
        ({ period }) => period,
      ),
    ).toEqual(['2025-03-10T10', '2025-03-10T11', '2025-03-10T12']));
  test('the last one only, where one run makes up for all', () =>
    expect(duePeriods({ kind: 'hourly' }, { periods: 'last', within: DAY }, down).map(({ period }) => period)).toEqual([
      '2025-03-10T12',
    ]));
  test('none that is too old', () =>
    expect(duePeriods(daily('22:00', 'Asia/Seoul'), { periods: 'last', within: HOUR }, down)).toEqual([]));
});

/** The same walk in every run of this test. */
function* chances(seed: number): Generator<number, never> {
  for (;;) yield (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Periods begun by whoever looks at a clock now and then that is set an hour forward or back all the time. */
function walk(schedule: Schedule, from: number, to: number, step: number): string[] {
  const chance = chances(step % 1000 || 7);
  // As the log refuses a second claim.
  const begun = new Set<string>();
  for (let now = from; now < to; now += step * (0.2 + chance.next().value)) {
    const shift = [-HOUR, 0, 0, HOUR][Math.floor(chance.next().value * 4)] ?? 0;
    for (const { period } of duePeriods(schedule, last, now + shift)) begun.add(period);
  }
  return [...begun].toSorted();
}

describe('over 400 days with a clock that is set an hour forward and back', { timeout: 60_000 }, () => {
  const zones = ['Asia/Seoul', 'Europe/Berlin', 'America/New_York', 'America/Santiago', 'Australia/Lord_Howe'];
  const from = at('2025-01-06T12:00:00Z');
  const to = from + 400 * DAY;
  const [first, end] = ['2025-01-06', '2026-02-10'];

  test.each(zones)('each job runs once for each period in %s', (zone) => {
    for (const time of ['00:00', '02:30', '22:00']) {
      const begun = walk(daily(time, zone), from, to, 6 * HOUR);
      // The ends of the walk lie in the middle of a day.
      expect(begun.slice(1, -1)).toEqual(daysFrom(addDays(begun[0] ?? '', 1), addDays(begun.at(-1) ?? '', -1)));
      expect(begun[0]! <= addDays(first, 1)).toBe(true);
      expect(begun.at(-1)! >= addDays(end, -2)).toBe(true);
    }
    const weekly: Schedule = { kind: 'weekly', weekday: 1, at: '09:00', zone };
    const weeks = walk(weekly, from, to, 10 * HOUR);
    const mondays = daysFrom('2025-01-13', '2026-02-02').filter((_, index) => index % 7 === 0);
    for (const monday of mondays) expect(weeks).toContain(isoWeekOf(monday));
  });

  test('each hour is there, and none twice', () => {
    const hours = walk({ kind: 'hourly' }, from, from + 40 * DAY, HOUR / 4);
    const all = Array.from({ length: 40 * 24 }, (_, index) => periodOf({ kind: 'hourly' }, from + index * HOUR));
    expect(all.filter((hour) => !hours.includes(hour))).toEqual([]);
  });
});
