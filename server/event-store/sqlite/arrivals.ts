import { realpathSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BroadcastChannel } from 'node:worker_threads';

/** Every thread of a process hears of a commit to `file` on the channel with this name. */
export const arrivalsChannel = (file: string): string => `almanac:event-log:${realpathSync(file)}`;

/** How soon a reader in another process notices a commit. Asking costs some microseconds. */
const POLL_MS = 250;

/** One subscription's ear. Disposed of, it stops listening; the last one stops the poll. */
export interface Listener extends Disposable {
  /** Whoever asks for it before reading, and waits for another one after, misses nothing. */
  readonly count: number;
  /** Resolves when `count` is no longer `seen`, when the signal is aborted, or when the reader is closed. */
  after(seen: number): Promise<void>;
  /** Resolves within the time of a poll, whether there is something new or not. */
  atNextPoll(): Promise<void>;
}

/**
 * Lets subscriptions wait for something new in the log: at once when a thread of this process wrote it, within POLL_MS
 * when another process did. Costs nothing while nobody listens, and keeps no process alive.
 */
export class Arrivals implements Disposable {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #waiting = new Set<() => void>();
  #listeners = 0;
  #stopListening: (() => void) | undefined;
  #count = 0;
  #impatient = false;

  constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#file = file;
  }

  listen(signal: AbortSignal): Listener {
    this.#listeners += 1;
    this.#stopListening ??= this.#startListening();
    const count = (): number => this.#count;
    return {
      get count() {
        return count();
      },
      after: (seen) => this.#after(seen, signal),
      atNextPoll: () => {
        this.#impatient = true;
        return this.#after(this.#count, signal);
      },
      [Symbol.dispose]: () => {
        this.#listeners -= 1;
        if (this.#listeners === 0) this.#stop();
      },
    };
  }

  async #after(seen: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== seen || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    await promise;
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }

  #startListening(): () => void {
    const version = this.#database.prepare('PRAGMA data_version');
    let last = read(version);
    const channel = new BroadcastChannel(arrivalsChannel(this.#file));
    channel.onmessage = () => this.#announce();
    channel.unref();
    const timer = setInterval(() => {
      const current = read(version);
      if (current !== last || this.#impatient) this.#announce();
      last = current;
    }, POLL_MS);
    timer.unref();
    return () => {
      channel.close();
      clearInterval(timer);
    };
  }

  #announce(): void {
    this.#count += 1;
    this.#impatient = false;
    for (const wake of this.#waiting) wake();
  }

  #stop(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  /** Wakes everybody for the last time. */
  [Symbol.dispose](): void {
    this.#announce();
    this.#stop();
  }
}

/** Changes whenever another connection commits. What cannot be read now counts as a change: reading the log will tell why. */
function read(version: StatementSync): unknown {
  try {
    return version.get()?.['data_version'];
  } catch (error) {
    return error;
  }
}
