import { jitteredDelay, type Backoff } from '../backoff.ts';

/** How often work is tried, and how long is waited in between. */
export type RetryPolicy = Backoff & {
  /** Attempts in all, the first included, before an event is parked. */
  readonly attempts: number;
};

export const standardRetry: RetryPolicy = { attempts: 5, firstDelayMs: 250, longestDelayMs: 60_000 };

/** Milliseconds the other side asked us to wait (`Retry-After`), as an error's `retryAfterMs`; 0 when it did not. */
export function retryAfterOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return 0;
  const { retryAfterMs } = error;
  return typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) ? Math.max(0, retryAfterMs) : 0;
}

/** Milliseconds to wait after the n-th failure in a row: never less than the other side asked for. @see jitteredDelay */
export const delayAfter = (failures: number, error: unknown, policy: RetryPolicy, random: number): number =>
  Math.max(jitteredDelay(failures, policy, random), retryAfterOf(error));
