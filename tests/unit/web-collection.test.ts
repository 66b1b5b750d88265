import { describe, expect, test, vi } from 'vitest';
import type { RepositoryStatus, StatusView } from '../../server/api/views.ts';
import { collectionState } from '../../web/src/lib/collection/collection-state.ts';
import { gather } from '../../web/src/lib/live/gather.ts';

const repository = (facts: Partial<RepositoryStatus>): RepositoryStatus => ({
  repositoryId: 'r',
  name: 'garden',
  path: '/garden',
  state: 'watching',
  done: 5,
  total: 5,
  ratePerSecond: 0,
  reason: null,
  message: null,
  since: '2025-03-10T00:00:00Z',
  lastRead: null,
  skipped: 0,
  ...facts,
});
const status = (repositories: RepositoryStatus[], facts: Partial<StatusView> = {}): StatusView => ({
  version: '0.1.0',
  startedAt: '2025-03-10T00:00:00Z',
  repositories,
  readModels: [],
  subscribers: [],
  erasing: 0,
  collection: null,
  store: 'sqlite',
  defaultChallenge: null,
  timeZone: 'Asia/Seoul',
  state: 'ready',
  ...facts,
});

describe('what the header says of the collection', () => {
  test('counts together what is being read, before anything else', () => {
    const reading = [
      repository({ state: 'reading', done: 10, total: 100 }),
      repository({ state: 'reading', done: 5, total: 50 }),
      repository({ state: 'failed' }),
    ];
    expect(collectionState(status(reading))).toEqual({ kind: 'reading', done: 15, total: 150 });
  });

  test('tells of a failure before it says that all is well', () => {
    const one = [repository({ state: 'failed' }), repository({ lastRead: '2025-03-10T01:00:00Z' })];
    expect(collectionState(status(one))).toEqual({ kind: 'failed', count: 1 });
  });

  test('names the latest reading', () => {
    const two = [
      repository({ lastRead: '2025-03-10T01:00:00Z' }),
      repository({ lastRead: '2025-03-10T03:00:00Z' }),
      repository({ state: 'empty' }),
    ];
    expect(collectionState(status(two))).toEqual({ kind: 'watching', lastRead: '2025-03-10T03:00:00Z' });
  });

  test('outside of a repository is no failure', () => {
    const outside = [repository({ repositoryId: null, state: 'failed', reason: 'not-a-repository' })];
    expect(collectionState(status(outside, { state: 'no-repository' })).kind).toBe('none');
  });

  test('a group that is read at GitHub is watched, wherever the server was started', () => {
    const outside = [repository({ repositoryId: null, state: 'failed', reason: 'not-a-repository' })];
    const group = { state: 'no-repository', defaultChallenge: 'season-10' } as const;
    expect(collectionState(status(outside, group))).toEqual({ kind: 'watching', lastRead: null });
    const collection = { done: 3, total: 14, failed: 0, startedAt: '2025-03-10T00:00:00Z' };
    expect(collectionState(status(outside, { ...group, collection }))).toEqual({ kind: 'reading', done: 3, total: 14 });
  });

  test.each([
    [null, 'away'],
    [status([repository({ state: 'empty' })]), 'empty'],
    [status([repository({ state: 'waiting' })]), 'waiting'],
  ] as const)('%# is %s', (one, kind) => expect(collectionState(one).kind).toBe(kind));
});

describe('changes that come in bursts', () => {
  test('are handed on together, each once, and later ones again', () => {
    vi.useFakeTimers();
    try {
      const handed: string[][] = [];
      const { add, forget } = gather<string>(250, (items) => handed.push(items));
      add(['attendance', 'commits']);
      vi.advanceTimersByTime(200);
      add(['attendance', 'status']);
      expect(handed).toEqual([]);
      vi.advanceTimersByTime(50);
      expect(handed).toEqual([['attendance', 'commits', 'status']]);
      add(['status']);
      vi.advanceTimersByTime(250);
      expect(handed[1]).toEqual(['status']);
      add(['members']);
      forget();
      vi.advanceTimersByTime(1000);
      expect(handed).toHaveLength(2);
      add(['commits']);
      vi.advanceTimersByTime(250);
      expect(handed[2]).toEqual(['commits']);
    } finally {
      vi.useRealTimers();
    }
  });
});
