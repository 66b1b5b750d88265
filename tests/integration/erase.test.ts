import { cpSync, rmSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { memberStream } from '../../domain/member.ts';
import { listCommits } from '../../projections/commit-activity.ts';
import { findMember, listMembers } from '../../projections/members.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { openCollector } from '../../server/collect/collect.ts';
import { VaultRefused } from '../../server/vault/master-key.ts';
import { Estate, type Running } from '../support/estate.ts';
import { GitRepository } from '../support/git-repository.ts';

/** Of one person, in two spellings that a mailmap makes one. */
const CANARIES = ['Canaria Islanda', 'canaria', 'yellow.bird@cage.example', 'yellow.bird', 'the roses in bed seven'];

async function aviary(): Promise<GitRepository> {
  const repository = await GitRepository.create();
  await repository.commits([
    {
      author: 'Canaria Islanda <canaria@cage.example>',
      at: '2024-05-01T12:00:00+09:00',
      message: 'Water the roses in bed seven',
    },
    {
      author: 'C. Islanda <yellow.bird@cage.example>',
      at: '2024-05-02T12:00:00+09:00',
      message: 'Prune the roses in bed seven',
    },
    { author: 'Lee <lee@example.org>', at: '2024-05-02T13:00:00+09:00', message: 'Dig' },
  ]);
  return repository;
}

const canaria = ({ readModels }: Running) => {
  const member = findMember(readModels.model('members'), 'canaria');
  if (!member) throw new Error('Nobody is called canaria.');
  return member;
};
const messagesOf = ({ readModels, codec }: Running, memberId: string) => {
  const query = { zone: 'Asia/Seoul', skip: 0, limit: 10 };
  const { commits } = listCommits(readModels.model('commit-activity'), memberId, query);
  return commits.map(({ message }) => codec.openKept('CommitObserved.message', message));
};
/** Everything the log and the read models tell, opened as far as it opens. */
async function told(running: Running): Promise<string> {
  const events = (await Array.fromAsync(running.store.readAll())).flat();
  const names = running.readModels.model('members').all('SELECT * FROM members');
  return JSON.stringify([events.map((event) => running.codec.decode(event)?.data), names]);
}
const expectNothingTold = async (running: Running) => {
  const text = await told(running);
  expect(CANARIES.filter((canary) => text.includes(canary))).toEqual([]);
};
/** What the projector no longer uses it removes a moment later. */
const expectNoTrace = (estate: Estate) =>
  vi.waitFor(() => expect(estate.filesWith(...CANARIES)).toEqual([]), { timeout: 5_000, interval: 50 });

/** Two addresses of one person, who is then known by a mailmap as one. */
async function collected(running: Running, repository: GitRepository): Promise<string> {
  await running.collect(repository.path);
  await repository.write('.mailmap', 'Canaria Islanda <canaria@cage.example> <yellow.bird@cage.example>\n');
  await running.collect(repository.path);
  return canaria(running).id;
}

async function collectedAndStopped(estate: Estate, repository: GitRepository): Promise<string> {
  await using running = await estate.start();
  return await collected(running, repository);
}

describe('what people write', () => {
  test('is not in the log in clear, and can be read', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    await using running = await estate.start();
    const memberId = await collected(running, repository);
    expect(messagesOf(running, memberId)).toEqual(['Prune the roses in bed seven', 'Water the roses in bed seven']);
    expect(estate.filesWith('the roses in bed seven')).toEqual([]);
    expect(estate.filesWith(...CANARIES).every((file) => file.startsWith('read-models'))).toBe(true);
    expect(estate.filesWith(...CANARIES)).not.toEqual([]);
    expect(running.troubles).toEqual([]);
  });
});

