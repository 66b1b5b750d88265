/** Several books out of one data directory: each counts the commits of the repositories it follows, whenever and by whichever they were read. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { GitRepository } from '../support/git-repository.ts';
import { startServer, type ServerUnderTestOptions } from '../support/server.ts';

async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'almanac-books-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** What the page shows when Almanac is started like this and has read everything. */
async function bookOf(options: ServerUnderTestOptions) {
  await using server = await startServer(options);
  await server.ready();
  const book = await server.client.attendance.book.query({});
  const dates = book?.dates ?? [];
  const today = book ? await server.client.attendance.day.query({ date: book.challenge.end }) : null;
  return {
    title: book?.challenge.title,
    end: book?.challenge.end,
    commits: book?.totals.commits,
    present: Object.fromEntries(
      (book?.members ?? []).map(({ handle, states }) => [handle, dates.filter((_day, index) => states[index] === 'p')]),
    ),
    bots: book?.bots.map(({ handle }) => handle),
    lastDay: today?.members.flatMap(({ handle, commits }) =>
      commits.map(({ content }) => `${handle}: ${content?.subject}`),
    ),
  };
}

async function garden(): Promise<GitRepository> {
  const repository = await GitRepository.create({ name: 'garden' });
  await repository.commits([
    { author: 'Kim <kim@example.org>', at: '2024-03-01T12:00:00+09:00', message: 'sow' },
    { author: 'Lee <lee@example.org>', at: '2024-02-28T12:00:00+09:00', message: 'dig' },
  ]);
  return repository;
}

async function kitchen(): Promise<GitRepository> {
  const repository = await GitRepository.create({ name: 'kitchen' });
  await repository.commits([
    { author: 'Kim <kim@example.org>', at: '2024-03-05T12:00:00+09:00', message: 'cook' },
    {
      author: 'dependabot[bot] <dependabot[bot]@users.noreply.github.com>',
      at: '2024-03-05T13:00:00+09:00',
      message: 'bump',
    },
  ]);
  return repository;
}

const GARDEN = {
  title: 'garden',
  end: '2024-03-01',
  commits: 2,
  present: { kim: ['2024-03-01'], lee: ['2024-02-28'] },
  bots: [],
  lastDay: ['kim: sow'],
};

test('a book in another time zone has everybody', async () => {
  await using repository = await garden();
  const options = { repositories: [repository.path], dataDirectory: await temporaryDirectory() };
  expect(await bookOf(options)).toEqual(GARDEN);
  expect(await bookOf({ ...options, env: { TIME_ZONE: 'America/New_York' } })).toMatchObject({
    end: '2024-02-29',
    present: { kim: ['2024-02-29'], lee: ['2024-02-27'] },
  });
  expect(await bookOf(options)).toEqual(GARDEN);
});

test('a book knows nothing of repositories it does not follow', async () => {
  await using one = await garden();
  await using other = await kitchen();
  const dataDirectory = await temporaryDirectory();
  const KITCHEN = {
    title: 'kitchen',
    end: '2024-03-05',
    commits: 1,
    present: { kim: ['2024-03-05'] },
    bots: ['dependabot-bot'],
    lastDay: ['kim: cook'],
  };
  expect(await bookOf({ repositories: [one.path], dataDirectory })).toEqual(GARDEN);
  expect(await bookOf({ repositories: [other.path], dataDirectory })).toEqual(KITCHEN);
  expect(await bookOf({ repositories: [one.path], dataDirectory })).toEqual(GARDEN);
  expect(await bookOf({ repositories: [one.path, other.path], dataDirectory })).toEqual({
    ...KITCHEN,
    title: 'garden + kitchen',
    commits: 3,
    present: { kim: ['2024-03-01', '2024-03-05'], lee: ['2024-02-28'] },
  });
  await one.commit({ author: 'Park <park@example.org>', at: '2024-03-02T12:00:00+09:00', message: 'weed' });
  const grown = { ...GARDEN, end: '2024-03-02', commits: 3, lastDay: ['park: weed'] };
  const present = { ...GARDEN.present, park: ['2024-03-02'] };
  expect(await bookOf({ repositories: [one.path], dataDirectory })).toEqual({ ...grown, present });
  expect(await bookOf({ repositories: [one.path, other.path], dataDirectory })).toMatchObject({
    commits: 4,
    present: { kim: ['2024-03-01', '2024-03-05'], lee: ['2024-02-28'], park: ['2024-03-02'] },
  });
});

test('a commit counts in every repository that holds it, and once in a book that follows several', async () => {
  await using repository = await garden();
  const dataDirectory = await temporaryDirectory();
  expect(await bookOf({ repositories: [repository.path], dataDirectory })).toEqual(GARDEN);
  const copy = join(await temporaryDirectory(), 'garden');
  await cp(repository.path, copy, { recursive: true });
  expect(await bookOf({ repositories: [copy], dataDirectory })).toEqual(GARDEN);
  expect(await bookOf({ repositories: [repository.path, copy], dataDirectory })).toEqual(GARDEN);
  const moved = join(await temporaryDirectory(), 'garden');
  await rename(copy, moved);
  expect(await bookOf({ repositories: [moved], dataDirectory })).toEqual(GARDEN);
});

