import { randomUUID } from 'node:crypto';
import type { ChangeTopic } from './api/views.ts';

export type Change = { id: string; topics: ChangeTopic[] };

const ALL_TOPICS: readonly ChangeTopic[] = ['attendance', 'commits', 'events', 'members', 'status', 'jobs', 'messages'];

/**
 * Tells open pages what to load again. A change names topics, never contents, so a reader that is slow or was away
 * needs no history: what it missed is merged into one message, or, after a lost connection, all topics.
 */
export class ChangeFeed {
  readonly #run = randomUUID().slice(0, 8);
  readonly #gather: number;
  #sequence = 0;
  #pending = new Set<ChangeTopic>();
  #timer: NodeJS.Timeout | undefined;
  readonly #readers = new Set<(change: Change) => void>();

  /** @param gather how long changes are gathered into one message, in milliseconds */
  constructor(gather = 100) {
    this.#gather = gather;
  }

  publish(topics: readonly ChangeTopic[]): void {
    if (topics.length === 0) return;
    for (const topic of topics) this.#pending.add(topic);
    if (!this.#timer) this.#timer = setTimeout(() => this.#send(), this.#gather).unref();
  }

  #send() {
    this.#timer = undefined;
    this.#sequence += 1;
    const change = { id: this.moment, topics: [...this.#pending] };
    this.#pending = new Set();
    for (const reader of this.#readers) reader(change);
  }

  /** The id of the last change so far. Whoever reads data after having taken it, and follows from it on, misses nothing. */
  get moment(): string {
    return `${this.#run}-${this.#sequence}`;
  }

  /** Changes from now on until the signal aborts. @param after the last id, or the moment, the reader knows of, if any */
  async *changes(signal: AbortSignal, after?: string | null): AsyncGenerator<Change> {
    let missed: Change | undefined =
      after && after !== this.moment ? { id: this.moment, topics: [...ALL_TOPICS] } : undefined;
    let wake = Promise.withResolvers<void>();
    const read = (change: Change) => {
      missed = { id: change.id, topics: [...new Set([...(missed?.topics ?? []), ...change.topics])] };
      wake.resolve();
    };
    const stop = () => wake.resolve();
    this.#readers.add(read);
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        if (missed) {
          const change = missed;
          missed = undefined;
          yield change;
        } else {
          await wake.promise;
          wake = Promise.withResolvers<void>();
        }
      }
    } finally {
      this.#readers.delete(read);
      signal.removeEventListener('abort', stop);
    }
  }
}
