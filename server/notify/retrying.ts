import { jitteredDelay, pause, type Backoff } from '../backoff.ts';

export type Retrying = {
  readonly attempts: number;
  readonly backoff: Backoff;
  /** No attempt begins later than this after the first one, in milliseconds: a longer wait that is asked for is not waited. */
  readonly budgetMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Whether another attempt makes sense, and how long whoever answered wants to be left alone (ms; null: they did not say). */
  readonly again: (failure: unknown) => { readonly afterMs: number | null } | null;
};

/** Does work until it succeeds. @throws the last failure, or what the signal was aborted with */
export async function retrying<Answer>(
  work: () => Promise<Answer>,
  { attempts, backoff, budgetMs, now, random, again }: Retrying,
  signal: AbortSignal,
): Promise<Answer> {
  const begun = now();
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (failure) {
      const advice = again(failure);
      if (!advice || attempt >= attempts) throw failure;
      const wait = Math.max(advice.afterMs ?? 0, jitteredDelay(attempt, backoff, random()));
      if (now() - begun + wait > budgetMs) throw failure;
      await pause(wait, signal);
    }
  }
}
