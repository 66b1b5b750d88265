import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { GitRepository } from '../support/git-repository.ts';
import { startServer, type ServerUnderTest } from '../support/server.ts';

const daysOf = async ({ client }: ServerUnderTest, handle: string) => {
  const book = await client.attendance.book.query({});
  const member = book?.members.find((one) => one.handle === handle);
  return book?.dates.filter((_day, index) => member?.states[index] === 'p') ?? [];
};

/** Local days of Seoul between a winter and the 100 days before its last commit; some instants are another day where they were written. */
async function winterRepository(): Promise<GitRepository> {
  const repository = await GitRepository.create();
  const kim = 'Kim <kim@example.org>';
  const lee = 'Lee <lee@example.org>';
  await repository.commits([
    { author: kim, at: '2023-12-31T23:59:59+09:00', message: 'the last second of the year' },
    { author: kim, at: '2024-01-01T00:00:00+09:00', message: 'the first of the next' },
    { author: lee, at: '2024-02-29T23:59:00+09:00', message: 'leap day' },
    { author: lee, at: '2024-02-29T10:00:00-05:00', message: 'leap day in New York, midnight of March in Seoul' },
    { author: lee, at: '2024-03-10T01:59:59-05:00', message: 'a second before the hour that New York leaves out' },
    { author: lee, at: '2024-03-10T03:00:00-04:00', message: 'the second after it' },
    { author: kim, at: '2024-03-10T14:59:59Z', message: 'the last second of the day in Seoul' },
  ]);
  return repository;
}

describe('the book of a repository, started with nothing configured', () => {
  it.each(['UTC', 'America/New_York', 'Asia/Seoul'])('has the days of Seoul on a host in %s', async (TZ) => {
    await using repository = await winterRepository();
    await using server = await startServer({ cwd: repository.path, env: { TZ } });
    await server.ready();
    const book = await server.client.attendance.book.query({});
    expect(book?.challenge).toMatchObject({ start: '2023-12-02', end: '2024-03-10', days: 100, title: 'garden' });
    expect(await daysOf(server, 'kim')).toEqual(['2023-12-31', '2024-01-01', '2024-03-10']);
    expect(await daysOf(server, 'lee')).toEqual(['2024-02-29', '2024-03-01', '2024-03-10']);
    expect(book?.members.map(({ states }) => states.replaceAll(/[pa]/g, ''))).toEqual(['', '']);
  });

  it('keeps the days of another zone where one is given', async () => {
    await using repository = await winterRepository();
    await using server = await startServer({ cwd: repository.path, env: { TIME_ZONE: 'America/New_York' } });
    await server.ready();
    expect(await daysOf(server, 'lee')).toEqual(['2024-02-29', '2024-03-10']);
  });

  it('shows a commit made while it runs, without being asked', async () => {
    await using repository = await GitRepository.create();
    await repository.commit({ at: '2024-05-01T12:00:00+09:00' });
    await using server = await startServer({ repositories: [repository.path] });
    await server.ready();
    await repository.commit({ at: '2024-05-03T12:00:00+09:00', message: 'later' });
    await vi.waitFor(async () => expect(await daysOf(server, 'kim')).toEqual(['2024-05-01', '2024-05-03']), 10_000);
  });

  it('is the same book after a restart, and nothing is counted twice', async () => {
    await using repository = await winterRepository();
    const dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-data-'));
    const options = { repositories: [repository.path], dataDirectory };
    const read = async () => {
      await using server = await startServer(options);
      await server.ready();
      return await server.client.attendance.book.query({});
    };
    try {
      const first = await read();
      expect(first?.totals.commits).toBe(7);
      expect(await read()).toEqual(first);
    } finally {
      await rm(dataDirectory, { recursive: true });
    }
  });

  it('says that days are unknown when the repository has vanished, and heals', async () => {
    await using repository = await GitRepository.create();
    await repository.commit({ at: new Date().toISOString().replace(/\.\d+Z/, 'Z') });
    await using server = await startServer({ repositories: [repository.path] });
    await server.ready();
    // A folder that is moved as a whole tells nobody: it is looked at every 30 seconds.
    const looked = { timeout: 45_000, interval: 200 };
    await rename(repository.path, repository.beside('elsewhere'));
    await vi.waitFor(async () => {
      const book = await server.client.attendance.book.query({});
      expect(book?.sources[0]?.failure?.reason).toBe('missing');
    }, looked);
    await rename(repository.beside('elsewhere'), repository.path);
    await vi.waitFor(async () => {
      const book = await server.client.attendance.book.query({});
      expect(book?.sources[0]?.failure).toBeNull();
    }, looked);
  }, 120_000);
});

