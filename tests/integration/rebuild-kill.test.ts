import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { openReadModels } from '../../server/read-models/database.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { registered, type EntryRow } from '../support/toy-projections.ts';

const CHILD = fileURLToPath(new URL('./rebuild-child.ts', import.meta.url));
const TOYS = new URL('../support/toy-projections.ts', import.meta.url).href;
const APPEND = 1_000;
/** Every kill costs the start of a process, which takes seconds on a busy machine. */
const TIMEOUT_MS = 240_000;

/** A directory with a log of many events and no process that uses it. */
async function closedStore(count: number) {
  const folder = await temporaryStore();
  for (let written = 0; written < count; written += APPEND) {
    const events = Array.from({ length: APPEND }, (_, index) => registered(`m${(written + index) % 5_000}`));
    await folder.store.append('members', events, { expectedRevision: 'any' });
  }
  await folder.store.close();
  return folder;
}

/** Starts a child and kills it some milliseconds after it has said this. @returns what it said */
async function killed(directory: string, task: 'fold' | 'rebuild', word: RegExp, after: number): Promise<string[]> {
  const child = fork(CHILD, [directory, task]);
  const told: string[] = [];
  const heard = Promise.withResolvers<void>();
  child.on('message', (message: string) => {
    told.push(message);
    if (word.test(message)) heard.resolve();
  });
  child.on('exit', () => heard.resolve());
  await heard.promise;
  await setTimeout(after);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  return told;
}

/** Opens everything again: each event must be in the rows exactly once, and nothing half-built must be left. */
async function expectEachEventOnce(directory: string): Promise<void> {
  await using store = await asDisposable(openSqliteEventStore({ directory }));
  const head = (await store.value.head()) ?? 0n;
  await using models = await openReadModels({ directory, log: { kind: 'sqlite', directory }, projectionsModule: TOYS });
  expect(readdirSync(join(directory, 'read-models')).filter((file) => file.includes('building'))).toEqual([]);
  await models.waitFor(head, { timeout: 60_000 });
  const rows = models.model('entries').all<EntryRow>('SELECT position FROM entries ORDER BY rowid');
  expect(rows.map(({ position }) => position)).toEqual(Array.from({ length: Number(head) }, (_, index) => index + 1));
  const changes = models.model('names').get<{ sum: number }>('SELECT sum(changes) AS sum FROM names');
  expect(changes?.sum).toBe(Number(head));
  expect(await models.verify()).toEqual([]);
}

const asDisposable = async <T extends { close(): Promise<void> }>(opening: Promise<T>) => {
  const value = await opening;
  return { value, [Symbol.asyncDispose]: () => value.close() };
};

test('kills while the log is folded for the first time', { timeout: TIMEOUT_MS }, async () => {
  await using folder = await closedStore(40_000);
  let furthest = 0;
  for (let kill = 0; kill < 3; kill += 1) {
    const told = await killed(folder.directory, 'fold', /^(at|folded)/, 0);
    furthest = Number(/\d+/.exec(told[0] ?? '')?.[0] ?? furthest);
  }
  // What was folded before a kill was not folded again: later children began further on.
  expect(furthest).toBeGreaterThan(10_000);
  await expectEachEventOnce(folder.directory);
});

test('kills in the middle of a rebuild, and as files take each others place', { timeout: TIMEOUT_MS }, async () => {
  await using folder = await closedStore(10_000);
  for (const after of [0, 50, 150]) {
    const told = await killed(folder.directory, 'rebuild', /rebuilding/, after);
    expect(told).toContain('rebuilding');
  }
  for (const after of [0, 3]) await killed(folder.directory, 'rebuild', /progress/, after);
  await expectEachEventOnce(folder.directory);
});
