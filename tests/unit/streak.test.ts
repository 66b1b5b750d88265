import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DayState } from '../../domain/attendance.ts';
import { addDays } from '../../domain/calendar.ts';
import { streaks, type Streak } from '../../domain/streak.ts';

const LETTERS: Record<string, DayState> = {
  p: 'present',
  a: 'absent',
  e: 'excused',
  n: 'not yet',
  u: 'unknown',
  o: 'outside',
};
/** Streaks of a book line such as `ppapn`, from Feb 26 of a leap year on. */
function streaksOf(line: string) {
  const dates = Array.from(line, (_, index) => addDays('2024-02-26', index));
  return streaks(dates, (index) => LETTERS[line[index] ?? ''] ?? 'outside');
}
const streak = (days: number, start: string, end: string): Streak => ({ days, start, end });

describe('streaks', () => {
  test.each<[string, string, Streak | null, Streak | null]>([
    ['no days', '', null, null],
    ['nothing attended', 'aaoue', null, null],
    ['one day', 'p', streak(1, '2024-02-26', '2024-02-26'), streak(1, '2024-02-26', '2024-02-26')],
    ['over Feb 29', 'ppppp', streak(5, '2024-02-26', '2024-03-01'), streak(5, '2024-02-26', '2024-03-01')],
    ['an absence ends it', 'ppa', null, streak(2, '2024-02-26', '2024-02-27')],
    [
      'a new one after an absence',
      'ppapn',
      streak(1, '2024-02-29', '2024-02-29'),
      streak(2, '2024-02-26', '2024-02-27'),
    ],
    ['today not attended yet', 'ppn', streak(2, '2024-02-26', '2024-02-27'), streak(2, '2024-02-26', '2024-02-27')],
    ['unknown is passed over', 'pup', streak(2, '2024-02-26', '2024-02-28'), streak(2, '2024-02-26', '2024-02-28')],
    ['excused is passed over', 'pep', streak(2, '2024-02-26', '2024-02-28'), streak(2, '2024-02-26', '2024-02-28')],
    ['days off are passed over', 'poop', streak(2, '2024-02-26', '2024-02-29'), streak(2, '2024-02-26', '2024-02-29')],
    ['of equal ones the first is the longest', 'papa', null, streak(1, '2024-02-26', '2024-02-26')],
    [
      'it ends where it was last attended',
      'ppue',
      streak(2, '2024-02-26', '2024-02-27'),
      streak(2, '2024-02-26', '2024-02-27'),
    ],
  ])('%s: %s', (_what, line, current, longest) => expect(streaksOf(line)).toEqual({ current, longest }));

  test('are what is left when the days that do not count are struck out and absences cut', () => {
    const lines = fc.array(fc.constantFrom(...'ppppaenuo'), { maxLength: 120 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(lines, (line) => {
        const runs = line.replaceAll(/[enuo]/g, '').split('a');
        const { current, longest } = streaksOf(line);
        expect(current?.days ?? 0).toBe(runs.at(-1)?.length ?? 0);
        expect(longest?.days ?? 0).toBe(Math.max(...runs.map((run) => run.length)));
        for (const found of [current, longest]) {
          if (!found) continue;
          const part = line.slice(daysIn(found.start), daysIn(found.end) + 1);
          expect(part).toMatch(/^p([^a]*p)?$/);
          expect(part.replaceAll(/[^p]/g, '')).toHaveLength(found.days);
        }
      }),
    );
  });
});

const daysIn = (day: string) => (Date.parse(day) - Date.parse('2024-02-26')) / 86_400_000;
