import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  StreamNotFound,
  WrongExpectedRevision,
  type AppendResult,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
} from '../../../server/event-store/event-store.ts';
import { freshStream, idsOf, inStream, presentEnd, readToEnd, someEvents, type OpensStore } from './fixtures.ts';
import { EventStoreModel } from './model.ts';

const STREAMS = 2;

type Belief = 'no_stream' | 'stream_exists' | 'any' | 'last' | 'behind' | 'ahead';
type Step =
  | { readonly kind: 'append'; readonly stream: number; readonly count: number; readonly belief: Belief }
  | { readonly kind: 'again'; readonly pick: number }
  | { readonly kind: 'delete'; readonly stream: number; readonly belief: Belief };

const stream = fc.nat({ max: STREAMS - 1 });
const belief = fc.constantFrom<Belief>('no_stream', 'stream_exists', 'any', 'last', 'behind', 'ahead');
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('append'), stream, count: fc.integer({ min: 1, max: 4 }), belief }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('again'), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete'), stream, belief }) },
  ) as fc.Arbitrary<Step>,
  { minLength: 1, maxLength: 40, size: 'max' },
);

const settle = async <T>(promise: Promise<T>): Promise<T | WrongExpectedRevision> => {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof WrongExpectedRevision) return error;
    throw error;
  }
};

type PastAppend = {
  readonly stream: string;
  readonly events: readonly EventToAppend[];
  readonly expectedRevision: ExpectedRevision;
  readonly result: AppendResult;
};

/** Plays steps on the store and on the model and compares every answer. */
class Play {
  readonly #store: EventStore;
  readonly #model = new EventStoreModel();
  readonly #prefix = freshStream('play');
  #past: PastAppend[] = [];

  constructor(store: EventStore) {
    this.#store = store;
  }

  async step(step: Step): Promise<void> {
    if (step.kind === 'append') return this.#append(step);
    if (step.kind === 'delete') return this.#delete(step);
    const past = this.#past[step.pick % (this.#past.length || 1)];
    if (past === undefined) return;
    const { expectedRevision } = past;
    expect(await this.#store.append(past.stream, past.events, { expectedRevision })).toEqual(past.result);
  }

  #expectation(name: string, held: Belief): ExpectedRevision {
    const last = this.#model.last(name);
    if (held === 'last') return last < 0n ? 'no_stream' : last;
    if (held === 'behind') return last <= 0n ? 'no_stream' : last - 1n;
    return held === 'ahead' ? last + 2n : held;
  }

  async #append(step: Extract<Step, { kind: 'append' }>): Promise<void> {
    const name = `${this.#prefix}-${step.stream}`;
    const events = someEvents(step.count);
    const expectedRevision = this.#expectation(name, step.belief);
    const result = await settle(this.#store.append(name, events, { expectedRevision }));
    expect(result).toMatchObject(this.#model.append(name, events, expectedRevision));
    if (!(result instanceof Error)) this.#past.push({ stream: name, events, expectedRevision, result });
  }

  async #delete(step: Extract<Step, { kind: 'delete' }>): Promise<void> {
    const name = `${this.#prefix}-${step.stream}`;
    const expectedRevision = this.#expectation(name, step.belief);
    const result = await settle(this.#store.deleteStream(name, { expectedRevision }));
    const expected = this.#model.delete(name, expectedRevision);
    if (expected === undefined) expect(result).toBeUndefined();
    else expect(result).toMatchObject(expected);
    // Whether an append made before a deletion is still "the same append" is each store's own affair.
    this.#past = this.#past.filter((past) => past.stream !== name);
  }

  async compare(start: Awaited<ReturnType<typeof presentEnd>>): Promise<void> {
    for (let index = 0; index < STREAMS; index += 1) {
      const name = `${this.#prefix}-${index}`;
      const visible = this.#model.visible(name);
      const reading = this.#store.readStream(name);
      if (visible === undefined) await expect(reading).rejects.toBeInstanceOf(StreamNotFound);
      else expect(idsOf(await reading)).toEqual(visible);
    }
    const all = await readToEnd(this.#store, { ...start, filter: inStream(this.#prefix) });
    expect(idsOf(all)).toEqual(this.#model.log);
  }
}

export function propertyContract(open: OpensStore): void {
  describe('any course of events', () => {
    test('one after the other agrees with the model', async () => {
      await using opened = await open();
      const { store } = opened;
      await fc.assert(
        fc.asyncProperty(steps, async (course) => {
          const start = await presentEnd(store);
          const play = new Play(store);
          for (const step of course) await play.step(step);
          await play.compare(start);
        }),
        { numRuns: 60 },
      );
    });

    test('at the same moment leaves whole appends, each once or not at all', async () => {
      await using opened = await open();
      const { store } = opened;
      const attempt = fc.record({
        stream,
        count: fc.integer({ min: 1, max: 4 }),
        expected: fc.constantFrom<ExpectedRevision>('no_stream', 'any', 'stream_exists', 0n, 1n, 3n),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(attempt, { minLength: 2, maxLength: 20 }), async (attempts) => {
          const prefix = freshStream('race');
          const written = new Map<string, Map<bigint, string>>();
          await Promise.all(
            attempts.map(async ({ stream: index, count, expected }) => {
              const [name, events] = [`${prefix}-${index}`, someEvents(count)];
              const result = await settle(store.append(name, events, { expectedRevision: expected }));
              if (result instanceof Error) return;
              const places = written.getOrInsertComputed(name, () => new Map());
              for (const [at, id] of idsOf(events).entries()) places.set(result.revision - BigInt(count - 1 - at), id);
            }),
          );
          for (const [name, places] of written) {
            const recorded = (await store.readStream(name)).map((event) => [event.revision, event.id]);
            expect(recorded).toEqual([...places].sort(([a], [b]) => Number(a - b)));
            expect(recorded).toHaveLength(Number(recorded.at(-1)?.[0]) + 1);
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}
