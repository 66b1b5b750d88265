import { randomUUID } from 'node:crypto';
import {
  abandonSlot,
  claimSlot,
  continueSlot,
  failSlot,
  finishSlot,
  jobRun,
  jobStream,
  type ClaimLimits,
  type JobEvent,
  type JobRun,
} from '../../domain/job-run.ts';
import type { Codec } from '../event-store/codec.ts';
import { execute, load } from '../event-store/command-handler.ts';
import { WrongExpectedRevision, type EventStore } from '../event-store/event-store.ts';

/** A slot of a job, as the log names it. */
export type SlotName = { readonly name: string; readonly slot: string };

export type SlotLogOptions = {
  readonly store: EventStore;
  readonly codec: Codec;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Names this server among those that share the log; another one at each start. */
  readonly instance: string;
};

/** What became of slots: asked of the log and said to it, never remembered, so that all servers agree. */
export class SlotLog {
  readonly #options: SlotLogOptions;

  constructor(options: SlotLogOptions) {
    this.#options = options;
  }

  get instance(): string {
    return this.#options.instance;
  }

  at(): string {
    return new Date(this.#options.now()).toISOString();
  }

  /** @throws {StoreUnavailable} */
  async look({ name, slot }: SlotName): Promise<JobRun> {
    const { store, codec } = this.#options;
    return (await load(store, codec, jobStream(name, slot), jobRun)).state;
  }

  /** @returns whether the slot is now this server's to run @throws {StoreUnavailable} */
  claim(slot: SlotName, limits: ClaimLimits, askedBy?: string): Promise<boolean> {
    return this.#say(slot, (state, by) =>
      claimSlot({ ...this.#facts(slot), by, ...(askedBy !== undefined && { askedBy }) }, limits, state),
    );
  }

  /** @returns false: the slot is not this server's any more @throws {StoreUnavailable} */
  goOn(slot: SlotName): Promise<boolean> {
    return this.#say(slot, (state, by) => continueSlot({ ...this.#facts(slot), by }, state));
  }

  finish(slot: SlotName, outcome: string): Promise<boolean> {
    return this.#say(slot, (state, by) => finishSlot({ ...this.#facts(slot), by, outcome }, state));
  }

  fail(slot: SlotName, failure: { reason: string; retryAt?: string; stopped?: true }): Promise<boolean> {
    return this.#say(slot, (state, by) => failSlot({ ...this.#facts(slot), by, ...failure }, state));
  }

  /** Says of a run nobody takes over that its server is gone. */
  abandon(slot: SlotName, reason: string, isDead: ClaimLimits['isDead']): Promise<boolean> {
    return this.#say(slot, (state) => abandonSlot({ ...this.#facts(slot), reason }, isDead, state));
  }

  #facts({ name, slot }: SlotName) {
    return { name, slot, at: this.at() };
  }

  /** Each saying is one of its own: two servers never say the same thing, nor does one server say it twice. */
  async #say(slot: SlotName, decide: (state: JobRun, by: string) => JobEvent[]): Promise<boolean> {
    const { store, codec, instance } = this.#options;
    try {
      const { appended } = await execute(store, codec, {
        stream: jobStream(slot.name, slot.slot),
        aggregate: jobRun,
        decide: (state) => decide(state, instance),
        commandId: randomUUID(),
      });
      return appended !== null;
    } catch (error) {
      // Many others were quicker, again and again: it is theirs.
      if (error instanceof WrongExpectedRevision) return false;
      throw error;
    }
  }
}
