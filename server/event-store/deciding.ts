import type { AlmanacEvent } from '../../domain/event-registry.ts';
import type { Codec } from './codec.ts';
import { execute, type Command } from './command-handler.ts';
import type { EventStore, Position } from './event-store.ts';

export type DecidingParts = {
  readonly store: EventStore;
  readonly codec: Codec;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves when what was written at a position is shown. @throws {ReadModelsBehind} */
  readonly shown: (position: Position) => Promise<void>;
};

/** `intention` names what is wanted of the stream, and when: the same wanted twice is one append. */
type Decision<State, Event extends AlmanacEvent> = Pick<
  Command<State, Event>,
  'stream' | 'aggregate' | 'decide' | 'newest'
> & { readonly intention: string };

/** Decides about one stream, now, for somebody who looks at what is shown afterwards. */
export class Deciding {
  readonly #parts: DecidingParts;

  constructor(parts: DecidingParts) {
    this.#parts = parts;
  }

  /** Now, as events say it. */
  at(): string {
    return new Date(this.#parts.now()).toISOString();
  }

  /**
   * Decides, and waits until it is shown.
   * @throws {StoreUnavailable} @throws {ReadModelsBehind} it was decided, and is not shown yet
   */
  async decide<State, Event extends AlmanacEvent>(decision: Decision<State, Event>): Promise<void> {
    await this.shown(await this.say(decision));
  }

  /** Decides. @returns where it was written; null when there was nothing to say @throws {StoreUnavailable} */
  async say<State, Event extends AlmanacEvent>(decision: Decision<State, Event>): Promise<Position | null> {
    const { store, codec } = this.#parts;
    const { intention, ...command } = decision;
    const { appended } = await execute(store, codec, { ...command, commandId: `${command.stream} ${intention}` });
    return appended?.position ?? null;
  }

  /** @throws {ReadModelsBehind} */
  async shown(position: Position | null): Promise<void> {
    if (position !== null) await this.#parts.shown(position);
  }
}
