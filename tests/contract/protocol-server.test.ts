import {
  AccessDeniedError,
  binaryEvent,
  isCommandError,
  jsonEvent,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import { describe, expect, test } from 'vitest';
import { numbered, numberedUpTo, numberOf, plainClient, take } from '../support/eventstoredb/plain-client.ts';

/** With credentials the client appends call by call, without them over one batched call. */
const WAYS = [
  { way: 'one call each', options: { credentials: { username: 'admin', password: 'changeit' } } },
  { way: 'batched', options: {} },
];

describe.each(WAYS)('append, $way', ({ options }) => {
  test('gives revision and position of the last event', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    const first = await client.appendToStream('orders', numberedUpTo(3), options);
    const second = await client.appendToStream('orders', numbered(3), { ...options, expectedRevision: 2n });
    const events = await take(client.readStream('orders'));
    expect(first).toEqual({ success: true, nextExpectedRevision: 2n, position: events[2]?.event?.position });
    expect(second).toEqual({ success: true, nextExpectedRevision: 3n, position: events[3]?.event?.position });
    expect(events.map(numberOf)).toEqual([0, 1, 2, 3]);
  });

  test.each<[AppendExpectedRevision, number, unknown]>([
    ['no_stream', 2, 1n],
    ['stream_exists', 0, 'no_stream'],
    [0n, 0, 'no_stream'],
    [0n, 2, 1n],
    [5n, 2, 1n],
  ])(
    'expecting %s of %i events is refused and tells the actual revision',
    async (expectedRevision, existing, actual) => {
      await using plain = await plainClient();
      const { client } = plain;
      if (existing > 0) await client.appendToStream('orders', numberedUpTo(existing));
      const append = client.appendToStream('orders', numbered(9), { ...options, expectedRevision });
      await expect(append).rejects.toBeInstanceOf(WrongExpectedVersionError);
      await expect(append).rejects.toMatchObject({
        streamName: 'orders',
        expectedVersion: expectedRevision,
        actualVersion: actual,
      });
    },
  );

  test('can report a wrong revision instead of throwing', async () => {
    await using plain = await plainClient('&throwOnAppendFailure=false');
    const { client } = plain;
    await client.appendToStream('orders', numberedUpTo(2), options);
    const result = await client.appendToStream('orders', numbered(9), { ...options, expectedRevision: 'no_stream' });
    expect(result).toMatchObject({ success: false, nextExpectedRevision: 1n });
  });

  test('is recognised when repeated', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    for (const expectedRevision of ['no_stream', 'any', 'stream_exists', 4n] as const) {
      const events = numberedUpTo(2);
      const first = await client.appendToStream(`s-${expectedRevision}`, numberedUpTo(5));
      if (expectedRevision === 'no_stream') await client.deleteStream(`s-${expectedRevision}`);
      const target = expectedRevision === 'no_stream' ? 'fresh' : `s-${expectedRevision}`;
      const result = await client.appendToStream(target, events, { ...options, expectedRevision });
      expect(result.position?.commit).toBeGreaterThan(first.position!.commit);
      await client.appendToStream(target, numbered(7));
      expect(await client.appendToStream(target, events, { ...options, expectedRevision })).toEqual(result);
    }
  });

  test('of which only a part is known is refused', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    const [known, unknown] = [numbered(1), numbered(2)];
    await client.appendToStream('orders', known);
    for (const expectedRevision of ['no_stream', 'any'] as const) {
      const append = client.appendToStream('orders', [known, unknown], { ...options, expectedRevision });
      await expect(append).rejects.toMatchObject({ actualVersion: 0n });
    }
    expect(await client.appendToStream('orders', [unknown, known], options)).toMatchObject({ success: true });
  });

  test('of more than a mebibyte is refused whole', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    const half = () => jsonEvent({ type: 'Large', data: { text: 'x'.repeat(600_000) } });
    await client.appendToStream('orders', half(), options);
    const append = client.appendToStream('orders', [half(), half()], { ...options, batchAppendSize: 100_000 });
    await expect(append).rejects.toBeInstanceOf(MaxAppendSizeExceededError);
    await expect(append).rejects.toMatchObject({ maxAppendSize: 1_048_576 });
    expect(await take(client.readStream('orders'))).toHaveLength(1);
  });

  test('to a tombstoned stream is refused', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    await client.tombstoneStream('orders');
    const append = client.appendToStream('orders', numbered(1), options);
    await expect(append).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(append).rejects.toMatchObject({ streamName: 'orders' });
  });

  test('carries JSON, bytes and metadata unchanged', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await client.appendToStream(
      '한국어/스트림',
      [
        jsonEvent({ type: '기록됨', data: { text: '가🌱\u0000' }, metadata: { by: '회원' } }),
        binaryEvent({ type: 'Bytes', data: bytes, metadata: bytes }),
      ],
      options,
    );
    const [json, binary] = await take(client.readStream('한국어/스트림'));
    expect(json?.event).toMatchObject({ streamId: '한국어/스트림', type: '기록됨', isJson: true });
    expect(json?.event).toMatchObject({ data: { text: '가🌱\u0000' }, metadata: { by: '회원' } });
    expect(binary?.event?.isJson).toBe(false);
    expect(Buffer.from(binary?.event?.data as Uint8Array)).toEqual(Buffer.from(bytes));
    expect(Buffer.from(binary?.event?.metadata as Uint8Array)).toEqual(Buffer.from(bytes));
    expect(Math.abs(Number(json?.event?.created) - Date.now())).toBeLessThan(10_000);
  });

  test('many at once stand whole, one behind the other', async () => {
    await using plain = await plainClient();
    const { client } = plain;
    const appends = Array.from({ length: 300 }, (_, index) =>
      client.appendToStream(`orders-${index % 7}`, [numbered(index), numbered(index)], options),
    );
    await Promise.all(appends);
    const all = (await take(client.readAll())).filter(({ event }) => event?.streamId.startsWith('orders'));
    expect(all).toHaveLength(600);
    for (let at = 0; at < all.length; at += 2) expect(numberOf(all[at]!)).toBe(numberOf(all[at + 1]!));
    const positions = all.map(({ event }) => event!.position!.commit);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => Number(a - b)));
  });
});

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
    await expect(client.appendToStream('orders', numbered(2), { credentials })).rejects.not.toBeInstanceOf(
      AccessDeniedError,
    );
    server.faults.next('read', { failAfterMessages: 1 });
    const reading = take(client.readAll());
    await expect(reading).rejects.toSatisfy(isCommandError);
    server.faults.next('append', { delayMs: 60 });
    const began = performance.now();
    await client.appendToStream('orders', numbered(3), { credentials });
    expect(performance.now() - began).toBeGreaterThan(50);
    expect((await take(client.readStream('orders'))).map(numberOf)).toEqual([2, 3]);
  });
});
