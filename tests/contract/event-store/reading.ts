import { describe, expect, test } from 'vitest';
import type { EventToAppend } from '../../../server/event-store/event-store.ts';
import {
  anEvent,
  freshStream,
  freshTypePrefix,
  idsOf,
  inStream,
  presentEnd,
  readToEnd,
  someEvents,
  type OpensStore,
} from './fixtures.ts';

/** Characters that query languages, paths, patterns and wire formats give a meaning to. */
const AWKWARD_NAMES = [
  '출석부-정원사들',
  '🌱',
  "o'clock",
  '"quoted"',
  '100%',
  'a_b',
  'a*b?[c]',
  'a/b\\c',
  'a b\tc',
  'A',
  'é',
];

const AWKWARD_DATA: readonly EventToAppend['data'][] = [
  {},
  { text: '한국어, 日本語, العربية, 🌱👩‍💻, \u0000, \u2028, "\\"', 키: '값' },
  { numbers: [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER], truth: [true, false, null], empty: ['', [], {}] },
  { decomposed: 'e\u0301', composed: '\u00e9' },
];

export function readStreamContract(open: OpensStore): void {
  describe('readStream', () => {
    test('a stream never written is not found', async () => {
      await using opened = await open();
      const stream = freshStream();
      await expect(opened.store.readStream(stream)).rejects.toMatchObject({ name: 'StreamNotFound', stream });
    });

    test('forwards and backwards, from anywhere, as many as wished', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      await store.append(stream, someEvents(6), { expectedRevision: 'no_stream' });
      const read = async (options: Parameters<typeof store.readStream>[1]) =>
        (await store.readStream(stream, options)).map((event) => Number(event.revision));
      expect(await read({})).toEqual([0, 1, 2, 3, 4, 5]);
      expect(await read({ from: 4n })).toEqual([4, 5]);
      expect(await read({ from: 1n, limit: 2 })).toEqual([1, 2]);
      expect(await read({ from: 6n })).toEqual([]);
      expect(await read({ direction: 'backwards' })).toEqual([5, 4, 3, 2, 1, 0]);
      expect(await read({ direction: 'backwards', from: 2n })).toEqual([2, 1, 0]);
      expect(await read({ direction: 'backwards', limit: 1 })).toEqual([5]);
      expect(await read({ direction: 'backwards', from: 3n, limit: 2 })).toEqual([3, 2]);
    });

    test('a name is only itself', async () => {
      await using opened = await open();
      const { store } = opened;
      const streams = AWKWARD_NAMES.map((name) => `${freshStream()}-${name}`);
      for (const stream of streams) await store.append(stream, [anEvent()], { expectedRevision: 'no_stream' });
      for (const stream of streams) expect(await store.readStream(stream)).toMatchObject([{ stream, revision: 0n }]);
      for (const stream of [`${streams[0]}-`, streams[9]!.toLowerCase()]) {
        await expect(store.readStream(stream)).rejects.toMatchObject({ name: 'StreamNotFound' });
      }
    });

    test('data comes back as it went in', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const events = AWKWARD_DATA.map((data) => anEvent('Noted', data, { copy: data }));
      await store.append(stream, events, { expectedRevision: 'no_stream' });
      const recorded = await store.readStream(stream);
      expect(recorded.map((event) => event.data)).toEqual(AWKWARD_DATA);
      expect(recorded.map((event) => event.metadata)).toEqual(AWKWARD_DATA.map((copy) => ({ copy })));
    });

    test('what was handed over may be changed afterwards', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const data = { amount: 1 };
      const append = store.append(stream, [anEvent('AmountEntered', data)], { expectedRevision: 'no_stream' });
      data.amount = 2;
      await append;
      expect((await store.readStream(stream))[0]?.data).toEqual({ amount: 1 });
    });
  });
}

