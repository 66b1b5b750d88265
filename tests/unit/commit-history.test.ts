import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commitHistory, observe, type SeenCommit } from '../../domain/commit-history.ts';

const commit = (sha: string): SeenCommit => ({
  memberId: 'kim',
  repositoryId: 'almanac',
  sha,
  authoredAt: '2025-03-10T14:59:59Z',
  authorOffset: 540,
  committedAt: '2025-03-10T15:00:00Z',
  observedAt: '2025-03-11T00:00:00Z',
  message: 'Plant a tree',
});
const historyOf = (...shas: string[]) => observe(shas.map(commit), null).reduce(commitHistory.evolve, null);

test('a commit not seen before is observed as it was found', () => {
  expect(observe([commit('b')], historyOf('a'))).toEqual([{ type: 'CommitObserved', data: commit('b') }]);
});

test('a commit is observed once: seen again, or twice in one reading', () => {
  expect(observe([commit('a')], historyOf('b', 'a'))).toEqual([]);
  expect(observe([commit('c'), commit('c')], null)).toHaveLength(1);
});

describe('a commit that another repository holds as well', () => {
  const inFork = (sha: string) => ({ ...commit(sha), repositoryId: 'fork' });
  const also = (sha: string) => ({
    type: 'CommitAlsoObserved',
    data: {
      memberId: 'kim',
      repositoryId: 'fork',
      sha,
      authoredAt: '2025-03-10T14:59:59Z',
      observedAt: '2025-03-11T00:00:00Z',
    },
  });

  test('is said to be there, once', () => {
    const events = observe([inFork('a'), inFork('a')], historyOf('b', 'a'));
    expect(events).toEqual([also('a')]);
    expect(observe([inFork('a')], events.reduce(commitHistory.evolve, historyOf('b', 'a')))).toEqual([]);
  });
  test('is so wherever the log has it', () => {
    expect(observe([inFork('a'), inFork('b')], null, (sha) => sha === 'a')).toEqual([
      also('a'),
      { type: 'CommitObserved', data: inFork('b') },
    ]);
  });
  test('is so when both are read at once', () => {
    expect(observe([commit('a'), inFork('a')], null)).toEqual([
      { type: 'CommitObserved', data: commit('a') },
      also('a'),
    ]);
  });
});

test('deciding the same again says nothing, and everything seen is in the history', () => {
  const shas = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
  fc.assert(
    fc.property(shas, shas, (first, second) => {
      let history = historyOf(...first);
      const events = observe(second.map(commit), history);
      history = events.reduce(commitHistory.evolve, history);
      expect(observe(second.map(commit), history)).toEqual([]);
      expect(new Set([...first, ...second])).toEqual(new Set(events.map(({ data }) => data.sha).concat(first)));
    }),
  );
});
