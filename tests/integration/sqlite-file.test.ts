import { copyFile, mkdir, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../server/event-store/event-store.ts';
import { openForWriting } from '../../server/event-store/sqlite/log-file.ts';
import { openSqliteEventLogReader, openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { temporaryDirectory } from './sqlite-temporary.ts';

const anEvent = (type = 'Noted') => ({ id: randomUUID(), type, data: {}, metadata: {} });

async function withLog(use: (directory: string, file: string) => Promise<void>): Promise<void> {
  await using directory = await temporaryDirectory();
  const store = await openSqliteEventStore({ directory: directory.path });
  for (let round = 0; round < 200; round += 1) {
    await store.append(`ledger-${round % 7}`, [anEvent()], { expectedRevision: 'any' });
  }
  await store.close();
  await use(directory.path, join(directory.path, 'events.sqlite'));
}

const refusal = (directory: string) => expect(openSqliteEventStore({ directory })).rejects;

describe('opening', () => {
  test('makes the directory, for its owner only', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'a', 'b');
    const store = await openSqliteEventStore({ directory: path });
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect(await store.head()).toBeNull();
    await store.close();
  });

  test('leaves a closed log in one file', async () => {
    await withLog(async (_directory, file) => {
      await expect(stat(`${file}-wal`)).rejects.toMatchObject({ code: 'ENOENT' });
      await using copy = await temporaryDirectory();
      await copyFile(file, join(copy.path, 'events.sqlite'));
      const store = await openSqliteEventStore({ directory: copy.path });
      expect(await store.readStream('ledger-3')).toHaveLength(29);
      await store.close();
    });
  });

  test('refuses a file that is no database', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'events.sqlite');
    await writeFile(file, 'Dear diary, '.repeat(500));
    await refusal(directory.path).toMatchObject({ name: 'UnreadableEventLog', file });
    await refusal(directory.path).toThrow('is not a SQLite database');
    expect(await readFile(file, 'utf8')).toBe('Dear diary, '.repeat(500));
  });

  test("refuses another program's database and leaves it alone", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'events.sqlite');
    const foreign = new DatabaseSync(file);
    foreign.exec('CREATE TABLE events (id)');
    foreign.close();
    const before = await readFile(file);
    await refusal(directory.path).toThrow('belongs to another program');
    expect(await readFile(file)).toEqual(before);
  });

  test('refuses a log of a newer Almanac', async () => {
    await withLog(async (directory, file) => {
      const database = new DatabaseSync(file);
      database.exec('PRAGMA user_version = 99');
      database.close();
      await refusal(directory).toThrow('schema version 99');
    });
  });

  test('refuses a log whose end is missing', async () => {
    await withLog(async (directory, file) => {
      await truncate(file, 8_192);
      await refusal(directory).toMatchObject({ name: 'UnreadableEventLog' });
      await refusal(directory).toThrow('is damaged');
    });
  });

  test('refuses a log with overwritten pages', async () => {
    await withLog(async (directory, file) => {
      await using handle = await open(file, 'r+');
      const { size } = await handle.stat();
      await handle.write(Buffer.alloc(size - 4_096, 0xa5), 0, size - 4_096, 4_096);
      await refusal(directory).toThrow('is damaged');
    });
  });

  test('says what stands in the way when the path is no file', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(join(directory.path, 'events.sqlite'));
    await refusal(directory.path).toBeInstanceOf(StoreUnavailable);
  });

  test('says so when the directory is a file', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'a');
    await writeFile(path, '');
    await refusal(path).toMatchObject({ name: 'StoreUnavailable', message: expect.stringContaining(path) });
  });

  test('syncs the disk at every commit', async () => {
    await withLog(async (_directory, file) => {
      using database = openForWriting(file);
      expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
      // 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous
      expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    });
  });

  test('after a refusal the directory is free', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'events.sqlite');
    await writeFile(file, 'x'.repeat(5_000));
    await refusal(directory.path).toMatchObject({ name: 'UnreadableEventLog' });
    await truncate(file, 0);
    const store = await openSqliteEventStore({ directory: directory.path });
    await store.close();
  });

  test('a reader of a directory without a log says so', async () => {
    await using directory = await temporaryDirectory();
    const opening = () => openSqliteEventLogReader({ directory: directory.path });
    expect(opening).toThrow(StoreUnavailable);
    // As a store that is just being made leaves it.
    await writeFile(join(directory.path, 'events.sqlite'), '');
    expect(opening).toThrow(StoreUnavailable);
  });

  test('a reader reads a log that nobody writes', async () => {
    await withLog(async (directory) => {
      const reader = openSqliteEventLogReader({ directory });
      expect(await reader.readStream('ledger-0')).toHaveLength(29);
      await reader.close();
    });
  });
});

