import type { JobRunning } from '../../domain/job-run.ts';
import type { SlotName } from './slot-log.ts';

/** How often a run says that it goes on, and how long none may be silent, in milliseconds. */
export type Lease = { readonly beat: number; readonly silence: number };

/** One missed beat is a store that was away, three are a server that is gone. */
export const standardLease: Lease = { beat: 30_000, silence: 100_000 };

/**
 * Tells dead runs from long ones: dead is who says nothing for a while. How long is measured here, by a clock that nobody sets; what
 * other servers' clocks say is not looked at.
 */
export class Hearing {
  readonly #silence: number;
  readonly #ticking: () => number;
  readonly #heard = new Map<string, { readonly said: string; readonly since: number }>();

  /** @param ticking milliseconds since whenever, of a clock that only goes forwards */
  constructor({ silence }: Lease, ticking: () => number) {
    this.#silence = silence;
    this.#ticking = ticking;
  }

  /** To be asked now and then: it hears nothing while it is not asked. */
  isSilent({ name, slot }: SlotName, { by, attempts, beats }: JobRunning): boolean {
    const key = `${name} ${slot}`;
    const said = `${by} ${attempts} ${beats}`;
    const known = this.#heard.get(key);
    if (known?.said === said) return this.#ticking() - known.since >= this.#silence;
    this.#heard.set(key, { said, since: this.#ticking() });
    return false;
  }

  forget({ name, slot }: SlotName): void {
    this.#heard.delete(`${name} ${slot}`);
  }
}
