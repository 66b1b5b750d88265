import { describe, expect, test } from 'vitest';
import { MAX_APPEND_BYTES, type ExpectedRevision } from '../../../server/event-store/event-store.ts';
import { anEvent, freshStream, idsOf, presentEnd, readToEnd, someEvents, type OpensStore } from './fixtures.ts';

export function appendContract(open: OpensStore): void {
  describe('append', () => {
    test('keeps every part of an event', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const event = anEvent('WorkLogged', { title: '첫 기록', nested: { list: [1, null, 'x'] } }, { by: 'member-1' });
      const before = Date.now();
      const result = await store.append(stream, [event], { expectedRevision: 'no_stream' });
      const [recorded] = await store.readStream(stream);
      expect(recorded).toEqual({
        ...event,
        stream,
        revision: 0n,
        position: result.position,
        recordedAt: expect.any(Number),
      });
      expect(result.revision).toBe(0n);
      // A store on another machine has another clock: a minute is near enough to prove unit and epoch.
      expect(Math.abs((recorded?.recordedAt ?? 0) - before)).toBeLessThan(60_000);
    });

    test('several events stand together, in order, and the answer is the last one', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const events = someEvents(5);
      const result = await store.append(stream, events, { expectedRevision: 'no_stream' });
      const recorded = await store.readStream(stream);
      expect(idsOf(recorded)).toEqual(idsOf(events));
      expect(recorded.map((event) => event.revision)).toEqual([0n, 1n, 2n, 3n, 4n]);
      expect(result).toEqual({ revision: 4n, position: recorded[4]?.position });
      expect(recorded.every((event, index) => index === 0 || event.position > recorded[index - 1]!.position)).toBe(
        true,
      );
    });

    test('an empty list is a programming error', async () => {
      await using opened = await open();
      await expect(opened.store.append(freshStream(), [], { expectedRevision: 'any' })).rejects.toThrow(TypeError);
    });

    test.each<[ExpectedRevision, number]>([
      ['no_stream', 0],
      ['any', 0],
      ['any', 2],
      ['stream_exists', 2],
      [1n, 2],
    ])('expecting %s of a stream with %i events succeeds', async (expectedRevision, existing) => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      if (existing > 0) await store.append(stream, someEvents(existing), { expectedRevision: 'no_stream' });
      const result = await store.append(stream, [anEvent()], { expectedRevision });
      expect(result.revision).toBe(BigInt(existing));
    });

    test.each<[ExpectedRevision, number]>([
      ['no_stream', 2],
      ['stream_exists', 0],
      [0n, 0],
      [0n, 2],
      [2n, 2],
      [7n, 2],
    ])('expecting %s of a stream with %i events is refused with the actual revision', async (expected, existing) => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      if (existing > 0) await store.append(stream, someEvents(existing), { expectedRevision: 'no_stream' });
      const start = await presentEnd(store);
      const actual = existing === 0 ? 'no_stream' : BigInt(existing - 1);
      await expect(store.append(stream, someEvents(3), { expectedRevision: expected })).rejects.toMatchObject({
        name: 'WrongExpectedRevision',
        stream,
        expected,
        actual,
      });
      expect(await readToEnd(store, start)).toEqual([]);
    });

    test('what is too large is refused whole, counted in UTF-8 bytes', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const korean = anEvent('Noted', { text: '가'.repeat(MAX_APPEND_BYTES / 2) });
      const append = store.append(stream, [anEvent(), korean], { expectedRevision: 'no_stream' });
      await expect(append).rejects.toMatchObject({ name: 'AppendTooLarge', stream });
      await expect(append).rejects.toHaveProperty('bytes', expect.any(Number));
      await expect(store.readStream(stream)).rejects.toMatchObject({ name: 'StreamNotFound', stream });
    });

    test('many events that are too large only together are refused whole', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const parts = Array.from({ length: 4 }, () => anEvent('Noted', { text: 'x'.repeat(MAX_APPEND_BYTES / 4) }));
      const append = store.append(stream, parts, { expectedRevision: 'no_stream' });
      await expect(append).rejects.toMatchObject({ name: 'AppendTooLarge' });
      await expect(store.readStream(stream)).rejects.toMatchObject({ name: 'StreamNotFound' });
    });

    test('nearly the largest append is accepted', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const text = 'x'.repeat(MAX_APPEND_BYTES - 100_000);
      await store.append(stream, [anEvent('Noted', { text })], { expectedRevision: 'no_stream' });
      expect((await store.readStream(stream))[0]?.data).toEqual({ text });
    });
  });
}

