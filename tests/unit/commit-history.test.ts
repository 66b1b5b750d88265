import fc from 'fast-check';
import { expect, test } from 'vitest';
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

test('a commit is observed once: seen again, seen in a fork, or twice in one reading', () => {
  expect(observe([commit('a'), { ...commit('a'), repositoryId: 'fork' }], historyOf('b', 'a'))).toEqual([]);
  expect(observe([commit('c'), commit('c')], null)).toHaveLength(1);
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
