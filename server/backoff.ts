/** How waiting times grow after failures in a row. */
export type Backoff = {
  /** The longest wait after the first failure, in milliseconds; it doubles with each further one. */
  readonly firstDelayMs: number;
  /** No wait is longer. */
  readonly longestDelayMs: number;
};

/**
 * Milliseconds to wait after the n-th failure in a row (n ≥ 1): exponential with full jitter, so that those who failed together do
 * not come back together.
 * @param random a number from 0 to 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function jitteredDelay(
  failures: number,
  { firstDelayMs, longestDelayMs }: Backoff,
  random: number = Math.random(),
): number {
  return Math.floor(random * Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 40)));
}

/** `setTimeout` fires at once for anything longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits; returns early when the signal comes, and never throws. */
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
