import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { openSqliteEventLogReader, openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { StoreProcess } from './sqlite-child-process.ts';
import { temporaryDirectory } from './sqlite-temporary.ts';

const run = promisify(execFile);
const anEvent = () => ({ id: randomUUID(), type: 'Noted', data: {}, metadata: {} });

test('a reader in another thread is told of an append at once', async () => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path });
  const thread = new Worker(new URL('./sqlite-listening-thread.ts', import.meta.url), { workerData: directory.path });
  const exit = once(thread, 'exit');
  const told = on(thread, 'message');
  const untilTold = async (awaited: unknown): Promise<void> => {
    for (;;) {
      const { value } = await told.next();
      if (String(value) === awaited) return;
    }
  };
  await untilTold('caught-up');
  const start = performance.now();
  for (let round = 0; round < 40; round += 1) {
    const event = anEvent();
    await store.append('ledger', [event], { expectedRevision: 'any' });
    await untilTold(event.id);
  }
  // The poll alone would need ten seconds.
  expect(performance.now() - start).toBeLessThan(2_500);
  thread.postMessage('end');
  expect(await exit).toEqual([0]);
  await store.close();
});

test('a reader in another process is told too', async () => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path });
  await using other = new StoreProcess(directory.path, { role: 'reader' });
  expect(await other.report()).toEqual({ kind: 'open' });
  expect(await other.ask({ do: 'follow' })).toEqual({ kind: 'following' });
  for (let round = 0; round < 3; round += 1) {
    const event = anEvent();
    await store.append('ledger', [event], { expectedRevision: 'any' });
    expect(await other.report()).toEqual({ kind: 'followed', ids: [event.id] });
    expect(await other.report()).toEqual({ kind: 'following' });
  }
  await store.close();
});

test('a reader in this process is told of what another process writes', async () => {
  await using directory = await temporaryDirectory();
  await using writer = new StoreProcess(directory.path);
  expect(await writer.report()).toEqual({ kind: 'open' });
  const reader = openSqliteEventLogReader({ directory: directory.path });
  const abort = new AbortController();
  const messages = reader.subscribeToAll({ signal: abort.signal })[Symbol.asyncIterator]();
  expect((await messages.next()).value).toEqual({ kind: 'caught-up' });
  const event = messages.next();
  await writer.ask({ do: 'append', stream: 'ledger', text: 'x' });
  expect((await event).value).toMatchObject({ kind: 'events', events: [{ stream: 'ledger' }] });
  abort.abort();
  expect(await messages.next()).toEqual({ done: true, value: undefined });
  await reader.close();
});

test('an aborted signal is let go of', async () => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path });
  const abort = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = abort.signal;
  Object.assign(abort.signal, {
    addEventListener: (...args: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(abort.signal, args);
    },
    removeEventListener: (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(abort.signal, args);
    },
  });
  const messages = store.subscribeToAll({ signal: abort.signal })[Symbol.asyncIterator]();
  await messages.next();
  for (let round = 0; round < 20; round += 1) {
    const news = messages.next();
    await store.append('ledger', [anEvent()], { expectedRevision: 'any' });
    expect((await news).value).toMatchObject({ kind: 'events' });
    expect((await messages.next()).value).toEqual({ kind: 'caught-up' });
  }
  const end = messages.next();
  expect(listeners).toBe(1);
  abort.abort();
  await end;
  expect(listeners).toBe(0);
  await store.close();
});

test('a process with everything open may end, and what it accepted is written', async () => {
  await using directory = await temporaryDirectory();
  const program = fileURLToPath(new URL('./sqlite-leaves-open.ts', import.meta.url));
  const { stdout } = await run(process.execPath, [program, directory.path], { timeout: 20_000 });
  expect(stdout).toContain('caught-up');
  const store = await openSqliteEventStore({ directory: directory.path });
  expect(await store.readStream('ledger')).toHaveLength(2);
  await store.close();
});

test('large events are read in small pages', async () => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path });
  const text = 'x'.repeat(900_000);
  for (let round = 0; round < 100; round += 1) {
    await store.append('ledger', [{ ...anEvent(), data: { text } }], { expectedRevision: 'any' });
  }
  const pages = await Array.fromAsync(store.readAll(), (page) => page.length);
  expect(pages.reduce((sum, length) => sum + length)).toBe(100);
  expect(Math.max(...pages.slice(1))).toBeLessThanOrEqual(16);
  await store.close();
});
