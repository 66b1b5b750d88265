import { describe, expect, test } from 'vitest';
import { calendarRange, calendarWeeks, dayByKey, levels } from '../../web/src/lib/activity/calendar-weeks.ts';
import { addDays, daysBetween, isPlainDay, weekdayOf } from '../../web/src/lib/calendar/plain-day.ts';

describe('a plain day', () => {
  test('is counted without any zone', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2025-12-31', 1)).toBe('2026-01-01');
    expect(daysBetween('2025-03-10', '2025-06-17')).toBe(99);
    expect(weekdayOf('2025-03-10')).toBe(1);
    expect(weekdayOf('2026-11-22')).toBe(7);
    expect(weekdayOf('1969-12-31')).toBe(3);
  });

  test.each(['2025-02-29', '2025-13-01', '2025-3-10', 'tomorrow', '', '2025-03-10T00:00'])('%j is none', (text) =>
    expect(isPlainDay(text)).toBe(false),
  );

  test.each(['2025-03-10', '2024-02-29', '1970-01-01', '9999-12-31'])('%s is one', (text) =>
    expect(isPlainDay(text)).toBe(true),
  );
});

describe('the weeks of a calendar', () => {
  const weeks = calendarWeeks([{ date: '2025-03-12', commits: 3 }], '2025-03-05', '2025-03-20');

  test('run from Monday to Sunday and hold the days of the range only', () => {
    expect(weeks.map(({ start }) => start)).toEqual(['2025-03-03', '2025-03-10', '2025-03-17']);
    expect(weeks[0]?.days.map((day) => day?.date ?? null)).toEqual([
      null,
      null,
      '2025-03-05',
      '2025-03-06',
      '2025-03-07',
      '2025-03-08',
      '2025-03-09',
    ]);
    expect(weeks.flatMap(({ days }) => days).filter(Boolean)).toHaveLength(16);
  });

  test('know the commits of their days', () => {
    expect(weeks[1]?.days[2]).toEqual({ date: '2025-03-12', commits: 3, level: 1 });
    expect(weeks[1]?.days[3]).toEqual({ date: '2025-03-13', commits: 0, level: 0 });
  });

  test('name a month once, where it begins, and never where there is no room', () => {
    const named = calendarWeeks([], '2025-01-20', '2025-04-02').flatMap(({ month }) => month ?? []);
    expect(named).toEqual(['2025-01-20', '2025-02-03', '2025-03-03']);
  });
});

describe('what the calendar shows', () => {
  test('is 53 weeks that end today, or with the season', () => {
    const season = { start: '2025-03-10', end: '2025-06-17' };
    expect(calendarRange(season, '2025-05-21')).toEqual({ from: '2024-05-16', to: '2025-05-21' });
    expect(calendarRange(season, '2025-09-01').to).toBe('2025-06-17');
  });

  test('reaches back to the start of a season longer than a year', () => {
    expect(calendarRange({ start: '2020-01-01', end: '2025-12-31' }, '2025-05-21').from).toBe('2020-01-01');
  });
});

describe('how full a mark is', () => {
  test('divides the days with commits into quarters', () => {
    const level = levels([0, 1, 1, 2, 2, 4, 4, 9, 30]);
    expect([0, 1, 2, 3, 4, 9, 30].map(level)).toEqual([0, 1, 2, 3, 3, 4, 4]);
  });

  test('shows one commit a day as something, and no commit as nothing', () => {
    const level = levels([1, 1, 1]);
    expect([0, 1, 2].map(level)).toEqual([0, 1, 4]);
    expect(levels([])(0)).toBe(0);
  });
});

describe('the keys of the calendar', () => {
  const range = { from: '2025-03-03', to: '2025-05-21' };

  test.each([
    ['ArrowDown', '2025-04-16'],
    ['ArrowUp', '2025-04-14'],
    ['ArrowRight', '2025-04-22'],
    ['ArrowLeft', '2025-04-08'],
    ['PageDown', '2025-05-13'],
    ['PageUp', '2025-03-18'],
    ['Home', '2025-03-03'],
    ['End', '2025-05-21'],
    ['Enter', null],
  ])('%s leads to %s', (key, day) => expect(dayByKey(key, '2025-04-15', range)).toBe(day));

  test('stay inside the calendar', () => {
    expect(dayByKey('ArrowRight', '2025-05-20', range)).toBe('2025-05-20');
    expect(dayByKey('ArrowUp', '2025-03-03', range)).toBe('2025-03-03');
  });
});
