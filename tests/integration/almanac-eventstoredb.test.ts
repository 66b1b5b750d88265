import { tmpdir } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { loadSettings } from '../../server/config.ts';
import { openEventStoreDb } from '../../server/event-store/eventstoredb/store.ts';
import { openAlmanac } from '../../server/main.ts';
import { ProtocolServer } from '../support/eventstoredb/server.ts';
import { GitRepository } from '../support/git-repository.ts';
import { startServer } from '../support/server.ts';

describe('Almanac on EventStoreDB', () => {
  test('shows the book of a repository, and a commit made while it runs', async () => {
    await using database = await ProtocolServer.start();
    await using repository = await GitRepository.create();
    await repository.commit({ at: '2024-05-01T12:00:00+09:00' });
    const env = { EVENTSTORE_URL: database.connectionString };
    await using server = await startServer({ repositories: [repository.path], env });
    await server.ready();
    const commits = async () => (await server.client.attendance.book.query({}))?.totals.commits;
    expect(await commits()).toBe(1);
    expect((await server.client.status.get.query()).store).toBe('eventstoredb');
    await repository.commit({ at: '2024-05-02T12:00:00+09:00' });
    await vi.waitFor(async () => expect(await commits()).toBe(2), 15_000);
  });

  test('lets no second process at the data directory, which then has written nothing', async () => {
    await using database = await ProtocolServer.start();
    await using repository = await GitRepository.create();
    await using other = await GitRepository.create();
    await repository.commit({ at: '2024-05-01T12:00:00+09:00' });
    await other.commit({ at: '2024-05-02T12:00:00+09:00' });
    const env = { EVENTSTORE_URL: database.connectionString };
    await using server = await startServer({ repositories: [repository.path], env });
    await server.ready();
    const store = openEventStoreDb({ connectionString: database.connectionString });
    const before = await store.head();
    const flags = { repo: [other.path], dataDir: server.dataDirectory, logLevel: 'silent' };
    const opening = openAlmanac(loadSettings(flags, env, tmpdir()), '0.0.0', false);
    await expect(opening).rejects.toMatchObject({ name: 'DataDirectoryInUse', pid: server.pid });
    expect(await store.head()).toBe(before);
    await store.close();
  });
});
