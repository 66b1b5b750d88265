import { describe, expect, test } from 'vitest';
import { StoreUnavailable, type EventStore, type RecordedEvent } from '../../../server/event-store/event-store.ts';
import {
  anEvent,
  freshStream,
  freshTypePrefix,
  idsOf,
  inStream,
  presentEnd,
  someEvents,
  type OpensStore,
} from './fixtures.ts';
import { Inbox } from './inbox.ts';

const afterHead = async (store: EventStore) => {
  const { from } = await presentEnd(store);
  return from === undefined ? {} : { after: from };
};

export function subscriptionContract(open: OpensStore): void {
  describe('subscribeToAll', () => {
    test('delivers what exists, says so, then what comes', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      const after = await afterHead(store);
      const events = someEvents(7);
      await store.append(stream, events.slice(0, 3), { expectedRevision: 'no_stream' });
      await using inbox = new Inbox(store, after);
      await inbox.untilCaughtUp();
      expect(idsOf(inbox.events)).toEqual(idsOf(events.slice(0, 3)));
      await store.append(stream, events.slice(3, 6), { expectedRevision: 'any' });
      await store.append(stream, events.slice(6), { expectedRevision: 'any' });
      await inbox.untilEvents(7);
      expect(idsOf(inbox.events)).toEqual(idsOf(events));
      expect(inbox.events).toEqual(await store.readStream(stream));
    });

    test('from the start delivers the whole log', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      await store.append(stream, someEvents(3), { expectedRevision: 'no_stream' });
      await using inbox = new Inbox(store, {});
      await inbox.untilCaughtUp();
      const all: RecordedEvent[] = [];
      for await (const page of store.readAll()) all.push(...page);
      expect(idsOf(inbox.events)).toEqual(idsOf(all));
    });

    test('from the end delivers only what comes', async () => {
      await using opened = await open();
      const { store } = opened;
      await store.append(freshStream(), someEvents(3), { expectedRevision: 'no_stream' });
      await using inbox = new Inbox(store, { after: 'end' });
      await inbox.untilCaughtUp();
      const events = someEvents(2);
      await store.append(freshStream(), events, { expectedRevision: 'no_stream' });
      await inbox.untilEvents(2);
      expect(idsOf(inbox.events)).toEqual(idsOf(events));
    });

    test('starts strictly after a position', async () => {
      await using opened = await open();
      const { store } = opened;
      const events = someEvents(4);
      const stream = freshStream();
      const { position } = await store.append(stream, events.slice(0, 2), { expectedRevision: 'no_stream' });
      await store.append(stream, events.slice(2), { expectedRevision: 1n });
      await using inbox = new Inbox(store, { after: position });
      await inbox.untilCaughtUp();
      expect(idsOf(inbox.events)).toEqual(idsOf(events.slice(2)));
    });

    test('says caught-up each time it reaches the end', async () => {
      await using opened = await open();
      const { store } = opened;
      await using inbox = new Inbox(store, { after: 'end' });
      await inbox.untilCaughtUp(1);
      for (let round = 2; round <= 4; round += 1) {
        await store.append(freshStream(), someEvents(2), { expectedRevision: 'no_stream' });
        await inbox.untilCaughtUp(round);
        expect(inbox.events).toHaveLength((round - 1) * 2);
      }
    });

    test('filters by streams and by types', async () => {
      await using opened = await open();
      const { store } = opened;
      const after = await afterHead(store);
      const [wanted, type] = [freshStream('wanted'), freshTypePrefix()];
      await using byStream = new Inbox(store, { ...after, filter: inStream(wanted) });
      await using byType = new Inbox(store, { ...after, filter: { typePrefixes: [`${type}Open`, `${type}Close`] } });
      const [opening, other, closing] = [anEvent(`${type}Opened`), anEvent(`${type}Other`), anEvent(`${type}Closed`)];
      await store.append(`${wanted}-1`, [opening], { expectedRevision: 'any' });
      await store.append(freshStream(), someEvents(5), { expectedRevision: 'any' });
      await store.append(`${wanted}-2`, [other, closing], { expectedRevision: 'any' });
      await byStream.untilEvents(3);
      await byType.untilEvents(2);
      expect(idsOf(byStream.events)).toEqual(idsOf([opening, other, closing]));
      expect(idsOf(byType.events)).toEqual(idsOf([opening, closing]));
    });

    test('gives a filtered reader checkpoints to go on from', async () => {
      await using opened = await open();
      const { store } = opened;
      const after = await afterHead(store);
      const filter = inStream(freshStream('rare'));
      for (let round = 0; round < 6; round += 1) {
        await store.append(freshStream(), someEvents(500), { expectedRevision: 'no_stream' });
      }
      const head = await store.head();
      const first = new Inbox(store, { ...after, filter });
      const checkpoint = await first.untilCheckpoint();
      await first[Symbol.asyncDispose]();
      expect(first.events).toEqual([]);
      expect(checkpoint).toBeGreaterThan(after.after ?? -1n);
      expect(checkpoint).toBeLessThanOrEqual(head!);
      const event = anEvent();
      await store.append(filter.streamPrefixes[0]!, [event], { expectedRevision: 'no_stream' });
      await using second = new Inbox(store, { after: checkpoint, filter });
      await second.untilEvents(1);
      expect(idsOf(second.events)).toEqual([event.id]);
    });

    test('neither loses nor repeats an event between catching up and live', async () => {
      await using opened = await open();
      const { store } = opened;
      const prefix = freshStream('busy');
      const after = await afterHead(store);
      const write = async (round: number) => {
        const events = someEvents(1 + (round % 7));
        await store.append(`${prefix}-${round}`, events, { expectedRevision: 'no_stream' });
        return events;
      };
      const written = [];
      for (let round = 0; round < 40; round += 1) written.push(...(await write(round)));
      const inboxes = [1, 2, 3].map(() => new Inbox(store, { ...after, filter: inStream(prefix) }));
      for (let round = 40; round < 120; round += 1) written.push(...(await write(round)));
      for (const inbox of inboxes) {
        await inbox.untilEvents(written.length);
        expect(idsOf(inbox.events)).toEqual(idsOf(written));
        await inbox[Symbol.asyncDispose]();
      }
    });
  });
}

