import { readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { memberStream } from '../../domain/member.ts';
import { findMember } from '../../projections/members.ts';
import type { EventStore } from '../../server/event-store/event-store.ts';
import { StoreUnavailable } from '../../server/event-store/event-store.ts';
import { Erasures, type ErasuresOptions } from '../../server/vault/erase.ts';
import { Estate, type Running } from '../support/estate.ts';
import { GitRepository } from '../support/git-repository.ts';
import { startServer } from '../support/server.ts';

const PEOPLE = ['Canaria', 'Lee', 'Kim'] as const;
const CANARIES = ['Canaria', 'canaria'];

async function aviary(): Promise<GitRepository> {
  const repository = await GitRepository.create();
  const at = '2024-05-01T12:00:00+09:00';
  await repository.commits(
    PEOPLE.map((name) => ({ author: `${name} <${name.toLowerCase()}@cage.example>`, at, message: `By ${name}` })),
  );
  return repository;
}

/** The vault's disk refuses to delete keys until this is disposed of. */
function undeletableKeys(dataDirectory: string): Disposable {
  const execute = (sql: string) => {
    using file = new DatabaseSync(join(dataDirectory, 'vault', 'keys.sqlite'), { timeout: 5_000 });
    file.exec(sql);
  };
  execute(`CREATE TRIGGER refuse BEFORE DELETE ON keys BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
  return { [Symbol.dispose]: () => execute('DROP TRIGGER refuse') };
}

const idOf = ({ readModels }: Running, handle: string): string => {
  const member = findMember(readModels.model('members'), handle);
  if (!member) throw new Error(`Nobody is called ${handle}.`);
  return member.id;
};
const erasedIn = ({ vault }: Running) => vault.erasures().map(({ memberId }) => memberId);
const expectNoTrace = (estate: Estate) =>
  vi.waitFor(() => expect(estate.filesWith(...CANARIES)).toEqual([]), { timeout: 10_000, interval: 50 });
const input = (memberId: string) => ({ memberId, by: 'local', at: '2025-11-05T09:00:00Z' });

/** The running parts, with something else in the place of one. */
function erasuresWith(running: Running, parts: Partial<ErasuresOptions>): Erasures {
  const { store, codec, vault, readModels, erasing } = running;
  const onTrouble = (error: unknown) => erasing.push(String(error));
  const backoff = { firstDelayMs: 10, longestDelayMs: 50 };
  return new Erasures({ store, codec, vault, readModels, onTrouble, backoff, ...parts });
}

describe('an erasure that broke off after it was said', () => {
  test('because the disk refused, is ended by the running server as soon as it no longer does', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    await using running = await estate.start();
    await running.collect(repository.path);
    const memberId = idOf(running, 'canaria');
    {
      using refusing = undeletableKeys(estate.directory);
      const { erased, ended } = await running.erasures.erase(input(memberId));
      expect([erased, await ended, running.erasures.left]).toEqual([[memberId], false, 1]);
      await vi.waitFor(() => expect(running.erasing.length).toBeGreaterThan(1));
      expect([erasedIn(running), running.erasures.left]).toEqual([[], 1]);
      expect(refusing).toBeDefined();
    }
    await vi.waitFor(() => expect(running.erasures.left).toBe(0), { timeout: 20_000 });
    expect(erasedIn(running)).toEqual([memberId]);
    await expectNoTrace(estate);
  });

  test('because nothing could be folded anew, is tried until it can', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    await using running = await estate.start();
    await running.collect(repository.path);
    let failures = 0;
    const rebuildAnew = () => {
      failures += 1;
      return failures < 4 ? Promise.reject(new Error('No room.')) : running.readModels.rebuildAnew();
    };
    await using erasures = erasuresWith(running, { readModels: { rebuildAnew } });
    const { ended } = await erasures.erase(input(idOf(running, 'canaria')));
    expect([await ended, erasures.left]).toEqual([false, 1]);
    await vi.waitFor(() => expect(erasures.left).toBe(0), { timeout: 20_000 });
    expect([failures, running.erasing]).toEqual([4, Array.from({ length: 3 }, () => 'Error: No room.')]);
    await expectNoTrace(estate);
  });

  test('and was not ended when the server stopped, is ended by the next, which starts all the same', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    {
      await using running = await estate.start();
      await running.collect(repository.path);
      const never = { rebuildAnew: () => new Promise<never>(() => undefined) };
      await using erasures = erasuresWith(running, { readModels: never });
      const { ended } = await erasures.erase(input(idOf(running, 'canaria')));
      await erasures.close();
      expect(await ended).toBe(false);
      expect(running.vault.unscrubbed()).toHaveLength(1);
    }
    await using running = await estate.start();
    expect(running.erasures.left).toBe(0);
    await expectNoTrace(estate);
  });

  test('does not keep anybody else from being erased meanwhile', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    await using running = await estate.start();
    await running.collect(repository.path);
    const folding = Promise.withResolvers<void>();
    const rebuildAnew = async () => {
      await folding.promise;
      return running.readModels.rebuildAnew();
    };
    await using erasures = erasuresWith(running, { readModels: { rebuildAnew } });
    const first = await erasures.erase(input(idOf(running, 'canaria')));
    const second = await erasures.erase(input(idOf(running, 'lee')));
    expect([erasedIn(running).length, erasures.left]).toEqual([2, 2]);
    folding.resolve();
    expect([await first.ended, await second.ended, erasures.left]).toEqual([true, true, 0]);
  });

  test('is what the API says, and the status how many are left', async () => {
    await using repository = await aviary();
    await using server = await startServer({ repositories: [repository.path] });
    await server.ready();
    const { client, dataDirectory } = server;
    const erase = async (confirm: string) => {
      const { id } = await client.users.byGitHub.query({ github_id: confirm });
      return client.users.erase.mutate({ id, confirm });
    };
    {
      using refusing = undeletableKeys(dataDirectory);
      expect(await erase('canaria')).toEqual({ status: 'erasing' });
      expect((await client.status.get.query()).erasing).toBe(1);
      expect(refusing).toBeDefined();
    }
    await expect.poll(async () => (await client.status.get.query()).erasing, { timeout: 30_000 }).toBe(0);
    expect(await erase('lee')).toEqual({ status: 'erased' });
    expect(server.output()).toContain('tried again');
  });
});

test('an erasure of which nothing was said, says so', async () => {
  await using repository = await aviary();
  await using estate = new Estate();
  await using running = await estate.start();
  await running.collect(repository.path);
  const { store } = running;
  const away: EventStore = {
    ...openedStore(store),
    append: () => Promise.reject(new StoreUnavailable('It does not answer.')),
  };
  await using erasures = erasuresWith(running, { store: away });
  await expect(erasures.erase(input(idOf(running, 'canaria')))).rejects.toThrow(StoreUnavailable);
  await erasures.close();
  expect([erasures.left, erasedIn(running), running.erasing]).toEqual([0, [], []]);
});

/** The same store as an object whose methods can be replaced one by one. */
const openedStore = (store: EventStore): EventStore => ({
  append: (...given) => store.append(...given),
  readStream: (...given) => store.readStream(...given),
  readAll: (...given) => store.readAll(...given),
  subscribeToAll: (...given) => store.subscribeToAll(...given),
  deleteStream: (...given) => store.deleteStream(...given),
  head: () => store.head(),
  close: () => store.close(),
});

/** Somebody else writes just before the log is told the first time that a person is erased. */
function interrupted(store: EventStore, interrupt: () => Promise<void>): EventStore {
  let isFirst = true;
  return {
    ...openedStore(store),
    async append(stream, events, options) {
      if (isFirst && events.some(({ type }) => type === 'MemberErased')) {
        isFirst = false;
        await interrupt();
      }
      return store.append(stream, events, options);
    },
  };
}

test('a read model that was being folded anew when the keys were destroyed is folded once more', async () => {
  await using repository = await aviary();
  await using estate = new Estate();
  await using running = await estate.start();
  await running.collect(repository.path);
  const { readModels } = running;
  const before = readModels.rebuild();
  await running.erase(idOf(running, 'canaria'));
  await before;
  const files = readdirSync(estate.path('read-models')).filter((name) => /^members[.].*[.]sqlite$/.test(name));
  expect(files).toContainEqual(expect.stringMatching(/[.]3[.]sqlite$/));
  await expectNoTrace(estate);
});

describe('what others write while somebody is erased', () => {
  const say = async ({ store, codec }: Running, event: Extract<AlmanacEvent, { data: { memberId: string } }>) =>
    void (await store.append(memberStream(event.data.memberId), [codec.encode(event, crypto.randomUUID())], {
      expectedRevision: 'any',
    }));
  const merge = (running: Running, memberId: string, into: string) =>
    say(running, { type: 'MemberMerged', data: { memberId, into } });

  test('counts: who turns out to be them loses the key, too', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    await using running = await estate.start();
    await running.collect(repository.path);
    const [canaria, lee] = [idOf(running, 'canaria'), idOf(running, 'lee')];
    await using erasures = erasuresWith(running, {
      store: interrupted(running.store, () => merge(running, lee, canaria)),
    });
    const { erased, ended } = await erasures.erase(input(canaria));
    expect([erased, await ended]).toEqual([[canaria, lee], true]);
    expect(erasedIn(running)).toEqual([canaria, lee].toSorted());
  });

  test('counts: an address that becomes theirs is not registered again', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    await using running = await estate.start();
    await running.collect(repository.path);
    const canaria = idOf(running, 'canaria');
    const identity = { kind: 'email', value: 'late@cage.example' } as const;
    const link = () => say(running, { type: 'IdentityLinked', data: { memberId: canaria, ...identity } });
    await using erasures = erasuresWith(running, { store: interrupted(running.store, link) });
    await (
      await erasures.erase(input(canaria))
    ).ended;
    await repository.commit({ author: 'Late <late@cage.example>', at: '2024-05-03T12:00:00+09:00' });
    const [status] = await running.collect(repository.path);
    expect(JSON.stringify(status)).toContain('its author was erased');
  });

  test('counts when it was decided before and comes afterwards, from the next start on', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    const people: string[] = [];
    {
      await using running = await estate.start();
      await running.collect(repository.path);
      const [canaria, lee] = [idOf(running, 'canaria'), idOf(running, 'lee')];
      people.push(canaria, lee);
      await running.erase(canaria);
      await merge(running, lee, canaria);
    }
    await using running = await estate.start();
    expect(erasedIn(running)).toEqual(people.toSorted());
    expect(running.erasures.left).toBe(0);
    expect(estate.filesWith('lee@cage.example')).toEqual([]);
  });
});
