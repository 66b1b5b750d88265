import { expect, test } from 'vitest';
import type { CollectionStatus } from '../../server/collect/status.ts';
import { collectionLog } from '../../server/collection-log.ts';
import { createLog } from '../../server/log.ts';

const status = (change: Partial<CollectionStatus>): CollectionStatus => ({
  repositoryId: 'r',
  name: 'garden',
  path: '/garden',
  state: 'watching',
  done: 3,
  total: 3,
  ratePerSecond: 0,
  reason: null,
  message: null,
  since: '2025-03-10T00:00:00Z',
  lastRead: null,
  skipped: { count: 0, examples: [] },
  ...change,
});

test('a repository is told of when it has been read, when it cannot be, and when it can be again', () => {
  const lines: { level: string; msg: string; commits?: number }[] = [];
  const note = collectionLog(createLog('info', { write: (line) => void lines.push(JSON.parse(line) as never) }));
  const gone = status({ state: 'failed', reason: 'missing', message: '/garden does not exist (any more).' });
  for (const one of [
    status({ state: 'waiting', done: 0 }),
    status({ state: 'reading', done: 1 }),
    status({}),
    status({ state: 'reading' }),
    status({ done: 4 }),
    gone,
    gone,
    status({ done: 4 }),
  ])
    note([one]);
  expect(lines.map(({ level, msg, commits }) => [level, commits ?? msg])).toEqual([
    ['info', 3],
    ['warn', '/garden does not exist (any more).'],
    ['info', 4],
  ]);
});