describe('somebody erased', () => {
  test('leaves no trace in any file, and their place in the book', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    await using running = await estate.start();
    const memberId = await collected(running, repository);
    expect(await running.erase(memberId)).toHaveLength(2);
    await expectNothingTold(running);
    await expectNoTrace(estate);
    expect(findMember(running.readModels.model('members'), `erased-${memberId.slice(0, 8)}`)).toMatchObject({
      name: expect.stringMatching(/^erased-/) as string,
    });
    expect(messagesOf(running, memberId)).toEqual(['', '']);
    expect(await running.readModels.verify()).toEqual([]);
    expect(running.vault.unscrubbed()).toEqual([]);
    expect(running.troubles).toEqual([]);
    expect(await running.erase(memberId)).toEqual([]);
  });

  test('does not come back by reading the repository again', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    {
      await using running = await estate.start();
      await running.erase(await collected(running, repository));
    }
    rmSync(estate.path('collect'), { recursive: true });
    await repository.commit({
      author: 'Canaria Islanda <yellow.bird@cage.example>',
      at: '2024-05-03T12:00:00+09:00',
      message: 'Still the roses in bed seven',
    });
    await using running = await estate.start();
    const [status] = await running.collect(repository.path);
    expect(status).toMatchObject({ state: 'watching', reason: null });
    expect(JSON.stringify(status)).toContain('its author was erased');
    expect(listMembers(running.readModels.model('members')).map(({ handle }) => handle)).toEqual(['lee']);
    await expectNothingTold(running);
    await expectNoTrace(estate);
  });

  test('cannot be read in a copy of the log made before, and is erased there by the next start', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    const memberId = await collectedAndStopped(estate, repository);
    estate.backUp('before');
    {
      await using running = await estate.start();
      await running.erase(memberId);
    }
    estate.restore('before', 'events.sqlite');
    estate.restore('before', 'read-models');
    await using running = await estate.start();
    await expectNothingTold(running);
    await expectNoTrace(estate);
    const commits = (await told(running)).match(/"sha"/g)?.length;
    await repository.commit({ author: 'Canaria Islanda <canaria@cage.example>', at: '2024-05-03T12:00:00+09:00' });
    const [status] = await running.collect(repository.path);
    expect(status).toMatchObject({ skipped: { count: 1 } });
    expect(listMembers(running.readModels.model('members')).map(({ handle }) => handle)).toEqual(['lee']);
    expect((await told(running)).match(/"sha"/g)?.length).toBe(commits);
    await expectNothingTold(running);
    expect(running.troubles).toEqual([]);
  });

  test('loses the keys that an older backup of the vault brings back', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    const memberId = await collectedAndStopped(estate, repository);
    estate.backUp('before');
    {
      await using running = await estate.start();
      await running.erase(memberId);
    }
    estate.restore('before', 'vault');
    await using running = await estate.start();
    expect(running.vault.erasures().map((one) => one.memberId)).toContain(memberId);
    await expectNothingTold(running);
    await expectNoTrace(estate);
  });

  test('is erased by the next start where the process was killed after it was said', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    {
      await using running = await estate.start();
      const memberId = await collected(running, repository);
      // Of the two they were known as, the log has been told of one, and nothing else was done.
      const { store, codec } = running;
      const identityIds = ['canaria@cage.example', 'yellow.bird@cage.example'].map((value) =>
        codec.fingerprint('member', 'email', value),
      );
      const data = { memberId, identityIds, by: 'local', at: '2025-11-05T09:00:00Z' };
      const event = codec.encode({ type: 'MemberErased', data }, codec.fingerprint('erased', memberId));
      await store.append(memberStream(memberId), [event], { expectedRevision: 'any' });
      expect(await told(running)).toContain('canaria');
    }
    await using running = await estate.start();
    expect(running.vault.erasures()).toHaveLength(2);
    await expectNothingTold(running);
    await expectNoTrace(estate);
  });

  test('before there was a vault stays in the old log, and is shown nowhere any more', async () => {
    await using repository = await aviary();
    await using estate = new Estate();
    {
      const store = await openSqliteEventStore({ directory: estate.directory });
      const options = { store, codec: createCodec(), dataDirectory: estate.directory, timeZone: 'Asia/Seoul' };
      const collector = openCollector({ ...options, repositories: [repository.path], watch: false });
      await collector.ready;
      await collector.close();
      await store.close();
    }
    await using running = await estate.start();
    const { id } = canaria(running);
    expect(messagesOf(running, id)).toEqual(['Water the roses in bed seven']);
    await running.erase(id);
    expect(messagesOf(running, id)).toEqual(['']);
    const [mine] = CANARIES;
    await vi.waitFor(() =>
      expect(estate.filesWith(mine ?? '').filter((file) => !file.startsWith('events'))).toEqual([]),
    );
  });
});

describe('a log whose people are sealed', () => {
  test('does not start without its vault, and says to restore it', async () => {
    await using estate = new Estate();
    await (await estate.start())[Symbol.asyncDispose]();
    estate.backUp('whole');
    rmSync(estate.path('vault'), { recursive: true });
    await expect(estate.start()).rejects.toThrow(VaultRefused);
    await expect(estate.start()).rejects.toThrow(/Restore the vault/);
    estate.restore('whole', 'vault');
    await (await estate.start())[Symbol.asyncDispose]();
  });
  test('does not start with the vault of another log', async () => {
    await using estate = new Estate();
    await using other = new Estate();
    for (const one of [estate, other]) await (await one.start())[Symbol.asyncDispose]();
    rmSync(estate.path('events.sqlite'));
    for (const file of ['events.sqlite-wal', 'events.sqlite-shm']) rmSync(estate.path(file), { force: true });
    cpSync(other.path('events.sqlite'), estate.path('events.sqlite'));
    await expect(estate.start()).rejects.toThrow(/another event log/);
  });
});
