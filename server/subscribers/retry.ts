/** How often work is tried, and how long is waited in between. */
export type RetryPolicy = {
  /** Attempts in all, the first included, before an event is parked. */
  readonly attempts: number;
  /** The longest wait before the second attempt, in milliseconds; it doubles with each further one. */
  readonly firstDelayMs: number;
  /** No wait is longer, except one that the other side asked for. */
  readonly longestDelayMs: number;
};

export const standardRetry: RetryPolicy = { attempts: 5, firstDelayMs: 250, longestDelayMs: 60_000 };

/** Milliseconds the other side asked us to wait (`Retry-After`), as an error's `retryAfterMs`; 0 when it did not. */
export function retryAfterOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return 0;
  const { retryAfterMs } = error;
  return typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) ? Math.max(0, retryAfterMs) : 0;
}

/**
 * Milliseconds to wait after the n-th failure in a row: exponential with full jitter, so that those who failed together do not
 * come back together, and never less than the other side asked for.
 * @param random a number from 0 to 1
 */
export function delayAfter(failures: number, error: unknown, policy: RetryPolicy, random: number): number {
  const longest = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** Math.min(failures - 1, 40));
  return Math.max(Math.floor(longest * random), retryAfterOf(error));
}

/** `setTimeout` fires at once for anything longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits; returns early when the signal comes. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  for (let left = milliseconds; left > 0 && !signal.aborted; left -= LONGEST_TIMER_MS) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(left, LONGEST_TIMER_MS));
    const wake = () => resolve();
    signal.addEventListener('abort', wake);
    await promise;
    signal.removeEventListener('abort', wake);
    clearTimeout(timer);
  }
}