export function subscriptionEndContract(open: OpensStore): void {
  describe('a subscription ends', () => {
    test('by its signal while it waits', async () => {
      await using opened = await open();
      const inbox = new Inbox(opened.store, { after: 'end' });
      await inbox.untilCaughtUp();
      await inbox[Symbol.asyncDispose]();
      expect(inbox.ended).toBe(true);
    });

    test('by its signal while there is more to deliver', async () => {
      await using opened = await open();
      const { store } = opened;
      const stream = freshStream();
      for (let round = 0; round < 12; round += 1) {
        await store.append(stream, someEvents(500), { expectedRevision: 'any' });
      }
      const abort = new AbortController();
      let messages = 0;
      for await (const message of store.subscribeToAll({ filter: inStream(stream), signal: abort.signal })) {
        if (message.kind === 'events') abort.abort();
        if (abort.signal.aborted) messages += 1;
      }
      expect(messages).toBe(1);
    });

    test('at once when the signal came before', async () => {
      await using opened = await open();
      const messages = [];
      for await (const message of opened.store.subscribeToAll({ signal: AbortSignal.abort() })) messages.push(message);
      expect(messages).toEqual([]);
    });

    test('when the reader leaves', async () => {
      await using opened = await open();
      const abort = new AbortController();
      for await (const message of opened.store.subscribeToAll({ after: 'end', signal: abort.signal })) {
        expect(message.kind).toBe('caught-up');
        break;
      }
      await opened.store.append(freshStream(), someEvents(1), { expectedRevision: 'any' });
    });

    test('when the store is closed', async () => {
      await using opened = await open();
      const inbox = new Inbox(opened.store, { after: 'end' });
      await inbox.untilCaughtUp();
      await opened.store.close();
      await inbox.untilEnded();
      if (inbox.failure !== undefined) expect(inbox.failure).toBeInstanceOf(StoreUnavailable);
    });
  });
}
