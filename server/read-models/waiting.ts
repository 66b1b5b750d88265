/** The read models did not get as far as was waited for; they go on and will. */
export class ReadModelsBehind extends Error {
  override readonly name = 'ReadModelsBehind';
}

export type WaitOptions = {
  /** Milliseconds; default 5,000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Default: all that are not parked. */
  readonly projections?: readonly string[];
};

const TIMEOUT_MS = 5_000;

type Waiter = { readonly isDone: () => boolean; readonly resolve: () => void };

/** Lets somebody who has just written wait until it can be read. */
export class Waiting {
  readonly #waiters = new Set<Waiter>();

  /** @throws {ReadModelsBehind} when time is up, and the signal's reason when it aborts */
  async until(isDone: () => boolean, { timeout = TIMEOUT_MS, signal }: WaitOptions): Promise<void> {
    signal?.throwIfAborted();
    if (isDone()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { isDone, resolve };
    const abort = () => reject(signal?.reason as Error);
    const late = () => reject(new ReadModelsBehind(`The read models are not up to date after ${timeout} ms.`));
    const timer = setTimeout(late, timeout);
    signal?.addEventListener('abort', abort);
    this.#waiters.add(waiter);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#waiters.delete(waiter);
    }
  }

  /** Something has moved on. */
  look(): void {
    for (const { isDone, resolve } of this.#waiters) if (isDone()) resolve();
  }
}
