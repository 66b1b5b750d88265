import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openEventStoreDb } from '../../server/event-store/eventstoredb/store.ts';
import { Semaphore } from '../../server/event-store/eventstoredb/retry.ts';
import { anEvent, freshStream, idsOf, readToEnd, someEvents } from '../contract/event-store/fixtures.ts';
import { quickStore } from '../support/eventstoredb/quick-store.ts';

describe('a server that is away', () => {
  test('makes every call fail in time, and is used again once it is back', async () => {
    await using opened = await quickStore({ callTimeoutMs: 300, giveUpAfterMs: 600 });
    const { server, store } = opened;
    server.stop();
    const stream = freshStream();
    const began = performance.now();
    const unavailable = { name: 'StoreUnavailable' };
    await Promise.all([
      expect(store.append(stream, [anEvent()], { expectedRevision: 'any' })).rejects.toMatchObject(unavailable),
      expect(store.deleteStream(stream)).rejects.toMatchObject(unavailable),
      expect(store.readStream(stream)).rejects.toMatchObject(unavailable),
      expect(store.head()).rejects.toMatchObject(unavailable),
      expect(readToEnd(store)).rejects.toMatchObject(unavailable),
    ]);
    expect(performance.now() - began).toBeLessThan(5_000);
    await server.listen();
    const event = anEvent();
    await store.append(stream, [event], { expectedRevision: 'no_stream' });
    expect(idsOf(await store.readStream(stream))).toEqual([event.id]);
  });

  test('for less than the patience of a call is not noticed', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    await store.append('before', [anEvent()], { expectedRevision: 'any' });
    server.stop();
    const appends = Promise.all(
      Array.from({ length: 200 }, () => store.append(freshStream(), [anEvent()], { expectedRevision: 'no_stream' })),
    );
    const reading = store.readStream('before');
    await server.listen();
    expect(await appends).toHaveLength(200);
    expect(await reading).toHaveLength(1);
  });

  test('leaves the queue behind a full connection no longer than a call may take', async () => {
    await using opened = await quickStore({ callTimeoutMs: 300, giveUpAfterMs: 600 });
    const { server, store } = opened;
    server.faults.choose = () => 'lose answer';
    const began = performance.now();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 500 }, () => store.append(freshStream(), [anEvent()], { expectedRevision: 'any' })),
    );
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
    expect(performance.now() - began).toBeLessThan(6_000);
  });
});

test('a server that denies access is not asked again and again', async () => {
  await using opened = await quickStore();
  const { server, store } = opened;
  let calls = 0;
  server.faults.choose = () => {
    calls += 1;
    return 'access denied';
  };
  const denied = { name: 'StoreUnavailable', message: expect.stringContaining('user and password') };
  await expect(store.append('orders', [anEvent()], { expectedRevision: 'any' })).rejects.toMatchObject(denied);
  await expect(store.deleteStream('orders')).rejects.toMatchObject(denied);
  await expect(store.readStream('orders')).rejects.toMatchObject(denied);
  await expect(store.head()).rejects.toMatchObject(denied);
  const subscription = store.subscribeToAll({ signal: new AbortController().signal });
  await expect(subscription[Symbol.asyncIterator]().next()).rejects.toMatchObject(denied);
  expect(calls).toBe(5);
});

describe('readAll', () => {
  test('interrupted goes on behind what it gave', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    const events = someEvents(6_000);
    for (let at = 0; at < events.length; at += 1_000) {
      await store.append(freshStream(), events.slice(at, at + 1_000), { expectedRevision: 'no_stream' });
    }
    for (const direction of ['forwards', 'backwards'] as const) {
      const ids: string[] = [];
      let drops = 3;
      for await (const page of store.readAll({ direction, limit: 5_500 })) {
        ids.push(...idsOf(page));
        if (drops > 0) server.dropConnections();
        drops -= 1;
      }
      expect(drops).toBeLessThanOrEqual(0);
      expect(ids).toEqual(idsOf(direction === 'forwards' ? events : events.toReversed()).slice(0, 5_500));
    }
  });

  test('does not take a slow reader for a silent server', async () => {
    await using opened = await quickStore({ callTimeoutMs: 2_000 });
    const { server, store } = opened;
    const events = Array.from({ length: 20 }, () => someEvents(200));
    for (const part of events) await store.append(freshStream(), part, { expectedRevision: 'no_stream' });
    let reads = 0;
    server.faults.choose = (call) => {
      reads += call === 'read' ? 1 : 0;
      return 'none';
    };
    const ids: string[] = [];
    for await (const page of store.readAll()) {
      if (ids.length === 0) await new Promise((resolve) => setTimeout(resolve, 2_500));
      ids.push(...idsOf(page));
    }
    expect(ids).toEqual(idsOf(events.flat()));
    expect(reads).toBe(1);
  });

  test('fails rather than ends when the store is closed', async () => {
    await using opened = await quickStore();
    const { store } = opened;
    for (let round = 0; round < 8; round += 1) {
      await store.append(freshStream(), someEvents(1_000), { expectedRevision: 'no_stream' });
    }
    const reading = (async () => {
      for await (const page of store.readAll()) if (page.length > 0) await store.close();
    })();
    await expect(reading).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });

  test('finds system events between wanted ones and leaves them out', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    const bytes = (text: string) => Buffer.from(text);
    const system = () => ({
      id: randomUUID(),
      type: 'NoDollarHere',
      isJson: true,
      data: bytes('{}'),
      metadata: bytes(''),
    });
    const events = someEvents(5);
    for (const event of events) {
      await store.append('journal', [event], { expectedRevision: 'any' });
      server.log.append('$internal', [system(), system()], 'any');
    }
    expect(idsOf(await readToEnd(store))).toEqual(idsOf(events));
    expect(idsOf(await readToEnd(store, { limit: 3 }))).toEqual(idsOf(events.slice(0, 3)));
    const backwards = await readToEnd(store, { direction: 'backwards', limit: 2 });
    expect(idsOf(backwards)).toEqual(idsOf(events.toReversed().slice(0, 2)));
    expect(await store.head()).toBe(backwards[0]?.position);
  });
});

