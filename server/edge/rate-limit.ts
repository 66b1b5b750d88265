import { TRPCError } from '@trpc/server';
import { createHash } from 'node:crypto';
import type { RateLimiterMemory } from 'rate-limiter-flexible';

/** What is guessed at or costs much has a budget of its own beside that of all requests. Requests a minute. */
const BUDGETS = { 'sign-in': 10, export: 5, erase: 3, webhook: 120, report: 20 } as const;
export type Budget = 'requests' | keyof typeof BUDGETS;

export type RateLimitOptions = {
  /** Requests a minute and subject; 0: no limits but those that are asked for one by one. */
  readonly perMinute: number;
  /** How many subjects are counted one by one at the same time. */
  readonly most?: number;
};

export type Taken = {
  readonly allowed: boolean;
  /** Requests a minute; null: as many as they like. */
  readonly limit: number | null;
  readonly remaining: number;
  /** Whole seconds until all of the limit is there again, 1 to 60. */
  readonly resetSeconds: number;
};

export type TakeOptions = {
  readonly budget?: Budget;
  /** Another limit than that of the budget, such as an API key's own. Requests a minute. */
  readonly limit?: number;
  /** How many requests this one counts for: the calls of a batch. */
  readonly cost?: number;
};

export type RateLimits = {
  /** Takes from what a subject (an address, a key) has left in this minute. */
  take(subject: string, options?: TakeOptions): Promise<Taken>;
  /** What a subject has left of all requests, and takes nothing. */
  look(subject: string): Promise<Taken>;
};

const WINDOW_SECONDS = 60;
const UNLIMITED: Taken = { allowed: true, limit: null, remaining: Infinity, resetSeconds: WINDOW_SECONDS };
/** Ten megabytes or so. */
const MOST_SUBJECTS = 50_000;

/** Loaded with the first request that is counted: a start in local mode need not wait for it. */
async function newCounter(): Promise<RateLimiterMemory> {
  const { RateLimiterMemory } = await import('rate-limiter-flexible');
  return new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: WINDOW_SECONDS });
}

/** Counts requests in memory: a minute begins with the first of a subject. Each server counts for itself. */
export function createRateLimits({ perMinute, most = MOST_SUBJECTS }: RateLimitOptions): RateLimits {
  // Points are compared with the limit here: one counter serves subjects with different limits.
  let loaded: Promise<RateLimiterMemory> | undefined;
  const counter = () => (loaded ??= newCounter());
  const keyOf = boundedKeys(most);

  async function take(subject: string, { budget = 'requests', limit: own, cost = 1 }: TakeOptions = {}) {
    if (perMinute === 0 && own === undefined) return UNLIMITED;
    const limit = own ?? (budget === 'requests' ? perMinute : BUDGETS[budget]);
    const { consumedPoints, msBeforeNext } = await (await counter()).consume(keyOf(`${budget} ${subject}`), cost);
    return {
      allowed: consumedPoints <= limit,
      limit,
      remaining: Math.max(0, limit - consumedPoints),
      resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
    };
  }
  async function look(subject: string): Promise<Taken> {
    const seen = perMinute === 0 ? null : await (await counter()).get(keyOf(`requests ${subject}`));
    if (!seen) return UNLIMITED;
    const { consumedPoints, msBeforeNext } = seen;
    return {
      allowed: consumedPoints < perMinute,
      limit: perMinute,
      remaining: Math.max(0, perMinute - consumedPoints),
      resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
    };
  }
  return { take, look };
}

/** Subjects beyond the most share as many counters as this. */
const CROWD = 256;

/**
 * Whoever has many addresses (a customer of an IPv6 provider may have thousands of networks) would fill the memory. Beyond the most,
 * newcomers share counters until minutes end; those that were there before keep their own.
 */
function boundedKeys(most: number): (subject: string) => string {
  const ends = new Map<string, number>();
  return (subject) => {
    const now = performance.now();
    // In the order of their ends, as all minutes are equally long.
    for (const [oldest, end] of ends) {
      if (end > now) break;
      ends.delete(oldest);
    }
    if (ends.has(subject)) return subject;
    if (ends.size >= most) return `crowd ${createHash('sha256').update(subject).digest().readUInt16BE() % CROWD}`;
    ends.set(subject, now + WINDOW_SECONDS * 1000);
    return subject;
  };
}

/** `X-RateLimit-*` of an answer, and `Retry-After` (RFC 9110, 10.2.3) of a refusal. Times are seconds from now. */
export function limitHeaders({ allowed, limit, remaining, resetSeconds }: Taken): Record<string, string> {
  if (limit === null) return {};
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(resetSeconds),
    ...(!allowed && { 'retry-after': String(resetSeconds) }),
  };
}

/** The refusal, to be thrown or answered with: 429. */
export const overLimit = ({ limit, resetSeconds }: Taken): TRPCError =>
  new TRPCError({
    code: 'TOO_MANY_REQUESTS',
    message: `More than ${limit} requests a minute are not answered. Try again in ${resetSeconds} s.`,
  });
