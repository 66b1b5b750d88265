import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ranksOf,
  rateOf,
  stateOfDay,
  tally,
  type DayCircumstances,
  type DayState,
  type Verdict,
} from '../../domain/attendance.ts';
import { everyDay } from '../../domain/challenge.ts';

const VERDICTS: (Verdict | undefined)[] = [undefined, 'marked', 'excused', 'corrected present', 'corrected absent'];
/** A week, Monday to Sunday. */
const bounds = { start: '2025-03-10', end: '2025-03-16', days: 7 };

describe('the state of a day (A4)', () => {
  const today = '2025-03-14';
  const circumstances = (change: Partial<DayCircumstances> = {}): DayCircumstances => ({
    bounds,
    rule: everyDay,
    today,
    coveredThrough: '2025-03-13',
    failing: false,
    ...change,
  });
  const off = { ...everyDay, excludedWeekdays: [3, 5] };

  /** In the order of VERDICTS: none, marked, excused, corrected present, corrected absent. */
  const rows: [string, string, Partial<DayCircumstances>, DayState[]][] = [
    ['a past day, covered', '2025-03-12', {}, ['absent', 'present', 'excused', 'present', 'absent']],
    [
      'a past day, covered, while a source fails',
      '2025-03-12',
      { failing: true },
      ['absent', 'present', 'excused', 'present', 'absent'],
    ],
    ['the last day covered', '2025-03-13', {}, ['absent', 'present', 'excused', 'present', 'absent']],
    [
      'a past day, not covered yet',
      '2025-03-12',
      { coveredThrough: '2025-03-11' },
      ['unknown', 'present', 'excused', 'present', 'absent'],
    ],
    [
      'a past day, the source failing since',
      '2025-03-12',
      { coveredThrough: '2025-03-11', failing: true },
      ['unknown', 'present', 'excused', 'present', 'absent'],
    ],
    [
      'a past day, nothing ever read',
      '2025-03-12',
      { coveredThrough: null },
      ['unknown', 'present', 'excused', 'present', 'absent'],
    ],
    [
      'a past day before the first whose commits were looked for',
      '2025-03-12',
      { coveredFrom: '2025-03-13' },
      ['unknown', 'present', 'excused', 'present', 'absent'],
    ],
    [
      'the first day whose commits were looked for',
      '2025-03-12',
      { coveredFrom: '2025-03-12' },
      ['absent', 'present', 'excused', 'present', 'absent'],
    ],
    [
      'a past day, never read and failing',
      '2025-03-12',
      { coveredThrough: null, failing: true },
      ['unknown', 'present', 'excused', 'present', 'absent'],
    ],
    ['a past day off', '2025-03-12', { rule: off }, ['outside', 'outside', 'outside', 'present', 'absent']],
    [
      'a past day off, source failing',
      '2025-03-12',
      { rule: off, coveredThrough: null, failing: true },
      ['outside', 'outside', 'outside', 'present', 'absent'],
    ],
    ['today', today, {}, ['not yet', 'present', 'excused', 'present', 'absent']],
    [
      'today, covered by mistake',
      today,
      { coveredThrough: today },
      ['not yet', 'present', 'excused', 'present', 'absent'],
    ],
    ['today, source failing', today, { failing: true }, ['unknown', 'present', 'excused', 'present', 'absent']],
    [
      'today, nothing ever read',
      today,
      { coveredThrough: null },
      ['not yet', 'present', 'excused', 'present', 'absent'],
    ],
    ['today off', today, { rule: off }, ['outside', 'outside', 'outside', 'present', 'absent']],
    [
      'today off, source failing',
      today,
      { rule: off, failing: true },
      ['outside', 'outside', 'outside', 'present', 'absent'],
    ],
    ['tomorrow', '2025-03-15', {}, ['outside', 'outside', 'outside', 'outside', 'outside']],
    [
      'tomorrow, source failing',
      '2025-03-15',
      { failing: true },
      ['outside', 'outside', 'outside', 'outside', 'outside'],
    ],
    ['the day before the season', '2025-03-09', {}, ['outside', 'outside', 'outside', 'outside', 'outside']],
    [
      'the day after the season',
      '2025-03-17',
      { today: '2025-03-20', coveredThrough: '2025-03-19' },
      ['outside', 'outside', 'outside', 'outside', 'outside'],
    ],
    ['the first day', '2025-03-10', {}, ['absent', 'present', 'excused', 'present', 'absent']],
    [
      'the last day, long past',
      '2025-03-16',
      { today: '2025-03-20', coveredThrough: '2025-03-19' },
      ['absent', 'present', 'excused', 'present', 'absent'],
    ],
    [
      'the last day, today',
      '2025-03-16',
      { today: '2025-03-16' },
      ['not yet', 'present', 'excused', 'present', 'absent'],
    ],
  ];
  const table = rows.flatMap(([what, day, change, states]) =>
    VERDICTS.map((verdict, index) => ({ what, day, change, verdict, state: states[index] })),
  );
  test.each(table)('$what, verdict $verdict: $state', ({ day, change, verdict, state }) => {
    expect(stateOfDay(day, verdict, circumstances(change))).toBe(state);
  });

  const dayOfMonth = fc.integer({ min: 1, max: 28 }).map((day) => `2025-03-${String(day).padStart(2, '0')}`);
  const anyCircumstances = fc.record({
    bounds: fc.constant(bounds),
    rule: fc.subarray([1, 2, 3, 4, 5, 6, 7]).map((excludedWeekdays) => ({ ...everyDay, excludedWeekdays })),
    today: dayOfMonth,
    coveredThrough: fc.option(dayOfMonth),
    failing: fc.boolean(),
  });

  test('what no source has seen to its end is never absent', () => {
    fc.assert(
      fc.property(dayOfMonth, fc.constantFrom(...VERDICTS), anyCircumstances, (day, verdict, given) => {
        if (given.coveredThrough !== null && day <= given.coveredThrough) return;
        if (verdict === 'corrected absent') return;
        expect(stateOfDay(day, verdict, given)).not.toBe('absent');
      }),
    );
  });

  test('a failure takes no attendance away and adds no absence', () => {
    fc.assert(
      fc.property(dayOfMonth, fc.constantFrom(...VERDICTS), anyCircumstances, (day, verdict, given) => {
        const well = stateOfDay(day, verdict, { ...given, failing: false });
        const failing = stateOfDay(day, verdict, { ...given, failing: true });
        expect(failing).toBe(well === 'not yet' ? 'unknown' : well);
      }),
    );
  });
});

