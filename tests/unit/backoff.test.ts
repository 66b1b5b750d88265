import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { jitteredDelay, pause } from '../../server/backoff.ts';
import { delayAfter, retryAfterOf, standardRetry } from '../../server/subscribers/retry.ts';

describe('the wait after a failure', () => {
  const policy = { attempts: 5, firstDelayMs: 100, longestDelayMs: 60_000 };

  test('lies anywhere between nothing and a ceiling that doubles up to the longest wait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const delay = delayAfter(failures, new Error('no'), policy, random);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(60_000, 100 * 2 ** Math.min(failures - 1, 100)));
          expect(Number.isInteger(delay)).toBe(true);
        },
      ),
    );
    expect([1, 2, 3, 10, 11].map((failures) => delayAfter(failures, null, policy, 1))).toEqual([
      100, 200, 400, 51_200, 60_000,
    ]);
  });

  test.each([
    [{ retryAfterMs: 120_000 }, 120_000],
    [Object.assign(new Error('429'), { retryAfterMs: 1_500 }), 1_500],
    [{ retryAfterMs: -5 }, 0],
    [{ retryAfterMs: NaN }, 0],
    [{ retryAfterMs: Infinity }, 0],
    [{ retryAfterMs: '60' }, 0],
    [new Error('no'), 0],
    [null, 0],
    ['text', 0],
  ])('%o asks for %i ms', (error, expected) => {
    expect(retryAfterOf(error)).toBe(expected);
    expect(delayAfter(1, error, policy, 0)).toBe(expected);
  });

  test('the standard gives up after some seconds, not after hours', () => {
    const longest = Array.from({ length: standardRetry.attempts - 1 }, (_, index) =>
      delayAfter(index + 1, null, standardRetry, 1),
    );
    expect(longest.reduce((sum, delay) => sum + delay)).toBeLessThan(10_000);
  });
});

describe('the wait left to chance', () => {
  test.each([
    [1, 100],
    [2, 200],
    [4, 800],
    [21, 5_000],
    [5_000, 5_000],
  ])('after %i failures is spread from nothing to %i ms', (failures, longest) => {
    const waits = Array.from({ length: 200 }, () =>
      jitteredDelay(failures, { firstDelayMs: 100, longestDelayMs: 5_000 }),
    );
    expect(Math.max(...waits)).toBeLessThanOrEqual(longest);
    expect(Math.max(...waits)).toBeGreaterThan(longest / 2);
    expect(Math.min(...waits)).toBeLessThan(longest / 2);
  });
});

describe('pausing', () => {
  test('lasts as long as asked, even longer than one timer can', async () => {
    vi.useFakeTimers();
    try {
      const days = 60 * 86_400_000;
      let over = false;
      const pausing = pause(days, new AbortController().signal).then(() => (over = true));
      await vi.advanceTimersByTimeAsync(days - 1);
      expect(over).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await pausing;
    } finally {
      vi.useRealTimers();
    }
  });

  test('ends at once when the signal comes, and leaves no timer behind', async () => {
    const abort = new AbortController();
    const pausing = pause(3_600_000, abort.signal);
    abort.abort();
    await pausing;
    await pause(3_600_000, abort.signal);
  });
});
