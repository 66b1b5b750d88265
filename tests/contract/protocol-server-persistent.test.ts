import {
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionDroppedError,
  PersistentSubscriptionExistsError,
  PersistentSubscriptionFailedError,
  PersistentSubscriptionMaximumSubscribersReachedError,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  streamNameFilter,
  type PersistentSubscriptionToStream,
} from '@eventstore/db-client';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { numbered, numberedUpTo, numberOf, plainClient, take } from '../support/eventstoredb/plain-client.ts';

type Settings = Parameters<typeof persistentSubscriptionToStreamSettingsFromDefaults>[0];

/** A server whose stream `jobs` has a group `workers`. */
async function withGroup(changes: Settings = {}) {
  const plain = await plainClient();
  const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: 'start', ...changes });
  await plain.client.createPersistentSubscriptionToStream('jobs', 'workers', settings);
  const info = () => plain.client.getPersistentSubscriptionToStreamInfo('jobs', 'workers');
  const connect = (bufferSize = 10) =>
    plain.client.subscribeToPersistentSubscriptionToStream('jobs', 'workers', { bufferSize });
  return { ...plain, connect, info };
}

const PARKED = '$persistentsubscription-jobs::workers-parked';

/** Handles events as they come; `handle` answers them. */
function work(
  subscription: PersistentSubscriptionToStream,
  handle: (number: unknown, event: Parameters<PersistentSubscriptionToStream['ack']>[0], retries: number) => unknown,
): void {
  subscription.on('data', (resolved) => handle(numberOf(resolved), resolved, resolved.retryCount));
  subscription.on('error', () => undefined);
}

