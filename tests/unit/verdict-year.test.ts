import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../../domain/attendance.ts';
import { addDays, type Day } from '../../domain/calendar.ts';
import { verdictOn, withVerdict, type VerdictYear } from '../../domain/verdict-year.ts';

test('a year holds the last verdict of each of its days, of a leap year too', () => {
  const days = fc.nat({ max: 365 }).map((number) => addDays('2024-01-01', number));
  const verdicts = fc.constantFrom<Verdict>('marked', 'excused', 'corrected present', 'corrected absent');
  fc.assert(
    fc.property(fc.array(fc.tuple(days, verdicts), { maxLength: 50 }), days, (decided, asked) => {
      const year = decided.reduce<VerdictYear | undefined>(
        (all, [day, verdict]) => withVerdict(all, day, verdict),
        undefined,
      );
      expect(verdictOn(year, asked)).toBe(new Map<Day, Verdict>(decided).get(asked));
    }),
  );
});
