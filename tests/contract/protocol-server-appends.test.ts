import {
  binaryEvent,
  jsonEvent,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { credentials, Metadata } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
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

test('an append that breaks off writes nothing', async () => {
  await using plain = await plainClient();
  const { server } = plain;
  const stub = new streamsService.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  for (let round = 0; round < 100; round += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = stub.append(new Metadata(), {}, () => resolve());
    call.on('error', () => undefined);
    for (const request of unfinishedAppend(`orders-${round}`)) call.write(request);
    setTimeout(() => call.cancel(), round % 5);
    await promise;
  }
  // Answered behind everything that was sent before.
  await plain.client.appendToStream('last', numbered(1));
  expect(server.log.events.filter(({ stream }) => stream.startsWith('orders'))).toEqual([]);
  stub.close();
});

function* unfinishedAppend(stream: string) {
  const options = new streams.AppendReq.Options();
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  options.setStreamIdentifier(identifier);
  options.setAny(new shared.Empty());
  const header = new streams.AppendReq();
  header.setOptions(options);
  yield header;
  for (let event = 0; event < 3; event += 1) {
    const id = new shared.UUID();
    id.setString(randomUUID());
    const message = new streams.AppendReq.ProposedMessage();
    message.setId(id);
    message.getMetadataMap().set('type', 'Numbered').set('content-type', 'application/json');
    const request = new streams.AppendReq();
    request.setProposedMessage(message);
    yield request;
  }
}
