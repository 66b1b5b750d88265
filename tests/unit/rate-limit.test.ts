import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { errorResponse } from '../../server/api/rest.ts';
import {
  createRateLimits,
  limitHeaders,
  overLimit,
  type RateLimits,
  type TakeOptions,
} from '../../server/edge/rate-limit.ts';

async function takeTimes(limits: RateLimits, times: number, subject: string, options?: TakeOptions) {
  const taken = await Promise.all(Array.from({ length: times }, () => limits.take(subject, options)));
  return taken.map(({ allowed }) => allowed);
}
const allowedOf = async (...given: Parameters<typeof takeTimes>) => (await takeTimes(...given)).filter(Boolean).length;

describe('in a minute', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('a subject may ask as often as the limit says, and no oftener', async () => {
    const limits = createRateLimits({ perMinute: 3 });
    expect(await takeTimes(limits, 5, 'a')).toEqual([true, true, true, false, false]);
    expect(await takeTimes(limits, 1, 'b')).toEqual([true]);
  });

  test('looking at what a subject has left takes nothing', async () => {
    const limits = createRateLimits({ perMinute: 2 });
    expect(await limits.look('a')).toMatchObject({ allowed: true });
    await takeTimes(limits, 1, 'a');
    for (let time = 0; time < 3; time += 1)
      expect(await limits.look('a')).toMatchObject({ allowed: true, remaining: 1 });
    await takeTimes(limits, 1, 'a');
    expect(await limits.look('a')).toEqual({ allowed: false, limit: 2, remaining: 0, resetSeconds: 60 });
    expect(await createRateLimits({ perMinute: 0 }).look('a')).toMatchObject({ allowed: true, limit: null });
  });

  test('it is told what is left and when the minute ends', async () => {
    const limits = createRateLimits({ perMinute: 2 });
    expect(await limits.take('a')).toEqual({ allowed: true, limit: 2, remaining: 1, resetSeconds: 60 });
    vi.advanceTimersByTime(10_500);
    expect(await limits.take('a')).toEqual({ allowed: true, limit: 2, remaining: 0, resetSeconds: 50 });
    expect(await limits.take('a')).toEqual({ allowed: false, limit: 2, remaining: 0, resetSeconds: 50 });
  });

  test('after it all is there again, and insisting does not put it off', async () => {
    const limits = createRateLimits({ perMinute: 1 });
    await limits.take('a');
    for (let second = 0; second < 59; second += 1) {
      vi.advanceTimersByTime(1_000);
      expect(await limits.take('a')).toMatchObject({ allowed: false, resetSeconds: 59 - second });
    }
    vi.advanceTimersByTime(1_000);
    expect(await limits.take('a')).toMatchObject({ allowed: true });
  });

  test('signing in has a budget of its own', async () => {
    const limits = createRateLimits({ perMinute: 100 });
    expect(await allowedOf(limits, 20, 'a', { budget: 'sign-in' })).toBe(10);
    expect(await allowedOf(limits, 101, 'a')).toBe(100);
  });

  test('a key may have a limit of its own, also where addresses have none', async () => {
    for (const perMinute of [100, 0])
      expect(await allowedOf(createRateLimits({ perMinute }), 10, 'key:7k3y', { limit: 4 })).toBe(4);
  });

  test('a batch counts as what is in it', async () => {
    const limits = createRateLimits({ perMinute: 10 });
    expect(await limits.take('a', { cost: 8 })).toMatchObject({ allowed: true, remaining: 2 });
    expect(await limits.take('a', { cost: 3 })).toMatchObject({ allowed: false, remaining: 0 });
  });

  test('nobody is limited where the limit is 0', async () => {
    const limits = createRateLimits({ perMinute: 0 });
    expect(await allowedOf(limits, 500, 'a')).toBe(500);
    expect(limitHeaders(await limits.take('a'))).toEqual({});
  });

  describe('when more subjects come than are counted one by one', () => {
    test('newcomers share counters, so that many addresses do not help', async () => {
      const limits = createRateLimits({ perMinute: 1, most: 10 });
      let allowed = 0;
      for (let address = 0; address < 5_000; address += 1) allowed += await allowedOf(limits, 1, `address ${address}`);
      expect(allowed).toBe(10 + 256);
    });
    test('who was there before is not touched by it', async () => {
      const limits = createRateLimits({ perMinute: 2, most: 1 });
      await limits.take('kim');
      for (let address = 0; address < 5_000; address += 1) await limits.take(`address ${address}`);
      expect(await takeTimes(limits, 2, 'kim')).toEqual([true, false]);
    });
    test('it is over with the minute', async () => {
      const limits = createRateLimits({ perMinute: 2, most: 1 });
      const flood = async () => {
        for (let address = 0; address < 5_000; address += 1) await limits.take(`address ${address}`);
      };
      await flood();
      expect(await limits.take('kim')).toMatchObject({ allowed: false });
      vi.advanceTimersByTime(60_001);
      expect(await limits.take('kim')).toMatchObject({ allowed: true });
      expect(vi.getTimerCount()).toBe(1);
      await flood();
      expect(await takeTimes(limits, 2, 'kim')).toEqual([true, false]);
    });
  });
});

test('an answer says what is left', async () => {
  const limits = createRateLimits({ perMinute: 2 });
  const headers = limitHeaders(await limits.take('a'));
  expect(headers).toEqual({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '60' });
});

test('a refusal is 429, says when to come again, and has the error body of the API', async () => {
  const limits = createRateLimits({ perMinute: 1 });
  await limits.take('a');
  const taken = await limits.take('a');
  const refused = errorResponse(overLimit(taken), limitHeaders(taken));
  expect(refused.status).toBe(429);
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    'content-type': expect.stringMatching(/^application\/json/),
    'cache-control': 'no-store',
    'x-ratelimit-limit': '1',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': expect.stringMatching(/^(59|60)$/),
    'retry-after': refused.headers.get('x-ratelimit-reset'),
  });
  expect(await refused.json()).toEqual({
    error: { code: 'TOO_MANY_REQUESTS', message: expect.stringMatching(/^More than 1 requests a minute/) },
  });
});