describe('a subscription group', () => {
  test('hands out what is there and what comes, and remembers what was answered', async () => {
    await using group = await withGroup();
    const { client, connect, info } = group;
    await client.appendToStream('jobs', numberedUpTo(25));
    const seen: unknown[] = [];
    const first = connect();
    work(first, (number, event) => {
      seen.push(number);
      return first.ack(event);
    });
    await expect.poll(() => seen.length).toBe(25);
    await client.appendToStream('jobs', [numbered(25), numbered(26)]);
    await expect.poll(() => seen.length).toBe(27);
    await expect.poll(async () => (await info()).stats.outstandingMessagesCount).toBe(0);
    await first.unsubscribe();
    await client.appendToStream('jobs', numbered(27));
    const [next] = await take(connect(), 1);
    expect(numberOf(next!)).toBe(27);
    expect(seen).toEqual(Array.from({ length: 27 }, (_, n) => n));
  });

  test('gives a client no more than it can hold', async () => {
    await using group = await withGroup();
    const { client, connect, info } = group;
    await client.appendToStream('jobs', numberedUpTo(30));
    const seen: unknown[] = [];
    const events: Parameters<PersistentSubscriptionToStream['ack']> = [];
    const subscription = connect(4);
    work(subscription, (number, event) => {
      seen.push(number);
      events.push(event);
    });
    await expect.poll(() => seen.length).toBe(4);
    expect((await info()).connections).toMatchObject([{ availableSlots: 0, inFlightMessages: 4 }]);
    await subscription.ack(...events.splice(0, 2));
    await expect.poll(() => seen).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('shares the work, and gives what a lost client held to the others', async () => {
    await using group = await withGroup();
    const { client, connect } = group;
    const [first, second] = [connect(), connect()];
    const held: unknown[] = [];
    const done: [unknown, number][] = [];
    work(first, (number) => held.push(number));
    work(second, (number, event, retries) => {
      done.push([number, retries]);
      return second.ack(event);
    });
    await Promise.all([first, second].map((subscription) => once(subscription, 'confirmation')));
    await client.appendToStream('jobs', numberedUpTo(10));
    await expect.poll(() => held.length).toBe(5);
    await first.unsubscribe();
    await expect.poll(() => done.length).toBe(10);
    expect(done.map(([number]) => number).sort()).toEqual(Array.from({ length: 10 }, (_, n) => n));
    expect(done.filter(([, retries]) => retries === 1).map(([number]) => number)).toEqual(held);
  });

  test('one after the other or pinned by stream, as its strategy says', async () => {
    for (const consumerStrategyName of ['DispatchToSingle', 'Pinned'] as const) {
      await using group = await withGroup({ consumerStrategyName });
      const { client, connect } = group;
      const [first, second] = [connect(3), connect(3)];
      const seen: unknown[][] = [[], []];
      work(first, (number) => seen[0]!.push(number));
      work(second, (number) => seen[1]!.push(number));
      await Promise.all([first, second].map((subscription) => once(subscription, 'confirmation')));
      await client.appendToStream('jobs', numberedUpTo(5));
      const pinned = consumerStrategyName === 'Pinned';
      await expect.poll(() => seen.flat().length).toBe(pinned ? 3 : 5);
      if (!pinned)
        expect(seen).toEqual([
          [0, 1, 2],
          [3, 4],
        ]);
      else expect(seen.map((numbers) => numbers.length).sort()).toEqual([0, 3]);
    }
  });

  test('retries what is refused and what is not answered in time', async () => {
    await using group = await withGroup({ messageTimeout: 150, maxRetryCount: 5 });
    const { client, connect, info } = group;
    await client.appendToStream('jobs', numberedUpTo(2));
    const seen: [unknown, number][] = [];
    const subscription = connect();
    work(subscription, (number, event, retries) => {
      seen.push([number, retries]);
      if (number === 0) return retries === 2 ? subscription.ack(event) : subscription.nack('retry', 'later', event);
      // The other one is left lying once.
      return retries === 1 ? subscription.ack(event) : undefined;
    });
    await expect.poll(() => seen.length, { timeout: 5_000 }).toBe(5);
    expect(seen.filter(([number]) => number === 0)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    expect(seen.filter(([number]) => number === 1)).toEqual([
      [1, 0],
      [1, 1],
    ]);
    await expect.poll(async () => (await info()).stats.outstandingMessagesCount).toBe(0);
  });

  test('parks what was retried too often, and replays it on demand', async () => {
    await using group = await withGroup({ maxRetryCount: 2 });
    const { client, connect, info } = group;
    const appended = await client.appendToStream('jobs', numberedUpTo(3));
    const seen: unknown[] = [];
    let willing = false;
    const subscription = connect();
    work(subscription, (number, event) => {
      seen.push(number);
      return number === 1 && !willing ? subscription.nack('retry', 'cannot', event) : subscription.ack(event);
    });
    await expect.poll(async () => (await info()).stats.parkedMessageCount).toBe(1n);
    expect(seen.filter((number) => number === 1)).toHaveLength(3);
    const [parked] = await take(client.readStream(PARKED, { resolveLinkTos: true }));
    expect(numberOf(parked!)).toBe(1);
    expect(parked?.link?.metadata).toMatchObject({ reason: 'Reached retry count of 2', subscriptionEventNumber: 1 });
    expect(appended.success).toBe(true);
    willing = true;
    await client.replayParkedMessagesToStream('jobs', 'workers');
    await expect.poll(() => seen.filter((number) => number === 1).length).toBe(4);
    await expect.poll(async () => (await info()).stats.parkedMessageCount).toBe(0n);
    await expect.poll(async () => (await info()).stats.outstandingMessagesCount).toBe(0);
  });

  test('parks and skips when told to, and replays only as far as told', async () => {
    await using group = await withGroup();
    const { client, connect, info } = group;
    await client.appendToStream('jobs', numberedUpTo(6));
    const seen: unknown[] = [];
    let replaying = false;
    const subscription = connect();
    work(subscription, (number, event) => {
      if (replaying) seen.push(number);
      if (replaying) return subscription.ack(event);
      return subscription.nack(Number(number) % 3 === 0 ? 'skip' : 'park', 'as told', event);
    });
    await expect.poll(async () => (await info()).stats.parkedMessageCount).toBe(4n);
    replaying = true;
    await client.replayParkedMessagesToStream('jobs', 'workers', { stopAt: 3 });
    await expect.poll(() => seen).toEqual([1, 2, 4]);
    expect((await info()).stats.parkedMessageCount).toBe(1n);
  });

  test('tells its settings and progress', async () => {
    const changes = { maxRetryCount: 3, checkPointAfter: 50, checkPointLowerBound: 1, maxSubscriberCount: 2 };
    await using group = await withGroup(changes);
    const { client, connect, info } = group;
    expect(await info()).toMatchObject({
      eventSource: 'jobs',
      groupName: 'workers',
      settings: { ...changes, startFrom: 'start', consumerStrategyName: 'RoundRobin', messageTimeout: 30_000 },
    });
    await client.appendToStream('jobs', numberedUpTo(12));
    const subscription = connect();
    work(subscription, (_number, event) => subscription.ack(event));
    await expect.poll(async () => (await info()).stats.lastCheckpointedEventRevision).toBe(11n);
    expect((await info()).stats).toMatchObject({ lastKnownEventRevision: 11n, totalItems: 12n });
    const [checkpoint] = await take(
      client.readStream('$persistentsubscription-jobs::workers-checkpoint', {
        direction: 'backwards',
        fromRevision: 'end',
      }),
    );
    expect(checkpoint?.event?.data).toBe('11');
  });

  test('admits only as many clients as its settings allow', async () => {
    await using group = await withGroup({ maxSubscriberCount: 1 });
    const { connect } = group;
    const first = connect();
    work(first, () => undefined);
    await once(first, 'confirmation');
    await expect(take(connect())).rejects.toBeInstanceOf(PersistentSubscriptionMaximumSubscribersReachedError);
  });

  test('is created once, listed, changed and deleted', async () => {
    await using group = await withGroup();
    const { client, connect } = group;
    const settings = persistentSubscriptionToStreamSettingsFromDefaults();
    const create = client.createPersistentSubscriptionToStream('jobs', 'workers', settings);
    await expect(create).rejects.toBeInstanceOf(PersistentSubscriptionExistsError);
    const wrong = { ...settings, readBatchSize: 500, historyBufferSize: 100 };
    const broken = client.createPersistentSubscriptionToStream('jobs', 'others', wrong);
    await expect(broken).rejects.toBeInstanceOf(PersistentSubscriptionFailedError);
    await client.createPersistentSubscriptionToAll('audit', persistentSubscriptionToAllSettingsFromDefaults());
    const names = async () => (await client.listAllPersistentSubscriptions()).map(({ groupName }) => groupName);
    expect(await names()).toEqual(['workers', 'audit']);
    expect(await client.listPersistentSubscriptionsToStream('jobs')).toHaveLength(1);
    expect(await client.listPersistentSubscriptionsToAll()).toHaveLength(1);
    const dropped = expect(take(connect())).rejects.toBeInstanceOf(PersistentSubscriptionDroppedError);
    await expect.poll(async () => (await group.info()).connections.length).toBe(1);
    await client.updatePersistentSubscriptionToStream('jobs', 'workers', { ...settings, maxRetryCount: 1 });
    await dropped;
    expect((await group.info()).settings.maxRetryCount).toBe(1);
    await client.deletePersistentSubscriptionToStream('jobs', 'workers');
    const gone = PersistentSubscriptionDoesNotExistError;
    await expect(client.deletePersistentSubscriptionToStream('jobs', 'workers')).rejects.toBeInstanceOf(gone);
    await expect(group.info()).rejects.toBeInstanceOf(gone);
    await expect(take(connect())).rejects.toBeInstanceOf(gone);
    expect(await names()).toEqual(['audit']);
  });

  test('starts at the end unless told otherwise, or at a revision', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('jobs', numberedUpTo(5));
    for (const [name, startFrom] of [
      ['end', 'end'],
      ['third', 2n],
    ] as const) {
      const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom });
      await client.createPersistentSubscriptionToStream('jobs', name, settings);
    }
    await client.appendToStream('jobs', numbered(5));
    const first = async (name: string) =>
      numberOf((await take(client.subscribeToPersistentSubscriptionToStream('jobs', name), 1))[0]!);
    expect([await first('end'), await first('third')]).toEqual([5, 2]);
  });

  test('of everything takes a filter', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    for (let n = 0; n < 9; n += 1) await client.appendToStream(`${n % 3 === 0 ? 'wanted' : 'other'}-${n}`, numbered(n));
    const settings = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: 'start' });
    const filter = streamNameFilter({ prefixes: ['wanted-'] });
    await client.createPersistentSubscriptionToAll('workers', settings, { filter });
    const subscription = client.subscribeToPersistentSubscriptionToAll('workers');
    const numbers: unknown[] = [];
    for await (const event of subscription) {
      await subscription.ack(event);
      if (numbers.push(numberOf(event)) === 3) break;
    }
    expect(numbers).toEqual([0, 3, 6]);
    expect(await client.getPersistentSubscriptionToAllInfo('workers')).toMatchObject({ eventSource: '$all' });
  });

  test('outlives the listener', async () => {
    await using group = await withGroup();
    const { client, connect, server } = group;
    await client.appendToStream('jobs', numberedUpTo(3));
    const seen: unknown[] = [];
    const subscription = connect();
    work(subscription, (number, event) => {
      seen.push(number);
      return number === 2 ? undefined : subscription.ack(event);
    });
    await expect.poll(() => seen.length).toBe(3);
    await expect.poll(async () => (await group.info()).stats.outstandingMessagesCount).toBe(1);
    await server.restart();
    await expect.poll(async () => (await group.info().catch(() => undefined))?.connections.length).toBe(0);
    const [left] = await take(connect(), 1);
    expect(numberOf(left!)).toBe(2);
  });
});
