import {
  binaryEvent,
  eventTypeFilter,
  excludeSystemEvents,
  START,
  streamNameFilter,
  StreamDeletedError,
  type AllStreamSubscription,
  type EventStoreDBClient,
  type Position,
  type StreamSubscription,
} from '@eventstore/db-client';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { numbered, numberedUpTo, numberOf, plainClient, take } from '../support/eventstoredb/plain-client.ts';

type Filter = NonNullable<NonNullable<Parameters<EventStoreDBClient['subscribeToAll']>[0]>['filter']>;

/** Everything a subscription delivers until it first says that it caught up. */
async function untilCaughtUp(subscription: AllStreamSubscription | StreamSubscription): Promise<unknown[]> {
  const numbers: unknown[] = [];
  subscription.on('data', (event) => numbers.push(numberOf(event)));
  await once(subscription, 'caughtUp');
  // What was sent before the message is still on its way through the client's buffer.
  await new Promise((resolve) => setImmediate(resolve));
  await subscription.unsubscribe();
  return numbers;
}

describe('a subscription to a stream', () => {
  test('delivers what is there and what comes', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(3));
    const subscription = client.subscribeToStream('orders');
    await client.appendToStream('other', numberedUpTo(3));
    await client.appendToStream('orders', [numbered(3), numbered(4)]);
    expect((await take(subscription, 5)).map(numberOf)).toEqual([0, 1, 2, 3, 4]);
  });

  test('starts after a revision, or with what is yet to be written', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(3));
    const after = client.subscribeToStream('orders', { fromRevision: 1n });
    const fromEnd = client.subscribeToStream('orders', { fromRevision: 'end' });
    const notYet = client.subscribeToStream('tomorrow');
    await Promise.all([after, fromEnd, notYet].map((subscription) => once(subscription, 'confirmation')));
    await client.appendToStream('orders', numbered(3));
    await client.appendToStream('tomorrow', numbered(9));
    expect((await take(after, 2)).map(numberOf)).toEqual([2, 3]);
    expect((await take(fromEnd, 1)).map(numberOf)).toEqual([3]);
    expect((await take(notYet, 1)).map(numberOf)).toEqual([9]);
  });

  test('ends when the stream is tombstoned', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(2));
    const subscription = client.subscribeToStream('orders');
    const ending = expect(take(subscription)).rejects.toBeInstanceOf(StreamDeletedError);
    await once(subscription, 'caughtUp');
    await client.tombstoneStream('orders');
    await ending;
    await expect(take(client.subscribeToStream('orders'))).rejects.toBeInstanceOf(StreamDeletedError);
  });

  test('resolves links', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(2));
    await client.appendToStream('picked', binaryEvent({ type: '$>', data: Buffer.from('1@orders') }));
    const [event] = await take(client.subscribeToStream('picked', { resolveLinkTos: true }), 1);
    expect(numberOf(event!)).toBe(1);
    expect(event?.link?.streamId).toBe('picked');
  });
});

describe('a subscription to everything', () => {
  test('says when it has caught up', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    for (let n = 0; n < 100; n += 1) await client.appendToStream(`orders-${n % 3}`, numbered(n));
    const filter = excludeSystemEvents();
    expect(await untilCaughtUp(client.subscribeToAll({ filter }))).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(await untilCaughtUp(client.subscribeToAll({ fromPosition: 'end', filter }))).toEqual([]);
  });

  test('starts strictly after a position', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    const { position } = await client.appendToStream('orders', numberedUpTo(3));
    await client.appendToStream('orders', numbered(3));
    expect((await take(client.subscribeToAll({ fromPosition: position! }), 1)).map(numberOf)).toEqual([3]);
  });

  test.each<[string, Filter, unknown[]]>([
    ['stream prefixes', streamNameFilter({ prefixes: ['a-', 'c'] }), [0, 2, 3, 5]],
    ['a stream pattern', streamNameFilter({ regex: '^[ab]-\\d$' }), [0, 1, 3, 4]],
    ['type prefixes', eventTypeFilter({ prefixes: ['Odd'] }), [1, 3, 5]],
    ['a type pattern', eventTypeFilter({ regex: '^Even|^\\$' }), [undefined, 0, 2, 4]],
  ])('filters by %s', async (_name, filter, expected) => {
    await using plain = await plainClient();
    const { client } = plain;
    for (let n = 0; n < 6; n += 1) {
      await client.appendToStream(`${'abc'[n % 3]}-${n}`, numbered(n, n % 2 === 0 ? 'Even' : 'Odd'));
    }
    expect(await untilCaughtUp(client.subscribeToAll({ filter }))).toEqual(expected);
  });

  test('reports how far it looked for what matches', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('common', numberedUpTo(500));
    const checkpoints: Position[] = [];
    const filter = streamNameFilter({
      prefixes: ['rare'],
      maxSearchWindow: 10,
      checkpointInterval: 5,
      checkpointReached: (_subscription, position) => void checkpoints.push(position),
    });
    const subscription = client.subscribeToAll({ filter });
    const reading = take(subscription, 1);
    await once(subscription, 'caughtUp');
    expect(checkpoints.length).toBeGreaterThanOrEqual(8);
    expect(checkpoints.map(({ commit }) => commit)).toEqual(
      checkpoints.map(({ commit }) => commit).sort((a, b) => Number(a - b)),
    );
    const caughtUpWith = checkpoints.length;
    for (let n = 0; n < 60; n += 1) await client.appendToStream('common', numbered(n));
    await expect.poll(() => checkpoints.length).toBeGreaterThan(caughtUpWith);
    const from = checkpoints.at(-1)!;
    await client.appendToStream('rare', numbered(7));
    expect((await reading).map(numberOf)).toEqual([7]);
    const again = client.subscribeToAll({ fromPosition: from, filter: streamNameFilter({ prefixes: ['rare'] }) });
    expect((await take(again, 1)).map(numberOf)).toEqual([7]);
  });

  test('from the start where nothing matches shows the checkpoint 24.6 shows', async () => {
    await using plain = await plainClient();
    const checkpoints: Position[] = [];
    const checkpointReached = (_: unknown, position: Position) => void checkpoints.push(position);
    const filter = streamNameFilter({ prefixes: ['rare'], checkpointReached });
    await untilCaughtUp(plain.client.subscribeToAll({ fromPosition: START, filter }));
    expect(checkpoints).toEqual([{ commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n }]);
  });

  test('from the start reaches a slow reader complete', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    const expected = Array.from({ length: 2_000 }, (_, n) => n);
    for (let n = 0; n < 2_000; n += 500)
      await client.appendToStream(
        'orders',
        expected.slice(n, n + 500).map((i) => numbered(i)),
      );
    const numbers: unknown[] = [];
    for await (const event of client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['orders'] }) })) {
      if (numbers.length % 400 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      if (numbers.length === 1_000) void client.appendToStream('orders', numbered(2_000));
      if (numbers.push(numberOf(event)) === 2_001) break;
    }
    expect(numbers).toEqual([...expected, 2_000]);
  });

  test('is told when the connection breaks', async () => {
    await using plain = await plainClient();
    const { client, server } = plain;
    const subscription = client.subscribeToAll({ fromPosition: 'end' });
    const ending = expect(take(subscription)).rejects.toThrow();
    await once(subscription, 'caughtUp');
    await server.restart();
    await ending;
    await client.appendToStream('orders', numbered(1));
    expect(await take(client.readStream('orders'))).toHaveLength(1);
  });
});
