import { expect, test } from 'vitest';
import { busiest } from '../../web/src/lib/activity/busiest.ts';

test.each([
  { counts: [1, 4, 2], places: [1] },
  { counts: [4, 1, 4], places: [0, 2] },
  { counts: [0, 0, 0], places: [] },
  { counts: [2, 2, 2, 2, 0], places: [] },
  { counts: [], places: [] },
])('the busiest of $counts are $places', ({ counts, places }) => expect(busiest(counts)).toEqual(places));