describe('the embedded store alone', () => {
  test('takes stream names and types with a NUL, and refuses half a surrogate pair', async () => {
    await using directory = await temporaryDirectory();
    const store = await openSqliteEventStore({ directory: directory.path });
    await store.append('a\0b', [anEvent('T\0a')], { expectedRevision: 'no_stream' });
    await store.append('a\0c', [anEvent('T\0b')], { expectedRevision: 'no_stream' });
    expect(await store.readStream('a\0b')).toMatchObject([{ stream: 'a\0b', type: 'T\0a' }]);
    await expect(store.readStream('a')).rejects.toMatchObject({ name: 'StreamNotFound' });
    const pages = await Array.fromAsync(store.readAll({ filter: { typePrefixes: ['T\0b'] } }));
    expect(pages.flat()).toMatchObject([{ stream: 'a\0c' }]);
    const half = store.append('\ud800', [anEvent()], { expectedRevision: 'any' });
    await expect(half).rejects.toThrow(TypeError);
    await store.close();
  });

  test('filters by the last characters of Unicode, by everything and by nothing', async () => {
    await using directory = await temporaryDirectory();
    const store = await openSqliteEventStore({ directory: directory.path });
    const streams = ['\u{10ffff}', '\u{10ffff}\u{10ffff}a', '\ud7ff', '\ue000', 'z'];
    for (const stream of streams) await store.append(stream, [anEvent()], { expectedRevision: 'no_stream' });
    const matching = async (...streamPrefixes: string[]) =>
      (await Array.fromAsync(store.readAll({ filter: { streamPrefixes } }))).flat().map((event) => event.stream);
    expect(await matching('\u{10ffff}')).toEqual(streams.slice(0, 2));
    expect(await matching('\ud7ff')).toEqual(['\ud7ff']);
    expect(await matching('')).toEqual(streams);
    expect(await matching()).toEqual([]);
    await store.close();
  });

  test('a retried append is recognised also across a deletion', async () => {
    await using directory = await temporaryDirectory();
    const store = await openSqliteEventStore({ directory: directory.path });
    const [first, second] = [anEvent(), anEvent()];
    const begin = await store.append('ledger', [first], { expectedRevision: 'no_stream' });
    await store.deleteStream('ledger');
    expect(await store.append('ledger', [first], { expectedRevision: 'no_stream' })).toEqual(begin);
    const again = await store.append('ledger', [second], { expectedRevision: 'no_stream' });
    expect(again.revision).toBe(1n);
    expect(await store.append('ledger', [second], { expectedRevision: 'no_stream' })).toEqual(again);
    expect(await store.append('ledger', [first], { expectedRevision: 'no_stream' })).toEqual(begin);
    await store.close();
  });

  test('an id never stands twice in a stream, whatever the writer believes', async () => {
    await using directory = await temporaryDirectory();
    const store = await openSqliteEventStore({ directory: directory.path });
    const [one, two, three] = [anEvent(), anEvent(), anEvent()];
    await store.append('ledger', [one, two], { expectedRevision: 'no_stream' });
    for (const expectedRevision of [1n, 'any', 'stream_exists'] as const) {
      const repeated = store.append('ledger', [three, one], { expectedRevision });
      await expect(repeated).rejects.toMatchObject({ name: 'WrongExpectedRevision', actual: 1n });
    }
    await expect(store.append('new', [one, one], { expectedRevision: 'any' })).rejects.toThrow(TypeError);
    expect(await store.readStream('ledger')).toHaveLength(2);
    expect(await store.append('ledger', [three], { expectedRevision: 1n })).toMatchObject({
      revision: 2n,
      position: 3n,
    });
    await store.close();
  });

  test('recordedAt comes from the clock given', async () => {
    await using directory = await temporaryDirectory();
    const store = await openSqliteEventStore({ directory: directory.path, now: () => 1_741_532_400_000 });
    await store.append('ledger', [anEvent()], { expectedRevision: 'no_stream' });
    expect((await store.readStream('ledger'))[0]?.recordedAt).toBe(1_741_532_400_000);
    await store.close();
  });
});
