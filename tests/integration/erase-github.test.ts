import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { addDays, dayOf } from '../../domain/calendar.ts';
import { startAlmanac } from '../support/signed-in.ts';

const today = dayOf(Date.now() / 1000, 'Asia/Seoul');
const yesterday = addDays(today, -1);

/** Files below a directory that hold a text, by their paths in it. */
const filesWith = (directory: string, text: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => readFileSync(path).includes(text));

test('what was read of somebody at GitHub leads to nobody when they are erased: most repositories are called after their owner', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-erase-github-'));
  try {
    await using almanac = await startAlmanac({ dataDirectory });
    const canaria = await almanac.join('canaria');
    const repository = almanac.github.addRepository({ owner: 'canaria', name: 'songbook' });
    const author = { name: 'Canaria', email: 'canaria@cage.example', login: 'canaria' };
    almanac.github.addCommit(repository, { author: { ...author, date: `${yesterday}T09:00:00+09:00` } });
    await almanac.mutate(almanac.owner.bearer, 'challenges.open', {
      ...{ title: 'spring', start_date: addDays(today, -3), days: 10 },
    });
    const read = await almanac.mutate(canaria.bearer, 'attendance.checkMember', {
      ...{ github_id: 'canaria', check_date: yesterday },
    });
    expect(read.data).toMatchObject({ results: [{ state: 'present' }] });
    const { data } = await almanac.query(almanac.owner.bearer, 'commits.list', { github_id: 'canaria' });
    expect(data, 'while they are here').toMatchObject({ commits: [{ repository: 'canaria/songbook' }] });
    expect(
      await almanac.mutate(almanac.owner.bearer, 'users.erase', { id: canaria.id, confirm: 'canaria' }),
    ).toMatchObject({ status: 200 });
    await vi.waitFor(() => expect(filesWith(dataDirectory, 'songbook')).toEqual([]), {
      timeout: 10_000,
      interval: 100,
    });
    const { data: book } = await almanac.query(almanac.owner.bearer, 'attendance.statsOfDay', { date: yesterday });
    expect(book, 'what was counted stays').toMatchObject({ present_count: 1 });
  } finally {
    await rm(dataDirectory, { recursive: true });
  }
});