describe('the rate', () => {
  test.each([
    [0, 0, null],
    [0, 1, 0],
    [1, 0, 100],
    [1, 1, 50],
    [1, 2, 33],
    [2, 1, 67],
    [1, 7, 13],
    [3, 5, 38],
    [1, 199, 1],
    [1, 200, 0],
    [199, 1, 100],
    [995, 1005, 50],
    [989, 1011, 49],
  ])('%i attended, %i missed: %s %%', (attended, absent, rate) => expect(rateOf({ attended, absent })).toBe(rate));

  test('is attended ÷ countable in whole percents, halves up', () => {
    const counts = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(counts, counts, (attended, absent) => {
        const days = attended + absent;
        // Exact: ⌊x⌋ and the rest of it against one half, in integers.
        const whole = days === 0 ? 0 : Math.floor((100 * attended) / days);
        const rest = 100 * attended - whole * days;
        expect(rateOf({ attended, absent })).toBe(days === 0 ? null : 2 * rest >= days ? whole + 1 : whole);
      }),
    );
  });

  test('counts days attended and missed; excused, unknown, outside and not yet count for nothing', () => {
    const states: DayState[] = ['present', 'absent', 'present', 'excused', 'unknown', 'outside', 'not yet', 'unknown'];
    expect(tally(states)).toEqual({ attended: 2, absent: 1, unknown: 2 });
    expect(rateOf(tally(states))).toBe(67);
    expect(rateOf(tally(['unknown', 'excused', 'outside', 'not yet']))).toBeNull();
    expect(rateOf(tally(['present', 'not yet']))).toBe(100);
  });
});

describe('ranks', () => {
  test.each([
    [[], []],
    [
      [100, 90, 80],
      [1, 2, 3],
    ],
    [
      [80, 100, 90],
      [3, 1, 2],
    ],
    [
      [90, 100, 90, 80],
      [2, 1, 2, 4],
    ],
    [
      [50, 50, 50],
      [1, 1, 1],
    ],
    [
      [0, null, 0, null],
      [1, 3, 1, 3],
    ],
    [
      [null, null],
      [1, 1],
    ],
  ])('of rates %o are %o', (rates, ranks) => expect(ranksOf(rates)).toEqual(ranks));

  test('say how many are better, plus one', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 100 }))), (rates) => {
        const better = (rate: number | null) => rates.filter((other) => (other ?? -1) > (rate ?? -1)).length;
        expect(ranksOf(rates)).toEqual(rates.map((rate) => better(rate) + 1));
      }),
    );
  });
});
