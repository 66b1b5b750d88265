import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DayState } from '../../domain/attendance.ts';
import { addDays, daysFrom } from '../../domain/calendar.ts';
import { feedbackOf, type FeedbackFacts, type Finding } from '../../domain/feedback.ts';
import { streaks } from '../../domain/streak.ts';

const START = '2025-03-10'; // a Monday
const LETTERS: Record<string, DayState> = {
  ...{ p: 'present', a: 'absent', e: 'excused', n: 'not yet', u: 'unknown', o: 'outside' },
};
const NO_HOURS = new Array<number>(24).fill(0);
function facts(letters: string, hours: readonly number[] = NO_HOURS): FeedbackFacts {
  const states = [...letters].map((letter) => LETTERS[letter] ?? 'outside');
  const dates = daysFrom(START, addDays(START, states.length - 1));
  return { dates, states, hours, ...streaks(dates, (index) => states[index] ?? 'outside') };
}
const finding = (kind: Finding['kind'], given: FeedbackFacts) => feedbackOf(given).find((one) => one.kind === kind);

describe('feedback', () => {
  test('says nothing before there is anything to say', () => {
    expect(feedbackOf(facts(''))).toEqual([]);
    expect(feedbackOf(facts('ooun'))).toEqual([]);
  });
  test('compares the last seven days with the seven before; today joins once it is attended', () => {
    const week = { kind: 'week', attended: 6, countable: 7, before: 57, change: 29 };
    expect(finding('week', facts('ppppaaapppppap'))).toEqual(week);
    expect(finding('week', facts('ppppaaapppppapn'))).toEqual(week);
    expect(finding('week', facts('ppp'))).toEqual({ kind: 'week', attended: 3, countable: 3, before: null, change: 0 });
  });
  test('names the weekday most often missed, where one stands out', () => {
    const sundays = 'ppppppa'.repeat(3);
    expect(finding('missed-weekday', facts(sundays))).toEqual({
      ...{ kind: 'missed-weekday', weekday: 7, missed: 3, of: 3 },
    });
    expect(finding('missed-weekday', facts('apppppa'.repeat(3)))).toBeUndefined();
    expect(finding('missed-weekday', facts('ppppppa'))).toBeUndefined();
    expect(finding('no-miss', facts('p'.repeat(7)))).toEqual({ kind: 'no-miss', days: 7 });
    expect(finding('no-miss', facts('p'.repeat(6)))).toBeUndefined();
  });
  test('says how far the best streak is', () => {
    expect(finding('to-best', facts('pppppapp'))).toEqual({ kind: 'to-best', days: 3, best: 5 });
    expect(finding('at-best', facts('ppppp'))).toEqual({ kind: 'at-best', days: 5 });
    expect(finding('to-best', facts('pppppa'))).toBeUndefined();
  });
  test('warns while a streak would end with today', () => {
    expect(finding('at-risk', facts('pppn'))).toEqual({ kind: 'at-risk', days: 3 });
    expect(finding('at-risk', facts('pppp'))).toBeUndefined();
    expect(finding('at-risk', facts('ppan'))).toBeUndefined();
  });
  test('names the three hours in which most commits come, also across midnight', () => {
    const at = (hours: Record<number, number>) => NO_HOURS.map((_, hour) => hours[hour] ?? 0);
    expect(finding('hours', facts('p', at({ 23: 5, 0: 5, 12: 2 })))).toEqual({ kind: 'hours', from: 22, share: 83 });
    expect(finding('hours', facts('p', at({ 9: 9 })))).toBeUndefined();
    expect(finding('hours', facts('p', new Array<number>(24).fill(3)))).toBeUndefined();
  });
  test('never counts more than there is', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(LETTERS)), { maxLength: 60 }), (letters) => {
        for (const one of feedbackOf(facts(letters.join('')))) {
          if (one.kind === 'week') expect(one.attended).toBeLessThanOrEqual(one.countable);
          if (one.kind === 'missed-weekday') expect(one.missed).toBeLessThanOrEqual(one.of);
          if (one.kind === 'to-best') expect(one.days).toBeGreaterThan(0);
        }
      }),
    ));
});
