import { setImmediate } from 'node:timers/promises';

const LONGEST_TURN_MS = 5;

/**
 * Keeps long work from holding up the process it runs in: reading an embedded store never waits for anything, so promises
 * alone give nobody else a turn.
 */
export class Turns {
  #began = performance.now();
  #others: Promise<void> | null = null;

  /** Lets others have their turn when this one has lasted some milliseconds. All who share these turns pause together. */
  async pass(): Promise<void> {
    if (performance.now() - this.#began >= LONGEST_TURN_MS) await (this.#others ??= this.#letOthers());
  }

  async #letOthers(): Promise<void> {
    await setImmediate();
    this.#began = performance.now();
    this.#others = null;
  }
}
