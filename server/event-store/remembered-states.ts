/** What a stream's events have made of an aggregate, and the revision an append based on it has to expect. */
export type KnownState<State> = { readonly state: State; readonly revision: bigint | 'no_stream' };

/**
 * States of the streams decided on last: deciding on one of them again reads nothing. One that somebody else has moved on is
 * found out by the revision an append expects, and then read afresh. Only for decisions that a state of the past leads to say
 * too much, never too little: what is said too much is refused with its revision, silence is never looked at again.
 */
export class RememberedStates<State> {
  readonly #most: number;
  /** In the order of their last use. */
  readonly #known = new Map<string, KnownState<State>>();

  /** @param most streams to remember; those not used for the longest time are forgotten */
  constructor(most: number) {
    this.#most = most;
  }

  get(stream: string): KnownState<State> | undefined {
    return this.#known.get(stream);
  }

  set(stream: string, known: KnownState<State>): void {
    this.#known.delete(stream);
    this.#known.set(stream, known);
    if (this.#known.size <= this.#most) return;
    for (const oldest of this.#known.keys()) return void this.#known.delete(oldest);
  }

  forget(stream: string): void {
    this.#known.delete(stream);
  }
}
