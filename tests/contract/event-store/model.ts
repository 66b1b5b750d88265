import {
  WrongExpectedRevision,
  type AppendResult,
  type EventToAppend,
  type ExpectedRevision,
} from '../../../server/event-store/event-store.ts';

type ModelStream = { readonly ids: string[]; visibleFrom: number };

/** What an append must answer; positions are the store's own affair. */
export type Answer = Pick<AppendResult, 'revision'> | WrongExpectedRevision;

/** The contract in its smallest form: a list of ids a stream, of which a deletion hides the beginning. */
export class EventStoreModel {
  readonly #streams = new Map<string, ModelStream>();
  /** All ids in the order of the log. */
  readonly log: string[] = [];

  #stream(name: string): ModelStream {
    return this.#streams.getOrInsertComputed(name, () => ({ ids: [], visibleFrom: 0 }));
  }

  last(name: string): bigint {
    return BigInt(this.#stream(name).ids.length) - 1n;
  }

  append(name: string, events: readonly EventToAppend[], expected: ExpectedRevision): Answer {
    const refusal = this.#check(name, expected);
    if (refusal !== undefined) return refusal;
    for (const { id } of events) {
      this.#stream(name).ids.push(id);
      this.log.push(id);
    }
    return { revision: this.last(name) };
  }

  delete(name: string, expected: ExpectedRevision): WrongExpectedRevision | undefined {
    const { ids } = this.#stream(name);
    if (ids.length === 0) return new WrongExpectedRevision(name, expected, 'no_stream');
    const refusal = this.#check(name, expected);
    if (refusal === undefined) this.#stream(name).visibleFrom = ids.length;
    return refusal;
  }

  #check(name: string, expected: ExpectedRevision): WrongExpectedRevision | undefined {
    const { ids, visibleFrom } = this.#stream(name);
    const exists = ids.length > visibleFrom;
    const believed =
      expected === 'any' ||
      (expected === 'no_stream' && !exists) ||
      (expected === 'stream_exists' && exists) ||
      (ids.length > 0 && expected === this.last(name));
    return believed
      ? undefined
      : new WrongExpectedRevision(name, expected, ids.length === 0 ? 'no_stream' : this.last(name));
  }

  /** Ids a reader of the stream sees; `undefined`: StreamNotFound. */
  visible(name: string): string[] | undefined {
    const { ids, visibleFrom } = this.#stream(name);
    return ids.length > visibleFrom ? ids.slice(visibleFrom) : undefined;
  }
}
