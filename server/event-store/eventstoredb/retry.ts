import { jitteredDelay, pause, type Backoff } from '../../backoff.ts';
import { isTransient } from './failures.ts';

export type RetryDeadline = {
  readonly backoff: Backoff;
  /** Milliseconds since the epoch after which a failure is final. */
  readonly until: number;
  readonly signal: AbortSignal;
};

/** Tries until it succeeds, fails for good, is called off, or the time is over; then the last failure is thrown. */
export async function retryUntil<Result>(
  { backoff, until, signal }: RetryDeadline,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      const wait = jitteredDelay(failures, backoff);
      if (!isTransient(error) || signal.aborted || Date.now() + wait >= until) throw error;
      await pause(wait, signal);
      if (signal.aborted) throw error;
    }
  }
}

/** Lets at most `places` tasks run at once, the others in the order they came. */
export class Semaphore {
  #places: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#places === 0) await new Promise<void>((enter) => this.#waiting.push(enter));
    else this.#places -= 1;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#places += 1;
      else next();
    }
  }
}
