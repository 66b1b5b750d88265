import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { temporaryDirectory } from './sqlite-temporary.ts';

const writerModule = new URL('./sqlite-fragile-writer.ts', import.meta.url);
const anEvent = () => ({ id: randomUUID(), type: 'Noted', data: {}, metadata: {} });

test('when the writing thread breaks down, the appends under way are refused and the next one succeeds', async () => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path, writerModule });
  await store.append('ledger', [anEvent()], { expectedRevision: 'no_stream' });
  for (let round = 0; round < 3; round += 1) {
    const broken = store.append('breaks-before-commit', [anEvent()], { expectedRevision: 'any' });
    await expect(broken).rejects.toMatchObject({ name: 'StoreUnavailable', cause: { message: 'Broken on purpose.' } });
    await store.append('ledger', [anEvent()], { expectedRevision: BigInt(round) });
  }
  await expect(store.readStream('breaks-before-commit')).rejects.toMatchObject({ name: 'StreamNotFound' });
  expect(await store.readStream('ledger')).toHaveLength(4);
  await store.close();
});

test('those who wait behind a broken batch are written by the next thread', async () => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path, writerModule });
  const broken = store.append('breaks-before-commit', [anEvent()], { expectedRevision: 'any' });
  const refused = expect(broken).rejects.toMatchObject({ name: 'StoreUnavailable' });
  // The first batch has left by the time this one is written.
  await Promise.resolve();
  await Promise.resolve();
  const behind = store.append('ledger', [anEvent()], { expectedRevision: 'no_stream' });
  await refused;
  expect(await behind).toMatchObject({ revision: 0n });
  await store.close();
});

test('an append whose outcome is unknown is settled by the same ids again', async () => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path, writerModule });
  const event = anEvent();
  const unknown = store.append('breaks-after-commit', [event], { expectedRevision: 'no_stream' });
  await expect(unknown).rejects.toMatchObject({ name: 'StoreUnavailable' });
  await store.close();
  const healthy = await openSqliteEventStore({ directory: directory.path });
  const again = await healthy.append('breaks-after-commit', [event], { expectedRevision: 'no_stream' });
  expect(again).toMatchObject({ revision: 0n });
  expect(await healthy.readStream('breaks-after-commit')).toHaveLength(1);
  await healthy.close();
});

test('close answers also when the writing thread is broken', async () => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path, writerModule });
  const broken = store.append('breaks-before-commit', [anEvent()], { expectedRevision: 'any' });
  const refused = expect(broken).rejects.toMatchObject({ name: 'StoreUnavailable' });
  await store.close();
  await refused;
});
