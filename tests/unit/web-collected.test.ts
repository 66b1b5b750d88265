import { expect, test } from 'vitest';
import type { RepositoryStatus, StatusView } from '../../server/api/views.ts';
import { newCommits } from '../../web/src/lib/collection/collected.ts';

const read = (...done: number[]) =>
  ({ repositories: done.map((commits) => ({ done: commits }) as RepositoryStatus) }) as StatusView;

test('new commits are those of all repositories together', () => {
  expect(newCommits(read(10, 5), read(12, 6))).toBe(3);
  expect(newCommits(read(10), read(10))).toBe(0);
});

test('a history that was rewritten shorter, or a status that is not known, tells of none', () => {
  expect(newCommits(read(10), read(4))).toBe(0);
  expect(newCommits(null, read(4))).toBe(0);
  expect(newCommits(read(4), null)).toBe(0);
});

test('what was still being read is not told of as new', () => {
  const reading = { repositories: [{ state: 'reading', done: 4 } as RepositoryStatus] } as StatusView;
  expect(newCommits(reading, read(100))).toBe(0);
});