describe('without a repository', () => {
  it('has no book and says so', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'almanac-empty-'));
    try {
      await using server = await startServer({ cwd: empty });
      await server.ready();
      expect(await server.client.attendance.book.query({})).toBeNull();
      expect((await server.client.status.get.query()).state).toBe('no-repository');
      const answer = await fetch(`${server.url}/api/attendance/stats`);
      expect(answer.status).toBe(404);
    } finally {
      await rm(empty, { recursive: true });
    }
  });

  it('says that a repository has no commits', async () => {
    await using repository = await GitRepository.create();
    await using server = await startServer({ cwd: repository.path });
    await server.ready();
    expect((await server.client.status.get.query()).state).toBe('no-commits');
  });
});

describe('the REST contract on real commits', () => {
  it('answers as clients of seed 002 expect, and names the field at fault', async () => {
    await using repository = await winterRepository();
    await using server = await startServer({ repositories: [repository.path] });
    await server.ready();
    const get = async (path: string) => {
      const answer = await fetch(`${server.url}/api${path}`);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const stats = (await get('/attendance/stats')).body;
    expect(stats).toMatchObject({ days_completed: 100, total_days: 100, is_completed: true, total_present: 6 });
    expect((await get('/attendance/stats/2024-03-10')).body).toEqual({
      date: '2024-03-10',
      total_users: 2,
      present_count: 2,
      attendance_rate: 100,
      present_users: ['kim', 'lee'],
    });
    const commits = (await get('/github-commits/lee?from_date=2024-03-01&to_date=2024-03-10&limit=2')).body;
    expect(commits['pagination']).toEqual({ total: 3, page: 1, pages: 2, limit: 2, has_more: true });
    const hours = (await get('/attendance/hourly-commits')).body as unknown as { hour: number; count: number }[];
    expect(hours.filter(({ count }) => count > 0)).toEqual([
      { hour: 0, count: 2 },
      { hour: 15, count: 1 },
      { hour: 16, count: 1 },
      { hour: 23, count: 3 },
    ]);
    for (const [path, status, field] of [
      ['/attendance/history/nobody', 404, 'github_id'],
      ['/attendance/stats?start_date=2024-02-30', 400, 'start_date'],
      ['/attendance/2020-01-01', 404, 'date'],
      ['/attendance/stats/yesterday', 400, 'date'],
      ['/github-commits/lee?limit=101', 400, 'limit'],
      ['/github-commits/lee?from_date=2024-03-02&to_date=2024-03-01', 400, 'to_date'],
    ] as const) {
      const { status: given, body } = await get(path);
      expect([path, given]).toEqual([path, status]);
      expect(body['error']).toMatchObject({ issues: [{ path: field }] });
    }
    expect((await get('/attendance/2020-01-01')).body['error']).toMatchObject({
      message: expect.stringContaining('outside the season 2023-12-02 to 2024-03-10') as string,
    });
  });
});

describe('a second process on the same data directory', () => {
  it('is refused with a sentence that says who has it', async () => {
    await using repository = await winterRepository();
    await using server = await startServer({ repositories: [repository.path] });
    const args = ['start', '--port', '0', '--data-dir', server.dataDirectory, '--repo', repository.path];
    const program = join(import.meta.dirname, '..', '..', 'server', 'cli', 'main.ts');
    const second = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    second.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const [code] = (await once(second, 'close')) as [number];
    expect(code).toBe(1);
    expect(complaint).toContain(String(server.pid));
    expect(complaint).toContain(server.dataDirectory);
    expect(complaint).not.toContain('    at ');
  });
});
