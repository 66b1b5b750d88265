import { describe, expect, test } from 'vitest';
import { decidable, isExcused } from '../../web/src/lib/organise/decidable.ts';
import type { DecisionView } from '../../server/api/reasons-views.ts';

const decision = (kind: DecisionView['kind'], verdict: string | null = null): DecisionView => ({
  kind,
  verdict,
  day: '2025-03-10',
  previous: null,
  reason: null,
  by: null,
  at: '2025-03-11T00:00:00Z',
});
const day = (decisions: DecisionView[] = [], facts: object = {}) => ({
  date: '2025-03-10',
  state: 'absent' as const,
  markedAt: null,
  decisions,
  ...facts,
});
const season = { today: '2025-03-12', excusedDays: 3 };

describe('what an organiser can decide about a day', () => {
  test('is everything where nothing was decided and no commit attended it', () =>
    expect(decidable(day(), season)).toEqual(['present', 'absent', 'excused']));
  test('is no excuse where the season has none', () =>
    expect(decidable(day(), { ...season, excusedDays: 0 })).toEqual(['present', 'absent']));
  test('is no excuse for a day that commits attended', () =>
    expect(decidable(day([], { markedAt: '2025-03-10T01:00:00Z' }), season)).toEqual(['present', 'absent']));
  test('is the other verdict of a correction that stands', () => {
    expect(decidable(day([decision('corrected', 'absent')]), season)).toEqual(['present']);
    expect(decidable(day([decision('corrected', 'absent'), decision('corrected', 'present')]), season)).toEqual([
      'absent',
    ]);
  });
  test('is no second excuse, and again one that was taken back', () => {
    expect(decidable(day([decision('excused')]), season)).toEqual(['present', 'absent']);
    expect(decidable(day([decision('excused'), decision('withdrawn')]), season)).toContain('excused');
  });
  test('is only an excuse for a day to come', () =>
    expect(decidable(day([], { date: '2025-03-13' }), season)).toEqual(['excused']));
});

test('an excuse stands until it is taken back, corrected, or commits attend the day', () => {
  expect(isExcused(day([decision('joined'), decision('excused')]))).toBe(true);
  expect(isExcused(day([decision('excused'), decision('withdrawn')]))).toBe(false);
  expect(isExcused(day([decision('excused'), decision('corrected', 'present')]))).toBe(false);
  expect(isExcused(day([decision('excused')], { markedAt: '2025-03-10T01:00:00Z' }))).toBe(false);
  expect(isExcused(day())).toBe(false);
});
