import { describe, expect, it } from 'vitest';
import { coveredFrom, coveredThrough, lineOf, ranked } from '../../domain/book.ts';
import { everyDay } from '../../domain/challenge.ts';
import { daysFrom } from '../../domain/calendar.ts';

describe('the day through which everything is known', () => {
  it.each([
    ['the day before that of the reading, since its own is not over', ['2025-03-10T14:59:59Z'], '2025-03-09'],
    ['the day that a reading at midnight in Seoul has just ended', ['2025-03-10T15:00:00Z'], '2025-03-10'],
    ['that of the source that is furthest behind', ['2025-03-10T15:00:00Z', '2025-03-01T15:00:00Z'], '2025-03-01'],
    ['none while a source was never read', ['2025-03-10T15:00:00Z', null], null],
    ['none without a source', [], null],
  ])('is %s', (_rule, readThrough, day) => {
    expect(coveredThrough(readThrough, 'Asia/Seoul')).toBe(day);
  });
});

describe('the first day of which all commits were looked for', () => {
  it.each([
    [
      'two days after that from which on they were asked for by when they were committed',
      '2025-03-07T15:00:00Z',
      '2025-03-10',
    ],
    ['the next one where the reading began in the middle of it', '2025-03-07T15:00:01Z', '2025-03-11'],
    ['none where all were asked for', null, null],
  ])('is %s', (_rule, from, day) => {
    expect(coveredFrom(from, 'Asia/Seoul')).toBe(day);
  });
});

describe("a member's line", () => {
  const dates = daysFrom('2025-03-10', '2025-03-14');
  const circumstances = {
    bounds: { start: '2025-03-10', end: '2025-03-14', days: 5 },
    rule: everyDay,
    today: '2025-03-13',
    coveredThrough: '2025-03-11',
    failing: false,
  };
  const attended = new Set(['2025-03-10', '2025-03-13']);

  it('counts what is known, and a day that was not read past its end for nothing', () => {
    const line = lineOf(dates, (day) => (attended.has(day) ? 'marked' : undefined), circumstances);
    expect(line.states).toEqual(['present', 'absent', 'unknown', 'present', 'outside']);
    expect(line).toMatchObject({ attended: 2, countable: 3, unknown: 1, rate: 67 });
    expect(line.current).toEqual({ days: 1, start: '2025-03-13', end: '2025-03-13' });
  });
});

describe('ranking', () => {
  it('shares a rank between equal rates and skips the next, those without a rate last', () => {
    const member = (name: string, rate: number | null, days: number) => ({ name, handle: name, rate, attended: days });
    const members = [member('d', null, 0), member('c', 50, 5), member('b', 90, 9), member('a', 90, 9)];
    expect(ranked(members).map(({ name, rank }) => `${rank} ${name}`)).toEqual(['1 a', '1 b', '3 c', '4 d']);
  });
});
