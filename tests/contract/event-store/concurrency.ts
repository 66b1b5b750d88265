import { describe, expect, test } from 'vitest';
import type { AppendResult } from '../../../server/event-store/event-store.ts';
import {
  anEvent,
  freshStream,
  idsOf,
  inStream,
  presentEnd,
  readToEnd,
  someEvents,
  type OpensStore,
} from './fixtures.ts';

const fulfilled = (outcomes: readonly PromiseSettledResult<AppendResult>[]): AppendResult[] =>
  outcomes.filter((outcome) => outcome.status === 'fulfilled').map((outcome) => outcome.value);

const reasons = (outcomes: readonly PromiseSettledResult<AppendResult>[]): unknown[] =>
  outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason);

export function concurrencyContract(open: OpensStore): void {
  describe('writers at the same moment', () => {
    test('of those who believe the same, exactly one wins', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      await store.append(stream, [anEvent()], { expectedRevision: 'no_stream' });
      const attempts = Array.from({ length: 30 }, (_, index) => someEvents(1 + (index % 3)));
      const outcomes = await Promise.allSettled(
        attempts.map((events) => store.append(stream, events, { expectedRevision: 0n })),
      );
      const winner = outcomes.findIndex((outcome) => outcome.status === 'fulfilled');
      const events = attempts[winner] ?? [];
      expect(fulfilled(outcomes)).toMatchObject([{ revision: BigInt(events.length) }]);
      const refused = { name: 'WrongExpectedRevision', expected: 0n, actual: BigInt(events.length) };
      for (const reason of reasons(outcomes)) expect(reason).toMatchObject(refused);
      expect(idsOf(await store.readStream(stream, { from: 1n }))).toEqual(idsOf(events));
    });

    test('who expect nothing stand one after the other', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const attempts = Array.from({ length: 50 }, (_, index) => someEvents(1 + (index % 3)));
      const results = await Promise.all(
        attempts.map((events) => store.append(stream, events, { expectedRevision: 'any' })),
      );
      const recorded = await store.readStream(stream);
      expect(recorded.map((event) => event.revision)).toEqual(recorded.map((_, index) => BigInt(index)));
      for (const [index, { revision }] of results.entries()) {
        const events = attempts[index]!;
        const place = recorded.slice(Number(revision) - events.length + 1, Number(revision) + 1);
        expect(idsOf(place)).toEqual(idsOf(events));
      }
    });

    test('in 256 streams all succeed, and one wrong one among them fails alone', async () => {
      await using opened = await open();
      const { store } = opened;
      const prefix = freshStream('many');
      const start = await presentEnd(store);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 256 }, (_, index) =>
          store.append(`${prefix}-${index}`, someEvents(2), { expectedRevision: index === 100 ? 5n : 'no_stream' }),
        ),
      );
      expect(fulfilled(outcomes)).toHaveLength(255);
      expect(reasons(outcomes)).toMatchObject([{ name: 'WrongExpectedRevision', actual: 'no_stream' }]);
      const events = await readToEnd(store, { ...start, filter: inStream(prefix) });
      expect(events).toHaveLength(510);
      expect(new Set(idsOf(events)).size).toBe(510);
      // Together in the log as well: nobody else's event stands between two of one append.
      for (let at = 0; at < events.length; at += 2) expect(events[at]!.stream).toBe(events[at + 1]!.stream);
    });
  });
}
