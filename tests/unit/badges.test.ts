import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DayState } from '../../domain/attendance.ts';
import { badgeIds, badgesOf, type BadgeFacts, type BadgeId } from '../../domain/badges.ts';
import { addDays, daysFrom } from '../../domain/calendar.ts';

const START = '2025-03-10'; // a Monday
const LETTERS: Record<string, DayState> = {
  ...{ p: 'present', a: 'absent', e: 'excused', n: 'not yet', u: 'unknown', o: 'outside' },
};
/** A season of so many days from START, of which as many are over as letters are given. */
function facts(letters: string, change: Partial<BadgeFacts> & { days?: number; start?: string } = {}): BadgeFacts {
  const { days = 100, start = START, ...rest } = change;
  const states = [...letters].map((letter) => LETTERS[letter] ?? 'outside');
  const today = addDays(start, Math.max(0, states.length - 1));
  return {
    ...{ dates: daysFrom(start, today).slice(0, states.length), states, today, earlyDays: [], lateDays: [] },
    ...{ season: { start, end: addDays(start, days - 1), rolling: false } },
    ...rest,
  };
}
const dayOf = (id: BadgeId, given: BadgeFacts) => badgesOf(given).find((one) => one.id === id)?.day ?? null;

describe('badges', () => {
  test('are none before anything is attended', () => {
    expect(badgesOf(facts(''))).toEqual([]);
    expect(badgesOf(facts('aaan'))).toEqual([]);
  });
  test('the first commit is that of the first day attended', () =>
    expect(dayOf('first-commit', facts('aap'))).toBe('2025-03-12'));
  test.each([
    ['streak-7', 7],
    ['streak-30', 30],
    ['streak-50', 50],
    ['streak-100', 100],
  ] as const)('%s is earned on the day the streak has so many days', (id, days) => {
    expect(dayOf(id, facts('p'.repeat(days - 1)))).toBeNull();
    expect(dayOf(id, facts('p'.repeat(days)))).toBe(addDays(START, days - 1));
    expect(dayOf(id, facts(`a${'p'.repeat(days)}pp`))).toBe(addDays(START, days));
    expect(dayOf(id, facts(`${'p'.repeat(days - 1)}ap`))).toBeNull();
  });
  test('a streak passes over excused, unknown and off days, as everywhere', () =>
    expect(dayOf('streak-7', facts('pppeuoppppa'))).toBe(addDays(START, 9)));
  test('a perfect week is a whole week, Monday to Sunday', () => {
    expect(dayOf('perfect-week', facts('pppppp'))).toBeNull();
    expect(dayOf('perfect-week', facts('ppppppp'))).toBe('2025-03-16');
    expect(dayOf('perfect-week', facts('appppppppppppp'))).toBe('2025-03-23');
    expect(dayOf('perfect-week', facts('apppppppppppp'))).toBeNull();
    expect(dayOf('perfect-week', facts('pppppoo'))).toBe('2025-03-14');
    for (const missing of ['ppppooo', 'ppppppe', 'ppppppu', 'ppppppn'])
      expect([missing, dayOf('perfect-week', facts(missing))]).toEqual([missing, null]);
  });
  test('a perfect month is a whole month', () => {
    const april = { start: '2025-03-31' };
    expect(dayOf('perfect-month', facts(`a${'p'.repeat(30)}`, april))).toBe('2025-04-30');
    expect(dayOf('perfect-month', facts(`a${'p'.repeat(29)}`, april))).toBeNull();
    expect(dayOf('perfect-month', facts(`a${'p'.repeat(29)}a`, april))).toBeNull();
    expect(dayOf('perfect-month', facts('p'.repeat(29), { start: '2024-02-01' }))).toBe('2024-02-29');
  });
  test('early birds and night owls have ten such days', () => {
    const ten = daysFrom('2025-03-10', '2025-03-19');
    expect(dayOf('early-bird', facts('p', { earlyDays: ten }))).toBe('2025-03-19');
    expect(dayOf('early-bird', facts('p', { earlyDays: ten.slice(1) }))).toBeNull();
    expect(dayOf('night-owl', facts('p', { lateDays: ten }))).toBe('2025-03-19');
  });
  test('who was away for three days and comes seven days in a row has come back', () => {
    expect(dayOf('comeback', facts('aaappppppp'))).toBe(addDays(START, 9));
    expect(dayOf('comeback', facts('aappppppp'))).toBeNull();
    expect(dayOf('comeback', facts('aaapppapppp'))).toBeNull();
    expect(dayOf('comeback', facts('pppppppaaa'))).toBeNull();
    expect(dayOf('comeback', facts('aeaoappppeppp'))).toBe(addDays(START, 12));
  });
  test('a season is finished by who came to four fifths of it, once it is over', () => {
    const over = { days: 10, today: '2025-03-20' };
    expect(dayOf('finisher', facts('ppppppppaa', over))).toBe('2025-03-19');
    expect(dayOf('finisher', facts('pppppppaaa', over))).toBeNull();
    expect(dayOf('finisher', facts('pppppppppp', { days: 10 }))).toBeNull();
    expect(
      dayOf('finisher', facts('pppppppppp', { ...over, season: { start: START, end: '2025-03-19', rolling: true } })),
    ).toBeNull();
  });

  const season = fc.array(fc.constantFrom(...Object.keys(LETTERS)), { maxLength: 120 }).map((all) => all.join(''));
  test('are earned on days of the season, and never on a day to come', () =>
    fc.assert(
      fc.property(season, (letters) => {
        const given = facts(letters);
        for (const { id, day } of badgesOf(given)) {
          expect(badgeIds).toContain(id);
          expect(given.dates).toContain(day);
          expect(given.states[given.dates.indexOf(day)]).toBe('present');
        }
      }),
    ));
  test('once earned, stay, on the same day, whatever comes after', () =>
    fc.assert(
      fc.property(season, season, (before, after) => {
        const later = new Map(badgesOf(facts(before + after)).map(({ id, day }) => [id, day]));
        for (const { id, day } of badgesOf(facts(before))) expect([id, later.get(id)]).toEqual([id, day]);
      }),
    ));
});