describe('what other programs wrote', () => {
  test('is readable whatever its form', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    const foreign = (data: string, isJson: boolean, metadata = '') => ({
      id: randomUUID(),
      type: 'Foreign',
      isJson,
      data: Buffer.from(data),
      metadata: Buffer.from(metadata),
    });
    const events = [
      foreign('\u0001\u0002', false),
      foreign('[1,2]', true, '"text"'),
      foreign('{broken', true, '{"by":"x"}'),
      foreign('', true),
    ];
    server.log.append('foreign', events, 'any');
    const recorded = await store.readStream('foreign');
    expect(recorded.map(({ data, metadata }) => [data, metadata])).toEqual([
      [{ $base64: 'AQI=' }, {}],
      [{ $value: [1, 2] }, { $value: 'text' }],
      [{ $base64: Buffer.from('{broken').toString('base64') }, { by: 'x' }],
      [{}, {}],
    ]);
  });

  test('a tombstone ends a stream for good', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    const stream = freshStream();
    await store.append(stream, someEvents(2), { expectedRevision: 'no_stream' });
    server.log.tombstone(stream, 'any');
    const deleted = { name: 'StreamDeleted', stream };
    for (const expectedRevision of ['any', 'no_stream', 'stream_exists', 1n] as const) {
      await expect(store.append(stream, [anEvent()], { expectedRevision })).rejects.toMatchObject(deleted);
      await expect(store.deleteStream(stream, { expectedRevision })).rejects.toMatchObject(deleted);
    }
    await expect(store.readStream(stream)).rejects.toMatchObject(deleted);
    expect(await readToEnd(store, { filter: { streamPrefixes: [stream] } })).toHaveLength(2);
  });

  test('a truncated append repeated still succeeds', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    const stream = freshStream();
    const events = someEvents(2);
    const first = await store.append(stream, events, { expectedRevision: 'no_stream' });
    await store.append(stream, someEvents(2), { expectedRevision: 1n });
    const metadata = { id: randomUUID(), type: '$metadata', isJson: true, data: Buffer.from('{"$tb":3}') };
    server.log.append(`$$${stream}`, [{ ...metadata, metadata: Buffer.from('') }], 'any');
    const again = await store.append(stream, events, { expectedRevision: 'no_stream' });
    expect(again.revision).toBe(1n);
    expect(again.position).toBeGreaterThanOrEqual(first.position);
  });
});

describe('a connection string', () => {
  test('may carry credentials and ask for discovery', async () => {
    await using opened = await quickStore();
    const { server } = opened;
    for (const connectionString of [
      `esdb://admin:changeit@127.0.0.1:${server.port}?tls=false`,
      `esdb+discover://127.0.0.1:${server.port}?tls=false`,
    ]) {
      const store = openEventStoreDb({ connectionString });
      await store.append(freshStream(), [anEvent()], { expectedRevision: 'no_stream' });
      expect(await store.head()).not.toBeNull();
      await store.close();
    }
  });

  test('that makes no sense is refused at once', () => {
    expect(() => openEventStoreDb({ connectionString: 'postgres://localhost' })).toThrow(/esdb:\/\//);
  });

  test('whose cluster cannot be found makes calls fail in time', async () => {
    const connectionString = 'esdb+discover://127.0.0.1:1?tls=false';
    const store = openEventStoreDb({ connectionString, callTimeoutMs: 200, giveUpAfterMs: 300 });
    const began = performance.now();
    await expect(store.head()).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(performance.now() - began).toBeLessThan(5_000);
    await store.close();
  });
});

describe('patience', () => {
  test('a semaphore lets tasks in one after the other, whatever becomes of them', async () => {
    const semaphore = new Semaphore(2);
    const order: number[] = [];
    let [inside, most] = [0, 0];
    const task = async (number: number) => {
      order.push(number);
      inside += 1;
      most = Math.max(most, inside);
      await Promise.resolve();
      inside -= 1;
      if (number % 2 === 0) throw new Error('even');
    };
    await Promise.allSettled([1, 2, 3, 4, 5, 6].map((number) => semaphore.run(() => task(number))));
    expect(order).toEqual([1, 2, 3, 4, 5, 6]);
    expect(most).toBe(2);
  });
});
