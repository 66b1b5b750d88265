import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { freshStream, idsOf, inStream, someEvents } from '../contract/event-store/fixtures.ts';
import { Inbox } from '../contract/event-store/inbox.ts';
import type { EventLog } from '../support/eventstoredb/log.ts';
import { quickStore } from '../support/eventstoredb/quick-store.ts';

/** Writes past the adapter, as another program would, also while the server does not listen. */
function write(log: EventLog, stream: string, count: number, type = 'AmountEntered'): string[] {
  const events = Array.from({ length: count }, () => ({
    id: randomUUID(),
    type,
    isJson: true,
    data: Buffer.from('{}'),
    metadata: Buffer.from('{}'),
  }));
  log.append(stream, events, 'any');
  return events.map(({ id }) => id);
}

describe('a subscription', () => {
  test('outlives the server without losing or repeating an event', async () => {
    await using opened = await quickStore();
    const { server, store, troubles } = opened;
    const written = write(server.log, 'journal', 300);
    await using inbox = new Inbox(store, {});
    await inbox.untilEvents(100);
    for (let round = 0; round < 5; round += 1) {
      written.push(...write(server.log, 'journal', 40));
      server.stop();
      written.push(...write(server.log, 'journal', 1 + round));
      await server.listen();
      written.push(...write(server.log, freshStream(), 100));
      await inbox.untilEvents(written.length);
    }
    expect(idsOf(inbox.events)).toEqual(written);
    expect(troubles.length).toBeGreaterThanOrEqual(5);
  });

  test('whose connections break all the time still delivers everything once', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    const streams = [freshStream('wanted'), freshStream('other')];
    const wanted: string[] = [];
    await using inbox = new Inbox(store, { filter: inStream('wanted') });
    for (let round = 0; round < 60; round += 1) {
      wanted.push(...write(server.log, streams[0]!, 1 + (round % 9)));
      write(server.log, streams[1]!, round % 50);
      if (round % 3 === 0) server.dropConnections();
      if (round % 7 === 0) await inbox.untilEvents(wanted.length);
    }
    await inbox.untilEvents(wanted.length);
    await inbox.untilCaughtUp();
    expect(idsOf(inbox.events)).toEqual(wanted);
  });

  test('begins when the server comes', async () => {
    await using opened = await quickStore();
    const { server, store, troubles } = opened;
    const before = write(server.log, 'journal', 3);
    server.stop();
    await using all = new Inbox(store, {});
    await using fromEnd = new Inbox(store, { after: 'end' });
    await expect.poll(() => troubles.length).toBeGreaterThan(4);
    await server.listen();
    await fromEnd.untilCaughtUp();
    const after = write(server.log, 'journal', 2);
    await fromEnd.untilEvents(2);
    await all.untilEvents(5);
    expect(idsOf(fromEnd.events)).toEqual(after);
    expect(idsOf(all.events)).toEqual([...before, ...after]);
  });

  test('from the end keeps that end over an interruption before the first event', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    write(server.log, 'journal', 3);
    await using inbox = new Inbox(store, { after: 'end' });
    await inbox.untilCaughtUp();
    server.stop();
    const missed = write(server.log, 'journal', 4);
    await server.listen();
    await inbox.untilEvents(4);
    expect(idsOf(inbox.events)).toEqual(missed);
  });

  test('asks again when the server takes the request but never confirms it', async () => {
    await using opened = await quickStore({ callTimeoutMs: 500 });
    const { server, store, troubles } = opened;
    const written = write(server.log, 'journal', 3);
    server.faults.next('subscribe', 'lose answer', 2);
    await using inbox = new Inbox(store, {});
    await inbox.untilEvents(3);
    expect(idsOf(inbox.events)).toEqual(written);
    expect(troubles.map((error) => error.message)).toContainEqual(expect.stringContaining('Nothing came'));
  });

  test('has caught up only with everything there is, however slowly it comes', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    server.faults.next('subscribe', { pauseMs: 40 });
    const abort = new AbortController();
    const kinds: string[] = [];
    for await (const message of store.subscribeToAll({ after: 'end', signal: abort.signal })) {
      kinds.push(...(message.kind === 'events' ? message.events.map(() => 'event') : [message.kind]));
      if (kinds.length === 1) write(server.log, 'journal', 4);
      if (kinds.length > 1 && message.kind === 'caught-up') abort.abort();
    }
    expect(kinds).toEqual(['caught-up', 'event', 'event', 'event', 'event', 'caught-up']);
  });

  test('interrupted after every few messages goes on behind them', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    // The server's checkpoints point to where its pages end, which is where these events begin.
    const wanted: string[] = [];
    for (let page = 0; page < 12; page += 1) {
      if (page % 3 !== 1) wanted.push(...write(server.log, 'rare', 1));
      write(server.log, 'common', page % 3 === 1 ? 500 : 499);
    }
    // A confirmation, a checkpoint that says nothing new, and one message more.
    server.faults.choose = (call) => (call === 'subscribe' ? { failAfterMessages: 3 } : 'none');
    await using inbox = new Inbox(store, { filter: inStream('rare') });
    await inbox.untilEvents(wanted.length);
    expect(idsOf(inbox.events)).toEqual(wanted);
    expect(opened.troubles.length).toBeGreaterThan(8);
  });

  test('gives a slow reader pages, not everything at once, and loses nothing', async () => {
    await using opened = await quickStore({ callTimeoutMs: 400 });
    const { server, store } = opened;
    const written: string[] = [];
    for (let round = 0; round < 10; round += 1) written.push(...write(server.log, 'journal', 1_000));
    const abort = new AbortController();
    const ids: string[] = [];
    let [largest, slept] = [0, false];
    for await (const message of store.subscribeToAll({ signal: abort.signal })) {
      if (message.kind === 'events') {
        ids.push(...idsOf(message.events));
        largest = Math.max(largest, message.events.length);
        // Longer than a silent server would be given: the reader's own slowness is no silence.
        if (slept) continue;
        slept = true;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      if (message.kind === 'caught-up') abort.abort();
    }
    expect(ids).toEqual(written);
    expect(largest).toBe(500);
  });

  test('tells an error that no repetition can heal', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    write(server.log, 'journal', 3);
    const between = server.log.events.at(-1)!.position - 1n;
    await using inbox = new Inbox(store, { after: between });
    await inbox.untilEnded();
    expect(inbox.failure).toMatchObject({ message: expect.stringContaining('invalid position') });
  });

  test('checkpoints tell a live filtered reader how far it need not look again', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    await using inbox = new Inbox(store, { after: 'end', filter: inStream('rare') });
    await inbox.untilCaughtUp();
    for (let round = 0; round < 30; round += 1) {
      write(server.log, 'common', 20);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const checkpoint = await inbox.untilCheckpoint();
    expect(server.log.events.map((event) => event.position)).toContain(checkpoint);
    const last = write(server.log, 'rare', 1);
    await using next = new Inbox(store, { after: checkpoint, filter: inStream('rare') });
    await next.untilEvents(1);
    expect(idsOf(next.events)).toEqual(last);
  });

  test('many at once share the connection', async () => {
    await using opened = await quickStore();
    const { server, store } = opened;
    const inboxes = Array.from({ length: 20 }, () => new Inbox(store, { after: 'end' }));
    await Promise.all(inboxes.map((inbox) => inbox.untilCaughtUp()));
    const events = someEvents(30);
    await store.append('journal', events, { expectedRevision: 'any' });
    server.dropConnections();
    await Promise.all(inboxes.map((inbox) => inbox.untilEvents(30)));
    for (const inbox of inboxes) expect(idsOf(inbox.events)).toEqual(idsOf(events));
    await Promise.all(inboxes.map((inbox) => inbox[Symbol.asyncDispose]()));
  });
});
