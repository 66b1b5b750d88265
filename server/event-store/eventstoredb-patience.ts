import { setTimeout as delay } from 'node:timers/promises';
import { isTransient } from './eventstoredb-failures.ts';

/** Waits between attempts grow from `firstMs` by doubling, up to `mostMs`. */
export type Backoff = { readonly firstMs: number; readonly mostMs: number };

/** Full jitter: anywhere between nothing and the grown wait, so that many clients do not come back together. */
export const waitBefore = (attempt: number, { firstMs, mostMs }: Backoff): number =>
  Math.random() * Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));

/** Waits, or returns early once the signal comes. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export type Patience = {
  readonly backoff: Backoff;
  /** Milliseconds since the epoch after which a failure is final. */
  readonly until: number;
  readonly signal: AbortSignal;
};

/** Tries until it succeeds, fails for good, is called off, or the time is over; then the last failure is thrown. */
export async function persist<Result>(
  { backoff, until, signal }: Patience,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let failed = 0; ; failed += 1) {
    try {
      return await attempt();
    } catch (error) {
      const wait = waitBefore(failed, backoff);
      if (!isTransient(error) || signal.aborted || Date.now() + wait >= until) throw error;
      await pause(wait, signal);
      if (signal.aborted) throw error;
    }
  }
}

/** Lets at most `places` tasks run at once, the others in the order they came. */
export class Gate {
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
