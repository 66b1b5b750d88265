import { describe, expect, test } from 'vitest';
import {
  countStates,
  indexAt,
  indexByKey,
  monthStarts,
  stateAt,
  stripPaths,
  stripSize,
} from '../../web/src/lib/attendance/strip-paths.ts';

const size = { pitch: 6, height: 28 };

describe('the strip of a member', () => {
  test('is one path for each state that occurs, and none for days that do not count', () => {
    const paths = stripPaths('ppaeunoo', 8, size);
    expect(paths.map(({ state }) => state)).toEqual(['present', 'absent', 'excused', 'unknown', 'not yet']);
    expect(stripPaths('oooo', 4, size)).toEqual([]);
  });

  test('draws every state in a shape of its own, so that it is read without colour', () => {
    const shapes = ['p', 'a', 'e', 'u', 'n'].map((letter) => stripPaths(letter, 1, size)[0]?.d);
    expect(new Set(shapes).size).toBe(5);
    expect(shapes).not.toContain(undefined);
  });

  test('stays five paths at most for a season of ten years, each growing by the day', () => {
    const paths = stripPaths('pa'.repeat(1830), 3660, size);
    expect(paths).toHaveLength(2);
    expect(paths[0]?.d.match(/M/g)).toHaveLength(1830);
  });

  test('stands the newest day leftmost when asked to', () => {
    const middle = (newestFirst: boolean) => stripPaths('paaa', 4, size, newestFirst)[0]?.d;
    expect(middle(false)).toMatch(/^M3 /);
    expect(middle(true)).toMatch(/^M21 /);
  });

  test('has no marks beyond the letters it was given', () => {
    expect(stripPaths('p', 3, size)[0]?.d.match(/M/g)).toHaveLength(1);
    expect(stateAt('p', 2)).toBe('outside');
  });
});

describe('the day under a pointer', () => {
  test.each([
    [0, 0],
    [0.005, 0],
    [0.01, 1],
    [0.999, 99],
    [1, 99],
    [-0.2, 0],
    [1.7, 99],
  ])('at %d of the width it is day %d of a hundred', (fraction, index) => {
    expect(indexAt(fraction, 100, false)).toBe(index);
    expect(indexAt(fraction, 100, true)).toBe(99 - index);
  });
});

describe('the day an arrow key leads to', () => {
  test('is the one that lies that way on the screen, whichever way time runs', () => {
    expect(indexByKey('ArrowRight', 5, 10, false)).toBe(6);
    expect(indexByKey('ArrowRight', 5, 10, true)).toBe(4);
    expect(indexByKey('PageUp', 9, 10, false)).toBe(2);
    expect(indexByKey('Home', 5, 10, false)).toBe(0);
    expect(indexByKey('Home', 5, 10, true)).toBe(9);
    expect(indexByKey('End', 5, 10, false)).toBe(9);
  });

  test('stays inside the season', () => {
    expect(indexByKey('ArrowLeft', 0, 10, false)).toBe(0);
    expect(indexByKey('PageDown', 9, 10, false)).toBe(9);
  });

  test('is none for a key that moves nothing', () => {
    expect(indexByKey('Enter', 5, 10, false)).toBeNull();
    expect(indexByKey('a', 5, 10, false)).toBeNull();
  });
});

test('states are counted in the order in which they are told', () => {
  expect(countStates('aappun')).toEqual([
    { state: 'present', count: 2 },
    { state: 'absent', count: 2 },
    { state: 'unknown', count: 1 },
    { state: 'not yet', count: 1 },
  ]);
});

test('a day takes as much room as the season leaves it', () => {
  expect(stripSize(30).pitch).toBe(14);
  expect(stripSize(60).pitch).toBe(10);
  expect(stripSize(100).pitch).toBe(6);
  expect(stripSize(365).pitch).toBe(6);
});

describe('the months above a strip', () => {
  const dates = ['2025-03-30', '2025-03-31', '2025-04-01', '2025-04-02', '2025-05-01'];

  test('stand where they begin', () => {
    expect(monthStarts(dates, 10)).toEqual([
      { date: '2025-03-30', x: 0 },
      { date: '2025-04-01', x: 20 },
      { date: '2025-05-01', x: 40 },
    ]);
  });

  test('stand at their last day, on the left, when the newest day is leftmost', () => {
    expect(monthStarts(dates, 10, true)).toEqual([
      { date: '2025-03-30', x: 30 },
      { date: '2025-04-01', x: 10 },
      { date: '2025-05-01', x: 0 },
    ]);
  });
});