test('a repository made after the start gives its book its name', async () => {
  const folder = join(await temporaryDirectory(), 'orchard');
  await using repository = await garden();
  await using server = await startServer({ repositories: [folder] });
  await server.ready();
  expect(await server.client.attendance.book.query({})).toBeNull();
  await rename(repository.path, folder);
  await vi.waitFor(async () => {
    const book = await server.client.attendance.book.query({});
    expect(book).toMatchObject({ challenge: { title: 'orchard' }, totals: { commits: 2 } });
  }, 15_000);
});

/** Where the processes of this machine work. */
async function directoriesOfProcesses(): Promise<(string | null)[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(processes.map((pid) => readlink(join('/proc', pid, 'cwd')).catch(() => null)));
}

test('a repository whose disk does not answer keeps neither the page nor the others waiting for ever, nor git running', async () => {
  await using repository = await garden();
  await using hanging = await garden();
  // Git waits for whoever writes into it, as it would wait for a disk.
  await rm(join(hanging.path, '.git', 'config'));
  await promisify(execFile)('mkfifo', [join(hanging.path, '.git', 'config')]);
  await using server = await startServer({ repositories: [repository.path, hanging.path] });
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect((await server.client.status.get.query()).repositories).toHaveLength(2);
  await vi.waitFor(
    async () => expect(await server.client.attendance.book.query({})).toMatchObject({ totals: { commits: 2 } }),
    30_000,
  );
  await vi.waitFor(async () => expect(await directoriesOfProcesses()).toContain(hanging.path), 10_000);
  await server.stop();
  expect(await directoriesOfProcesses()).not.toContain(hanging.path);
}, 90_000);

test('a repository that is slow to answer keeps its place in its book, and gets into no other', async () => {
  await using one = await garden();
  await using slow = await kitchen();
  const dataDirectory = await temporaryDirectory();
  const both = { repositories: [one.path, slow.path], dataDirectory };
  const read = await bookOf(both);
  expect(read.title).toBe('garden + kitchen');
  // Git waits for whoever writes into it, as it would wait for a disk that has to be woken.
  const config = join(slow.path, '.git', 'config');
  const text = await readFile(config, 'utf8');
  await rm(config);
  await promisify(execFile)('mkfifo', [config]);
  await using server = await startServer(both);
  await vi.waitFor(async () => {
    const book = await server.client.attendance.book.query({});
    expect(book?.challenge.title).toBe('garden + kitchen');
  }, 20_000);
  await server.stop('SIGKILL');
  await rm(config);
  await writeFile(config, text);
  expect(await bookOf(both)).toEqual(read);
  expect(await bookOf({ repositories: [one.path], dataDirectory })).toEqual(GARDEN);
}, 90_000);

test('a repository that joins the others later makes another book, with everybody of all of them', async () => {
  await using one = await garden();
  await using other = await kitchen();
  const dataDirectory = await temporaryDirectory();
  const away = other.beside('away');
  await rename(other.path, away);
  {
    await using server = await startServer({ repositories: [one.path, other.path], dataDirectory });
    await server.ready();
    const title = async () => (await server.client.attendance.book.query({}))?.challenge.title;
    expect(await title()).toBe('garden');
    await rename(away, other.path);
    await vi.waitFor(async () => {
      const book = await server.client.attendance.book.query({});
      expect(book).toMatchObject({ challenge: { title: 'garden + kitchen' }, totals: { commits: 3 } });
      expect(book?.members.map(({ handle }) => handle).sort()).toEqual(['kim', 'lee']);
    }, 20_000);
  }
  expect(await bookOf({ repositories: [one.path], dataDirectory })).toEqual(GARDEN);
});

test('a commit has one author, whatever the mailmap of another clone says', async () => {
  await using team = await GitRepository.create({ name: 'garden' });
  await team.commits([
    { author: 'Kim <team@example.org>', at: '2024-03-01T12:00:00+09:00', message: 'sow' },
    { author: 'Lee <team@example.org>', at: '2024-03-02T12:00:00+09:00', message: 'weed' },
  ]);
  const clone = join(await temporaryDirectory(), 'garden');
  await cp(team.path, clone, { recursive: true });
  await writeFile(join(clone, '.mailmap'), 'Lee <lee@example.org> Lee <team@example.org>\n');
  const dataDirectory = await temporaryDirectory();
  const first = await bookOf({ repositories: [team.path], dataDirectory });
  expect(first.commits).toBe(2);
  for (const repositories of [[clone], [team.path, clone]]) {
    const book = await bookOf({ repositories, dataDirectory });
    expect(book.commits).toBe(2);
    expect(Object.values(book.present).flat().sort()).toEqual(['2024-03-01', '2024-03-02']);
  }
});

test('a path that leads nowhere, round and round, does not keep the others from being read', async () => {
  await using repository = await garden();
  const loop = join(await temporaryDirectory(), 'loop');
  await symlink(loop, loop);
  await using server = await startServer({ repositories: [loop, repository.path] });
  await server.ready();
  expect(await server.client.attendance.book.query({})).toMatchObject({ totals: { commits: 2 } });
  expect((await server.client.status.get.query()).repositories).toMatchObject([{ state: 'failed' }, {}]);
});
