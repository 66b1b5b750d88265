import { describe, expect, test } from 'vitest';
import type { ExpectedRevision } from '../../../server/event-store/event-store.ts';
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
import { Inbox } from './inbox.ts';

export function deletingContract(open: OpensStore): void {
  describe('deleteStream', () => {
    test('hides the stream but not its history', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const start = await presentEnd(store);
      const events = someEvents(3);
      await store.append(stream, events, { expectedRevision: 'no_stream' });
      await store.deleteStream(stream);
      const hidden = { name: 'StreamNotFound', stream };
      await expect(store.readStream(stream)).rejects.toMatchObject(hidden);
      await expect(store.readStream(stream, { direction: 'backwards', limit: 1 })).rejects.toMatchObject(hidden);
      expect(idsOf(await readToEnd(store, { ...start, filter: inStream(stream) }))).toEqual(idsOf(events));
    });

    test.each<ExpectedRevision>(['no_stream', 'any', 2n])(
      'appending again, expecting %s, continues the revisions',
      async (expectedRevision) => {
        await using opened = await open();
        const { store } = opened;
        const stream = freshStream();
        await store.append(stream, someEvents(3), { expectedRevision: 'no_stream' });
        await store.deleteStream(stream);
        const events = someEvents(2);
        expect((await store.append(stream, events, { expectedRevision })).revision).toBe(4n);
        for (const options of [{}, { from: 0n }, { from: 3n }]) {
          const recorded = await store.readStream(stream, options);
          expect(idsOf(recorded)).toEqual(idsOf(events));
          expect(recorded.map((event) => event.revision)).toEqual([3n, 4n]);
        }
        const backwards = await store.readStream(stream, { direction: 'backwards' });
        expect(idsOf(backwards)).toEqual(idsOf(events.toReversed()));
        const again = store.append(stream, [anEvent()], { expectedRevision: 'no_stream' });
        await expect(again).rejects.toMatchObject({ name: 'WrongExpectedRevision', actual: 4n });
      },
    );

    test('a deleted stream does not exist', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      await store.append(stream, someEvents(3), { expectedRevision: 'no_stream' });
      await store.deleteStream(stream);
      const append = store.append(stream, [anEvent()], { expectedRevision: 'stream_exists' });
      await expect(append).rejects.toMatchObject({ name: 'WrongExpectedRevision', expected: 'stream_exists' });
    });

    test('holds the writer to what it believes', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      await store.append(stream, someEvents(3), { expectedRevision: 'no_stream' });
      for (const expectedRevision of [1n, 3n, 'no_stream'] as const) {
        const refused = { name: 'WrongExpectedRevision', expected: expectedRevision, actual: 2n };
        await expect(store.deleteStream(stream, { expectedRevision })).rejects.toMatchObject(refused);
      }
      expect(await store.readStream(stream)).toHaveLength(3);
      await store.deleteStream(stream, { expectedRevision: 2n });
      await expect(store.readStream(stream)).rejects.toMatchObject({ name: 'StreamNotFound' });
    });

    test('twice is as once; what was never written cannot be deleted', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const refused = { name: 'WrongExpectedRevision', actual: 'no_stream' };
      await expect(store.deleteStream(stream)).rejects.toMatchObject(refused);
      await store.append(stream, someEvents(1), { expectedRevision: 'no_stream' });
      await store.deleteStream(stream);
      await store.deleteStream(stream);
      await expect(store.readStream(stream)).rejects.toMatchObject({ name: 'StreamNotFound' });
    });

    test('again after a new beginning hides the new beginning too', async () => {
      await using opened = await open();
      const stream = freshStream();
      for (const revision of [1n, 3n, 5n]) {
        const result = await opened.store.append(stream, someEvents(2), { expectedRevision: 'no_stream' });
        expect(result.revision).toBe(revision);
        await opened.store.deleteStream(stream);
      }
      const store = (await opened.reopen?.()) ?? opened.store;
      await expect(store.readStream(stream)).rejects.toMatchObject({ name: 'StreamNotFound' });
      expect((await store.append(stream, [anEvent()], { expectedRevision: 'no_stream' })).revision).toBe(6n);
    });
  });
}

export function closingContract(open: OpensStore): void {
  describe('close', () => {
    test('finishes accepted appends', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const appends = Promise.all(
        Array.from({ length: 20 }, () => store.append(stream, [anEvent()], { expectedRevision: 'any' })),
      );
      const closing = store.close();
      expect(await appends).toHaveLength(20);
      await closing;
      const reopened = await opened.reopen?.();
      if (reopened !== undefined) expect(await reopened.readStream(stream)).toHaveLength(20);
    });

    test('leaves nothing to use, and may be called again', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      await store.append(stream, [anEvent()], { expectedRevision: 'any' });
      await store.close();
      await store.close();
      const closed = { name: 'StoreUnavailable' };
      await expect(store.append(stream, [anEvent()], { expectedRevision: 'any' })).rejects.toMatchObject(closed);
      await expect(store.readStream(stream)).rejects.toMatchObject(closed);
      await expect(readToEnd(store)).rejects.toMatchObject(closed);
      await expect(store.head()).rejects.toMatchObject(closed);
      await using inbox = new Inbox(store, {});
      await inbox.untilEnded();
      expect(inbox.failure).toMatchObject(closed);
      await expect(store.deleteStream(stream)).rejects.toMatchObject(closed);
    });
  });
}
