import { accessDenied, unavailable, type RpcError } from './rpc-errors.ts';

/** Calls a fault can strike; an append of a batch counts by itself. */
export type FaultyCall = 'append' | 'batchAppend' | 'read' | 'subscribe' | 'delete' | 'persistentRead';

/**
 * `unavailable`, `access denied`: refused before anything happened.
 * `fail after commit`: done, then answered UNAVAILABLE; `lose answer`: done, never answered;
 * `drop connection`: done, then every connection of the server breaks instead of an answer;
 * of a read or subscription, `failAfterMessages`: so many messages, then UNAVAILABLE; `pauseMs`: before each message.
 */
export type Effect =
  | 'none'
  | 'unavailable'
  | 'access denied'
  | 'fail after commit'
  | 'lose answer'
  | 'drop connection'
  | { readonly delayMs: number }
  | { readonly failAfterMessages: number }
  | { readonly pauseMs: number };

/** The refusal an effect stands for, if it is one. */
export const refusal = (effect: Effect): RpcError | undefined =>
  effect === 'unavailable' ? unavailable() : effect === 'access denied' ? accessDenied() : undefined;

/** What goes wrong, decided call by call by the test. */
export class Faults {
  /** Asked once for each call. */
  choose: (call: FaultyCall) => Effect = () => 'none';
  readonly #dropConnections: () => void;

  constructor(dropConnections: () => void) {
    this.#dropConnections = dropConnections;
  }

  /** Strikes only the next `times` calls of one kind. */
  next(call: FaultyCall, effect: Effect, times = 1): void {
    let left = times;
    this.choose = (other) => {
      if (other !== call || left === 0) return 'none';
      left -= 1;
      return effect;
    };
  }

  /** Gives an answer that is ready, as the effect has it. */
  answer(effect: Effect, send: () => void, fail: () => void): void {
    if (effect === 'drop connection') this.#dropConnections();
    else if (effect === 'fail after commit') fail();
    else if (typeof effect === 'object' && 'delayMs' in effect) setTimeout(send, effect.delayMs).unref();
    else if (effect !== 'lose answer') send();
  }
}
