import {
  AccessDeniedError,
  binaryEvent,
  isCommandError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { describe, expect, test } from 'vitest';
import { numbered, numberedUpTo, numberOf, plainClient, take } from '../support/eventstoredb/plain-client.ts';

describe('reading a stream', () => {
  test('forwards and backwards, from anywhere, as many as wished', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(6));
    const read = async (options: Parameters<typeof client.readStream>[1]) =>
      (await take(client.readStream('orders', options))).map(numberOf);
    expect(await read({})).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await read({ fromRevision: 4n })).toEqual([4, 5]);
    expect(await read({ fromRevision: 9n })).toEqual([]);
    expect(await read({ fromRevision: 1n, maxCount: 2 })).toEqual([1, 2]);
    expect(await read({ direction: 'backwards', fromRevision: 'end', maxCount: 2 })).toEqual([5, 4]);
    expect(await read({ direction: 'backwards', fromRevision: 2n })).toEqual([2, 1, 0]);
    expect(await read({ direction: 'backwards', fromRevision: 'start' })).toEqual([0]);
    expect(await read({ fromRevision: 'end' })).toEqual([]);
  });

  test('that does not exist says so', async () => {
    await using plain = await plainClient();
    await expect(take(plain.client.readStream('nothing'))).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  test('resolves links when asked to', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(3));
    const links = ['1@orders', '7@orders', '0@gone'].map((text) =>
      binaryEvent({ type: '$>', data: Buffer.from(text) }),
    );
    await client.appendToStream('picked', links);
    const [found, missing, gone] = await take(client.readStream('picked', { resolveLinkTos: true }));
    expect(numberOf(found!)).toBe(1);
    expect(found?.link).toMatchObject({ streamId: 'picked', revision: 0n, type: '$>' });
    expect([missing?.event, gone?.event]).toEqual([undefined, undefined]);
    expect((await take(client.readStream('picked'))).map(({ event, link }) => [event?.type, link])).toEqual([
      ['$>', undefined],
      ['$>', undefined],
      ['$>', undefined],
    ]);
  });
});

describe('stream metadata', () => {
  test('limits what readers see', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(6));
    await client.setStreamMetadata('orders', { maxCount: 4, custom: 'kept' });
    expect((await take(client.readStream('orders'))).map(numberOf)).toEqual([2, 3, 4, 5]);
    await client.setStreamMetadata('orders', { truncateBefore: 5 });
    expect(
      (await take(client.readStream('orders', { direction: 'backwards', fromRevision: 'end' }))).map(numberOf),
    ).toEqual([5]);
    expect(await client.getStreamMetadata('orders')).toMatchObject({ metadata: { truncateBefore: 5 } });
    expect(await take(client.readStream('$$orders'))).toHaveLength(1);
    expect((await client.appendToStream('orders', numbered(6))).nextExpectedRevision).toBe(6n);
  });

  test('can hide what is too old', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(2));
    await client.setStreamMetadata('orders', { maxAge: 3_600 });
    expect(await take(client.readStream('orders'))).toHaveLength(2);
    await client.setStreamMetadata('orders', { maxAge: 0 });
    await expect.poll(async () => (await take(client.readStream('orders'))).length).toBe(0);
  });
});

