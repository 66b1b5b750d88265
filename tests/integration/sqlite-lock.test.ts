import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  DataDirectoryInUse,
  openSqliteEventLogReader,
  openSqliteEventStore,
} from '../../server/event-store/sqlite/store.ts';
import { StoreProcess } from './sqlite-child-process.ts';
import { temporaryDirectory } from './sqlite-temporary.ts';

test('a second store of the same process is refused, by process id and directory', async () => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path });
  const second = openSqliteEventStore({ directory: directory.path });
  await expect(second).rejects.toBeInstanceOf(DataDirectoryInUse);
  await expect(second).rejects.toMatchObject({ pid: process.pid, directory: directory.path });
  await expect(second).rejects.toThrow(`Process ${process.pid} `);
  // Closing the refused handle must not have let go of the lock, as closing any handle of a file does by POSIX.
  await using other = new StoreProcess(directory.path);
  expect(await other.report()).toMatchObject({ kind: 'failed', name: 'DataDirectoryInUse' });
  await store.close();
});

test('after close the directory is free', async () => {
  await using directory = await temporaryDirectory();
  for (let round = 0; round < 3; round += 1) {
    const store = await openSqliteEventStore({ directory: directory.path });
    await store.close();
  }
});

test('a second process is refused while the first runs, and welcome after the first was killed', async () => {
  await using directory = await temporaryDirectory();
  await using holder = new StoreProcess(directory.path);
  expect(await holder.report()).toEqual({ kind: 'open' });
  const { pid } = holder;
  await expect(openSqliteEventStore({ directory: directory.path })).rejects.toMatchObject({
    name: 'DataDirectoryInUse',
    pid,
  });
  await using second = new StoreProcess(directory.path);
  expect(await second.report()).toMatchObject({ kind: 'failed', name: 'DataDirectoryInUse' });
  await holder.kill();
  const store = await openSqliteEventStore({ directory: directory.path });
  await store.close();
});

test('a refusal does not disturb the holder', async () => {
  await using directory = await temporaryDirectory();
  await using holder = new StoreProcess(directory.path);
  await holder.report();
  for (let round = 0; round < 2; round += 1) {
    await expect(openSqliteEventStore({ directory: directory.path })).rejects.toBeInstanceOf(DataDirectoryInUse);
  }
  expect(await holder.ask({ do: 'append', stream: 'ledger', text: 'x' })).toEqual({ kind: 'appended', revision: '0' });
});

test('readers of other processes remain welcome', async () => {
  await using directory = await temporaryDirectory();
  await using holder = new StoreProcess(directory.path);
  await holder.report();
  await holder.ask({ do: 'append', stream: 'ledger', text: 'x' });
  const reader = openSqliteEventLogReader({ directory: directory.path });
  expect(await reader.readStream('ledger')).toMatchObject([{ data: { text: 'x' } }]);
  await reader.close();
});

test.each(['', '{', 'null', '"a"'])('a note of the holder that says %j hides nothing', async (text) => {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path });
  await writeFile(join(directory.path, 'lock-holder.json'), text);
  await expect(openSqliteEventStore({ directory: directory.path })).rejects.toMatchObject({
    name: 'DataDirectoryInUse',
    message: expect.stringContaining('Another process already uses'),
  });
  await store.close();
});

test('a lock file that is no database is made anew', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'lock.sqlite'), 'garbage '.repeat(1_000));
  const store = await openSqliteEventStore({ directory: directory.path });
  await expect(openSqliteEventStore({ directory: directory.path })).rejects.toThrow(DataDirectoryInUse);
  await store.close();
});