export function idempotencyContract(open: OpensStore): void {
  describe('the same append again', () => {
    test.each<[ExpectedRevision, number]>([
      ['no_stream', 0],
      ['any', 0],
      ['any', 3],
      ['stream_exists', 3],
      [2n, 3],
    ])('expecting %s of a stream with %i events answers as the first time', async (expectedRevision, existing) => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      if (existing > 0) await store.append(stream, someEvents(existing), { expectedRevision: 'no_stream' });
      const events = someEvents(3);
      const first = await store.append(stream, events, { expectedRevision });
      expect(await store.append(stream, events, { expectedRevision })).toEqual(first);
      await store.append(stream, someEvents(2), { expectedRevision: first.revision });
      expect(await store.append(stream, events, { expectedRevision })).toEqual(first);
      expect(await store.readStream(stream)).toHaveLength(existing + 5);
    });

    test('also at the same moment', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const events = someEvents(2);
      const results = await Promise.all(
        Array.from({ length: 5 }, () => store.append(stream, events, { expectedRevision: 'no_stream' })),
      );
      expect(new Set(results.map((result) => result.position)).size).toBe(1);
      expect(idsOf(await store.readStream(stream))).toEqual(idsOf(events));
    });

    test('also after the log was opened again', async () => {
      await using opened = await open();
      const stream = freshStream();
      const events = someEvents(2);
      const first = await opened.store.append(stream, events, { expectedRevision: 'no_stream' });
      const store = (await opened.reopen?.()) ?? opened.store;
      expect(await store.append(stream, events, { expectedRevision: 'no_stream' })).toEqual(first);
      const next = await store.append(stream, [anEvent()], { expectedRevision: 1n });
      expect(next.revision).toBe(2n);
      expect(next.position).toBeGreaterThan(first.position);
    });

    test('other events at the same place are refused', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const [one, two, three] = [anEvent(), anEvent(), anEvent()];
      await store.append(stream, [one, two], { expectedRevision: 'no_stream' });
      const refused = { name: 'WrongExpectedRevision', actual: 1n };
      for (const events of [
        [one, three],
        [three, two],
        [two, one],
        [one, two, three],
      ]) {
        await expect(store.append(stream, events, { expectedRevision: 'no_stream' })).rejects.toMatchObject(refused);
      }
      expect(idsOf(await store.readStream(stream))).toEqual(idsOf([one, two]));
    });

    test('the same events believed to stand elsewhere are refused', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const [one, two, three] = [anEvent(), anEvent(), anEvent()];
      await store.append(stream, [one, two, three], { expectedRevision: 'no_stream' });
      const attempts = [[one, 0n] as const, [three, 0n] as const, [two, 'no_stream'] as const, [three, 7n] as const];
      for (const [event, expectedRevision] of attempts) {
        const refused = { name: 'WrongExpectedRevision', expected: expectedRevision, actual: 2n };
        await expect(store.append(stream, [event], { expectedRevision })).rejects.toMatchObject(refused);
      }
      expect(idsOf(await store.readStream(stream))).toEqual(idsOf([one, two, three]));
    });

    test('the same id in another stream is another event', async () => {
      await using opened = await open();
      const { store } = opened;
      const event = anEvent();
      const [first, second] = [freshStream(), freshStream()];
      await store.append(first, [event], { expectedRevision: 'no_stream' });
      await store.append(second, [event], { expectedRevision: 'no_stream' });
      expect(await store.readStream(second)).toMatchObject([{ id: event.id, stream: second, revision: 0n }]);
    });
  });
}
