import { describe, expect, test } from 'vitest';
import { isSettled, isToBeRead, neededSince, tagToAskWith } from '../../server/collect/github/needs.ts';

const at = (instant: string) => Date.parse(instant) / 1000;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
const NOW = at('2025-04-01T03:00:00Z');
const spring = { season: { kind: 'fixed', start: '2025-03-10', days: 100 }, timeZone: 'Asia/Seoul' } as const;

describe('from when on commits are asked for', () => {
  test('is 48 hours before the first day of the earliest season, as its zone has it', () => {
    expect(iso(neededSince([spring], NOW, 'UTC'))).toBe('2025-03-07T15:00:00.000Z');
    const inNewYork = { ...spring, season: { ...spring.season, start: '2025-03-09' }, timeZone: 'America/New_York' };
    expect(iso(neededSince([spring, inNewYork], NOW, 'UTC'))).toBe('2025-03-07T05:00:00.000Z');
  });

  test('is 48 hours before yesterday where there is no season, or one that has yet to begin', () => {
    expect(iso(neededSince([], NOW, 'Asia/Seoul'))).toBe('2025-03-28T15:00:00.000Z');
    const summer = { ...spring, season: { ...spring.season, start: '2025-07-01' } };
    expect(neededSince([summer], NOW, 'Asia/Seoul')).toBe(neededSince([], NOW, 'Asia/Seoul'));
  });

  test('is never before 1970: GitHub knows no such time', () => {
    const old = { ...spring, season: { ...spring.season, start: '1970-01-01' } };
    expect(neededSince([old], NOW, 'Asia/Seoul')).toBe(0);
  });
});

describe('whether anything is new is asked', () => {
  const before = { etag: 'W/"1"', wanted: 'a', since: 100, listedAt: NOW - 3_600 };
  const asked = { wanted: 'a', since: 100, now: NOW };

  test('with the tag of the answer before', () => {
    expect(tagToAskWith(before, asked)).toBe('W/"1"');
    expect(tagToAskWith(before, { ...asked, since: 200 })).toBe('W/"1"');
  });

  test.each([
    ['for the first time', null, asked],
    ['for somebody, or repositories, that were not asked for', before, { ...asked, wanted: 'b' }],
    ['for days that were not looked at', before, { ...asked, since: 99 }],
    [
      'once a day, since what changes on a later page does not change the first',
      { ...before, listedAt: NOW - 86_400 },
      asked,
    ],
  ])('without it %s', (_what, known, wish) => {
    expect(tagToAskWith(known, wish)).toBeNull();
  });
});

describe('a repository is read', () => {
  test('that was never read, was pushed to since, or was not read far enough back', () => {
    expect(isToBeRead({ pushedAt: 500, since: 100 }, undefined)).toBe(true);
    expect(isToBeRead({ pushedAt: 500, since: 100 }, { pushedAt: 400, since: 100 })).toBe(true);
    expect(isToBeRead({ pushedAt: 500, since: 100 }, { pushedAt: 500, since: 200 })).toBe(true);
  });

  test('not again, nor where nobody has pushed since the days that are wanted', () => {
    expect(isToBeRead({ pushedAt: 500, since: 300 }, { pushedAt: 500, since: 100 })).toBe(false);
    expect(isToBeRead({ pushedAt: 500, since: 501 }, undefined)).toBe(false);
    expect(isToBeRead({ pushedAt: 0, since: 100 }, undefined)).toBe(false);
  });

  test('again where another push may have come in the same second', () => {
    expect(isSettled(NOW - 61, NOW)).toBe(true);
    expect(isSettled(NOW - 60, NOW)).toBe(false);
    expect(isSettled(NOW + 5, NOW)).toBe(false);
  });
});
