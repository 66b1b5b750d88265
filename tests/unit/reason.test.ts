import { describe, expect, test } from 'vitest';
import { everyDay } from '../../domain/challenge.ts';
import { becauseOf, type Because, type DayFacts } from '../../domain/reason.ts';

const facts: DayFacts = {
  ...{ state: 'absent', day: '2025-03-12', today: '2025-03-20', rule: everyDay },
  bounds: { start: '2025-03-10', end: '2025-06-17', days: 100 },
  ...{ isMember: true, countsFrom: null, corrected: false, commits: 0, neverRead: false, failing: false },
};

describe('a day', () => {
  test.each<[Because, Partial<DayFacts>]>([
    ['before-season', { state: 'outside', day: '2025-03-09' }],
    ['after-season', { state: 'outside', day: '2025-06-18', today: '2025-07-01' }],
    ['future', { state: 'outside', day: '2025-03-21' }],
    ['not-a-member', { state: 'outside', isMember: false }],
    ['before-joining', { state: 'outside', countsFrom: '2025-03-13' }],
    ['day-off', { state: 'outside', day: '2025-03-15', rule: { ...everyDay, excludedWeekdays: [6, 7] } }],
    ['erased', { state: 'outside' }],
    ['excused', { state: 'excused' }],
    ['enough-commits', { state: 'present', commits: 1 }],
    ['corrected', { state: 'present', corrected: true }],
    ['corrected', { state: 'absent', corrected: true, commits: 3 }],
    ['no-commit', { state: 'absent' }],
    ['too-few', { state: 'absent', commits: 1, rule: { ...everyDay, commitsPerDay: 2 } }],
    ['day-not-over', { state: 'not yet', day: '2025-03-20' }],
    ['failing', { state: 'unknown', failing: true, neverRead: true }],
    ['never-read', { state: 'unknown', neverRead: true }],
    ['not-read-yet', { state: 'unknown' }],
  ])('is what it is for this reason: %s', (because, given) => {
    expect(becauseOf({ ...facts, ...given })).toBe(because);
  });
});
