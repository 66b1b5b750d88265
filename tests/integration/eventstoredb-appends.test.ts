import { describe, expect, test } from 'vitest';
import type { EventToAppend, ExpectedRevision } from '../../server/event-store/event-store.ts';
import { anEvent, freshStream, idsOf, readToEnd, someEvents } from '../contract/event-store/fixtures.ts';
import type { Effect } from '../support/eventstoredb/faults.ts';
import { quickStore } from '../support/eventstoredb/quick-store.ts';

const proposed = (event: EventToAppend) => ({
  id: event.id,
  type: event.type,
  isJson: true,
  data: Buffer.from(JSON.stringify(event.data)),
  metadata: Buffer.from('{}'),
});

const EFFECTS: readonly Effect[] = ['lose answer', 'drop connection', 'fail after commit', 'unavailable'];
const EXPECTATIONS: readonly ExpectedRevision[] = ['no_stream', 'any', 'stream_exists', 2n];
const CASES = EFFECTS.flatMap((effect) => EXPECTATIONS.map((expected) => ({ effect, expected })));

describe.concurrent('an append whose answer does not come', () => {
  test.each(CASES)('($effect) expecting $expected is written once', async ({ effect, expected }) => {
    await using opened = await quickStore({ callTimeoutMs: 500 });
    const { server, store } = opened;
    const stream = freshStream();
    const before = expected === 'no_stream' ? [] : someEvents(3);
    if (before.length > 0) await store.append(stream, before, { expectedRevision: 'no_stream' });
    const events = someEvents(2);
    server.faults.next('append', effect, 2);
    const result = await store.append(stream, events, { expectedRevision: expected });
    const recorded = await store.readStream(stream);
    expect(idsOf(recorded)).toEqual(idsOf([...before, ...events]));
    expect(result).toEqual({ revision: recorded.at(-1)?.revision, position: recorded.at(-1)?.position });
  });

  test('to a stream begun anew after its deletion is written once', async () => {
    await using opened = await quickStore({ callTimeoutMs: 500 });
    const { server, store } = opened;
    const stream = freshStream();
    await store.append(stream, someEvents(3), { expectedRevision: 'no_stream' });
    await store.deleteStream(stream);
    const events = someEvents(2);
    server.faults.next('append', 'lose answer');
    expect(await store.append(stream, events, { expectedRevision: 'no_stream' })).toMatchObject({ revision: 4n });
    expect(idsOf(await store.readStream(stream))).toEqual(idsOf(events));
  });

  test.each<ExpectedRevision>(['any', 'stream_exists'])(
    'and behind which others wrote is found again, expecting %s',
    async (expectedRevision) => {
      await using opened = await quickStore({ callTimeoutMs: 500 });
      const { server, store } = opened;
      const stream = freshStream();
      await store.append(stream, someEvents(1), { expectedRevision: 'no_stream' });
      const [events, others] = [someEvents(3), someEvents(40)];
      server.faults.next('append', 'lose answer');
      const append = store.append(stream, events, { expectedRevision });
      await expect.poll(() => server.log.eventsOf(stream).length).toBe(4);
      server.log.append(stream, others.map(proposed), 'any');
      expect(await append).toMatchObject({ revision: 3n });
      expect(server.log.eventsOf(stream)).toHaveLength(44);
    },
  );

  test.each<ExpectedRevision>(['any', 'stream_exists'])(
    'because the server was restarted is written once, expecting %s',
    async (expectedRevision) => {
      await using opened = await quickStore({ callTimeoutMs: 500 });
      const { server, store } = opened;
      const stream = freshStream();
      const before = someEvents(1);
      await store.append(stream, before, { expectedRevision: 'no_stream' });
      const events = someEvents(2);
      server.faults.next('append', 'lose answer');
      const append = store.append(stream, events, { expectedRevision });
      await expect.poll(() => server.log.eventsOf(stream).length).toBe(3);
      // It no longer knows the ids by heart.
      await server.restart();
      expect(await append).toMatchObject({ revision: 2n });
      expect(idsOf(await store.readStream(stream))).toEqual(idsOf([...before, ...events]));
    },
  );

  test('and that was not written tells who expected a revision that another was faster', async () => {
    await using opened = await quickStore({ callTimeoutMs: 500 });
    const { server, store } = opened;
    const stream = freshStream();
    server.faults.choose = (call) => {
      server.faults.choose = () => 'none';
      if (call === 'append') server.log.append(stream, [proposed(anEvent())], 'any');
      return 'unavailable';
    };
    const append = store.append(stream, someEvents(2), { expectedRevision: 'no_stream' });
    await expect(append).rejects.toMatchObject({ name: 'WrongExpectedRevision', actual: 0n });
  });

  test('and that was not written is written behind the other one by who expects nothing', async () => {
    await using opened = await quickStore({ callTimeoutMs: 500 });
    const { server, store } = opened;
    const stream = freshStream();
    server.faults.choose = () => {
      server.faults.choose = () => 'none';
      server.log.append(stream, [proposed(anEvent())], 'any');
      return 'unavailable';
    };
    const append = store.append(stream, someEvents(2), { expectedRevision: 'any' });
    expect(await append).toMatchObject({ revision: 2n });
  });

  test('is written once although others are always faster', async () => {
    await using opened = await quickStore({ callTimeoutMs: 500 });
    const { server, store } = opened;
    const stream = freshStream();
    await store.append(stream, someEvents(1), { expectedRevision: 'no_stream' });
    let appends = 0;
    server.faults.choose = (call) => {
      if (call !== 'append') return 'none';
      appends += 1;
      server.log.append(stream, [proposed(anEvent())], 'any');
      return appends === 1 ? 'unavailable' : 'none';
    };
    const events = someEvents(2);
    const { revision } = await store.append(stream, events, { expectedRevision: 'any' });
    expect(idsOf(await store.readStream(stream, { from: revision - 1n }))).toEqual(idsOf(events));
    expect(server.log.eventsOf(stream)).toHaveLength(3 + appends);
  });

  test('ends in StoreUnavailable when no answer ever comes', async () => {
    await using opened = await quickStore({ callTimeoutMs: 300, giveUpAfterMs: 700 });
    const { server, store } = opened;
    server.faults.choose = () => 'lose answer';
    const began = performance.now();
    const append = store.append(freshStream(), someEvents(1), { expectedRevision: 'any' });
    await expect(append).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('appends at the same moment', () => {
  test('fail each for itself', async () => {
    await using opened = await quickStore({ callTimeoutMs: 1_000, giveUpAfterMs: 1_500 });
    const { server, store } = opened;
    let calls = 0;
    server.faults.choose = () => {
      calls += 1;
      // Who was struck is struck again with every repetition.
      return calls % 3 === 0 || calls > 60 ? 'lose answer' : { delayMs: 50 };
    };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, () => store.append(freshStream(), [anEvent()], { expectedRevision: 'no_stream' })),
    );
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason);
    expect(failures).toHaveLength(20);
    for (const failure of failures) expect(failure).toMatchObject({ name: 'StoreUnavailable' });
  });

  test('1,000 of them, every twelfth call struck, leave every event once', async () => {
    await using opened = await quickStore({ callTimeoutMs: 2_000, giveUpAfterMs: 150_000 });
    const { server, store } = opened;
    const effects: Effect[] = ['unavailable', 'fail after commit', 'lose answer', { delayMs: 30 }];
    let calls = 0;
    server.faults.choose = (call) => {
      calls += 1;
      if (call === 'append' && calls % 500 === 0) return 'drop connection';
      return calls % 12 === 0 ? effects[(calls / 12) % effects.length]! : 'none';
    };
    const expectations: ExpectedRevision[] = ['any', 'no_stream', 'any', 'stream_exists'];
    const shared = Array.from({ length: 20 }, () => freshStream('shared'));
    for (const stream of shared) await store.append(stream, [anEvent()], { expectedRevision: 'no_stream' });
    const appends = Array.from({ length: 1_000 }, (_, index) => {
      const expectedRevision = expectations[index % expectations.length]!;
      const stream = expectedRevision === 'no_stream' ? freshStream('own') : shared[index % shared.length]!;
      return { stream, events: someEvents(1 + (index % 3)), expectedRevision };
    });
    const results = await Promise.all(
      appends.map(({ stream, events, expectedRevision }) => store.append(stream, events, { expectedRevision })),
    );
    server.faults.choose = () => 'none';
    const all = await readToEnd(store);
    expect(all).toHaveLength(20 + appends.reduce((sum, { events }) => sum + events.length, 0));
    expect(new Set(idsOf(all)).size).toBe(all.length);
    const placed = new Map(all.map((event) => [event.id, event]));
    for (const [index, { events, stream }] of appends.entries()) {
      const { revision, position } = placed.get(events.at(-1)!.id)!;
      expect(results[index]).toEqual({ revision, position });
      for (const [at, { id }] of events.entries()) {
        expect(placed.get(id)).toMatchObject({ stream, revision: revision - BigInt(events.length - 1 - at) });
      }
    }
  }, 180_000);
});

describe.concurrent('a deletion whose answer does not come', () => {
  test.each<ExpectedRevision>(['any', 'stream_exists', 2n])('deletes all the same, expecting %s', async (expected) => {
    await using opened = await quickStore({ callTimeoutMs: 500 });
    const { server, store } = opened;
    const stream = freshStream();
    await store.append(stream, someEvents(3), { expectedRevision: 'no_stream' });
    server.faults.next('delete', 'lose answer');
    await store.deleteStream(stream, { expectedRevision: expected });
    await expect(store.readStream(stream)).rejects.toMatchObject({ name: 'StreamNotFound' });
  });
});
