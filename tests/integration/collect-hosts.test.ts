import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { GitRepository } from '../support/git-repository.ts';

const run = promisify(execFile);

async function collectedOn(zone: string, repository: GitRepository) {
  const directory = await mkdtemp(join(tmpdir(), 'almanac-host-'));
  await run(process.execPath, ['tests/support/collect-host.ts', directory, repository.path], {
    env: { ...process.env, TZ: zone, LC_ALL: zone === 'Asia/Seoul' ? 'ko_KR.UTF-8' : 'C' },
  });
  const store = await openSqliteEventStore({ directory });
  const pages = await Array.fromAsync(store.readAll());
  await store.close();
  await rm(directory, { recursive: true });
  return pages
    .flat()
    .map(({ stream, revision, id, type, data }) => ({ stream, revision, id, type, data }))
    .sort((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : Number(a.revision - b.revision)));
}

test('hosts in UTC, New York and Seoul record the same events', async () => {
  await using garden = await GitRepository.create();
  await garden.commits([
    { at: '2024-02-29T23:59:59+09:00', author: '김민수 <kim@example.org>' },
    { at: '2025-03-10T23:59:59+09:00', author: 'İbrahim <IBRAHIM@example.org>' },
    { at: '2025-03-11T00:00:00+09:00', author: 'Kim <kim@example.org>' },
    { at: '2025-03-09T02:30:00-05:00', author: 'Lee <>' },
    { at: '2025-11-02T01:30:00-04:00' },
    { at: '2024-12-31T23:59:59-05:00' },
    { at: '2025-01-01T00:00:00+14:00' },
  ]);
  const [utc, newYork, seoul] = await Promise.all(
    ['UTC', 'America/New_York', 'Asia/Seoul'].map((zone) => collectedOn(zone, garden)),
  );
  expect(utc!.filter(({ type }) => type === 'CommitObserved')).toHaveLength(7);
  expect(newYork).toEqual(utc);
  expect(seoul).toEqual(utc);
});