describe('deletion', () => {
  test('is soft: appending again continues the revisions', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(3));
    await expect(client.deleteStream('orders', { expectedRevision: 1n })).rejects.toMatchObject({ actualVersion: 2n });
    await client.deleteStream('orders', { expectedRevision: 2n });
    await expect(take(client.readStream('orders'))).rejects.toBeInstanceOf(StreamNotFoundError);
    const append = client.appendToStream('orders', numbered(9), { expectedRevision: 'stream_exists' });
    await expect(append).rejects.toBeInstanceOf(StreamDeletedError);
    await client.appendToStream('orders', numberedUpTo(2), { expectedRevision: 'no_stream' });
    const events = await take(client.readStream('orders'));
    expect(events.map(({ event }) => event?.revision)).toEqual([3n, 4n]);
    expect(await client.getStreamMetadata('orders')).toMatchObject({ metadata: { truncateBefore: 3 } });
  });

  test('is undone by metadata, without the events coming back', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(3));
    await client.deleteStream('orders');
    await client.setStreamMetadata('orders', { custom: 'x' });
    expect(await take(client.readStream('orders'))).toEqual([]);
    expect(await client.getStreamMetadata('orders')).toMatchObject({ metadata: { custom: 'x', truncateBefore: 3 } });
  });

  test('of nothing is refused', async () => {
    await using plain = await plainClient();
    await expect(plain.client.deleteStream('nothing')).rejects.toBeInstanceOf(WrongExpectedVersionError);
  });

  test('by tombstone is for good', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(2));
    await expect(client.tombstoneStream('orders', { expectedRevision: 7n })).rejects.toMatchObject({
      actualVersion: 1n,
    });
    await client.tombstoneStream('orders');
    await expect(take(client.readStream('orders'))).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(client.deleteStream('orders')).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(client.tombstoneStream('orders')).rejects.toBeInstanceOf(StreamDeletedError);
    const all = (await take(client.readAll())).filter(({ event }) => event?.streamId === 'orders');
    expect(all.map(({ event }) => event?.type)).toEqual(['Numbered', 'Numbered', '$streamDeleted']);
  });
});

describe('reading everything', () => {
  test('starts at a position forwards and before it backwards', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    for (let n = 0; n < 5; n += 1) await client.appendToStream(`orders-${n % 2}`, numbered(n));
    const all = await take(client.readAll());
    // A node's own events stand in the log before anybody wrote.
    expect(all[0]?.event?.streamId).toMatch(/^\$/);
    const middle = all.find((event) => numberOf(event) === 2)!.event!.position!;
    expect((await take(client.readAll({ fromPosition: middle }))).map(numberOf)).toEqual([2, 3, 4]);
    const backwards = { direction: 'backwards', fromPosition: middle, maxCount: 2 } as const;
    expect((await take(client.readAll(backwards))).map(numberOf)).toEqual([1, 0]);
    const fromEnd = { direction: 'backwards', fromPosition: 'end', maxCount: 1 } as const;
    expect((await take(client.readAll(fromEnd))).map(numberOf)).toEqual([4]);
  });

  test('from where no record begins is refused', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.appendToStream('orders', numbered(1));
    const [last] = await take(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }));
    const commit = last!.event!.position!.commit - 1n;
    const reading = take(client.readAll({ fromPosition: { commit, prepare: commit } }));
    await expect(reading).rejects.toThrow(/invalid position/);
  });
});

describe('faults', () => {
  test('strike the calls they are meant for', async () => {
    await using plain = await plainClient();
    const { client, server } = plain;
    server.faults.next('batchAppend', 'unavailable');
    await expect(client.appendToStream('orders', numbered(1))).rejects.toSatisfy(isCommandError);
    server.faults.next('append', 'fail after commit');
    const credentials = { username: 'admin', password: 'changeit' };
    await expect(client.appendToStream('orders', numbered(2), { credentials })).rejects.toSatisfy(isCommandError);
    server.faults.next('read', { failAfterMessages: 1 });
    const reading = take(client.readAll());
    await expect(reading).rejects.toSatisfy(isCommandError);
    server.faults.next('append', { delayMs: 60 });
    const began = performance.now();
    await client.appendToStream('orders', numbered(3), { credentials });
    expect(performance.now() - began).toBeGreaterThan(50);
    expect((await take(client.readStream('orders'))).map(numberOf)).toEqual([2, 3]);
  });

  test('can refuse access as a server with users does', async () => {
    await using plain = await plainClient();
    const { client, server } = plain;
    await client.appendToStream('orders', numbered(1));
    server.faults.choose = () => 'access denied';
    const credentials = { username: 'nobody', password: 'x' };
    for (const attempt of [
      () => client.appendToStream('orders', numbered(2)),
      () => client.appendToStream('orders', numbered(3), { credentials }),
      () => client.deleteStream('orders'),
      () => take(client.readStream('orders')),
      () => take(client.subscribeToAll()),
    ]) {
      await expect(attempt()).rejects.toBeInstanceOf(AccessDeniedError);
    }
    server.faults.choose = () => 'none';
    expect((await take(client.readStream('orders'))).map(numberOf)).toEqual([1]);
  });
});