export function readAllContract(open: OpensStore): void {
  describe('readAll', () => {
    test('gives all streams in the order of appending, either way', async () => {
      await using opened = await open();
      const { store } = opened;
      const start = await presentEnd(store);
      const events = someEvents(9);
      const streams = [freshStream(), freshStream(), freshStream()];
      for (const [index, event] of events.entries()) {
        await store.append(streams[index % 3]!, [event], { expectedRevision: 'any' });
      }
      const forwards = await readToEnd(store, start);
      expect(idsOf(forwards)).toEqual(idsOf(events));
      const backwards = await readToEnd(store, { direction: 'backwards', limit: 9 });
      expect(backwards).toEqual(forwards.toReversed());
      expect(await store.head()).toBe(forwards.at(-1)?.position);
    });

    test('starts strictly after, or strictly before, a position', async () => {
      await using opened = await open();
      const { store } = opened;
      const events = someEvents(5);
      await store.append(freshStream(), events.slice(0, 2), { expectedRevision: 'any' });
      const { position } = await store.append(freshStream(), events.slice(2, 3), { expectedRevision: 'any' });
      await store.append(freshStream(), events.slice(3), { expectedRevision: 'any' });
      expect(idsOf(await readToEnd(store, { from: position }))).toEqual(idsOf(events.slice(3)));
      const before = await readToEnd(store, { from: position, direction: 'backwards', limit: 2 });
      expect(idsOf(before)).toEqual(idsOf(events.slice(0, 2).toReversed()));
    });

    test('at the end there is nothing, and no empty page', async () => {
      await using opened = await open();
      const { store } = opened;
      await store.append(freshStream(), someEvents(3), { expectedRevision: 'any' });
      const pages = [];
      for await (const page of store.readAll(await presentEnd(store))) pages.push(page);
      expect(pages).toEqual([]);
    });

    test('filters by stream prefixes, taken literally', async () => {
      await using opened = await open();
      const { store } = opened;
      const start = await presentEnd(store);
      const base = freshStream();
      const streams = ['a_b-1', 'axb-1', 'A_b-1', '출석-1', '출석-2', '출-3', 'a%-1', 'ab-1', 'a'].map(
        (s) => `${base}${s}`,
      );
      for (const stream of streams) await store.append(stream, [anEvent()], { expectedRevision: 'no_stream' });
      const matching = async (...prefixes: string[]) => {
        const filter = { streamPrefixes: prefixes.map((prefix) => `${base}${prefix}`) };
        const events = await readToEnd(store, { ...start, filter });
        return events.map((event) => event.stream.slice(base.length));
      };
      expect(await matching('a_b-')).toEqual(['a_b-1']);
      expect(await matching('출석-')).toEqual(['출석-1', '출석-2']);
      expect(await matching('a%', '출')).toEqual(['출석-1', '출석-2', '출-3', 'a%-1']);
      expect(await matching('없음')).toEqual([]);
    });

    test('filters by type prefixes, with limit and direction', async () => {
      await using opened = await open();
      const { store } = opened;
      const start = await presentEnd(store);
      const prefix = freshTypePrefix();
      const events = ['Opened', 'Joined', 'Left', 'Closed', 'JoinedAgain'].map((type) => anEvent(`${prefix}${type}`));
      await store.append(freshStream(), someEvents(3), { expectedRevision: 'any' });
      await store.append(freshStream(), events, { expectedRevision: 'any' });
      await store.append(freshStream(), someEvents(3), { expectedRevision: 'any' });
      const filter = { typePrefixes: [`${prefix}Joined`, `${prefix}Left`] };
      const matching = [events[1]!, events[2]!, events[4]!];
      expect(idsOf(await readToEnd(store, { ...start, filter }))).toEqual(idsOf(matching));
      expect(idsOf(await readToEnd(store, { ...start, filter, limit: 2 }))).toEqual(idsOf(matching.slice(0, 2)));
      const backwards = await readToEnd(store, { filter, direction: 'backwards', limit: 2 });
      expect(idsOf(backwards)).toEqual(idsOf([events[4]!, events[2]!]));
    });

    test('10,000 events in pages: each once, in order, either way', async () => {
      await using opened = await open();
      const { store } = opened;
      const start = await presentEnd(store);
      const prefix = freshStream('paging');
      const events = someEvents(10_000);
      for (let at = 0; at < events.length; at += 500) {
        await store.append(`${prefix}-${at}`, events.slice(at, at + 500), { expectedRevision: 'no_stream' });
      }
      const pages: number[] = [];
      const forwards = [];
      for await (const page of store.readAll({ ...start, filter: inStream(prefix) })) {
        pages.push(page.length);
        forwards.push(...page);
      }
      expect(idsOf(forwards)).toEqual(idsOf(events));
      expect(Math.min(...pages)).toBeGreaterThanOrEqual(1);
      expect(pages.length).toBeGreaterThan(1);
      const backwards = await readToEnd(store, { direction: 'backwards', filter: inStream(prefix), limit: 10_000 });
      expect(idsOf(backwards)).toEqual(idsOf(events.toReversed()));
    });

    test('a reader may leave in the middle', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      await store.append(stream, someEvents(2_000), { expectedRevision: 'no_stream' });
      for await (const page of store.readAll({ filter: inStream(stream) })) {
        expect(page.length).toBeGreaterThan(0);
        break;
      }
      expect((await store.append(stream, [anEvent()], { expectedRevision: 1_999n })).revision).toBe(2_000n);
    });
  });
}
