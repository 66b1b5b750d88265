import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CollectionStatus } from '../../server/collect/collect.ts';
import { Collecting } from '../support/collecting.ts';
import { git, GitRepository } from '../support/git-repository.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';

afterEach(() => vi.unstubAllEnvs());

const spring = '2025-03-10T09:00:00+09:00';
const HOUR = 3_600_000;

/** The status as it changes, to wait for. */
function statuses() {
  const waiting = new Set<{ meant: (status: CollectionStatus) => boolean; resolve: () => void }>();
  let current: CollectionStatus | undefined;
  return {
    onStatus: ([status]: readonly CollectionStatus[]) => {
      current = status;
      for (const entry of waiting) if (status && entry.meant(status)) entry.resolve();
    },
    until: (meant: (status: CollectionStatus) => boolean) =>
      new Promise<void>((resolve) => {
        if (current && meant(current)) resolve();
        else waiting.add({ meant, resolve });
      }),
  };
}

/** Watching alone: the next look would be in an hour. */
async function watched(log: Collecting, path: string) {
  const status = statuses();
  const collector = log.open([path], { watch: true, pollEvery: HOUR, onStatus: status.onStatus });
  await collector.ready;
  return { collector, ...status };
}

/** Commits as people do, and says when it was seen. */
async function commit(log: Collecting, directory: string, ...args: string[]): Promise<number> {
  await git(directory, ['commit', '-q', '--allow-empty', '-m', 'Plant a tree', ...args]);
  const start = performance.now();
  await log.observed(await git(directory, ['rev-parse', 'HEAD']));
  return performance.now() - start;
}

describe('while a repository is watched', () => {
  test('commits, amendments, branches, packed refs and detached heads are seen in about a second', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await watched(log, garden.path);
    const times = [await commit(log, garden.path), await commit(log, garden.path, '--amend', '-m', 'Plant two')];
    await garden.git('checkout', '-q', '-b', 'beds/north/roses');
    times.push(await commit(log, garden.path));
    await garden.git('pack-refs', '--all', '--prune');
    times.push(await commit(log, garden.path));
    await garden.git('gc', '-q', '--prune=now');
    times.push(await commit(log, garden.path));
    await garden.git('checkout', '-q', '--detach');
    times.push(await commit(log, garden.path));
    times.sort((a, b) => a - b);
    // Generous, since other tests run beside this one; the poll alone would take an hour.
    expect(times.at(-1)).toBeLessThan(10_000);
  });

  test('commits in a linked worktree and commits that are fetched are seen', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commit({ at: spring });
    const clone = garden.beside('clone');
    await git(garden.path, ['clone', '-q', garden.path, clone]);
    await watched(log, clone);
    const sha = await garden.commit({ at: spring, message: 'of somebody else', branch: 'side', parents: ['main'] });
    await git(clone, ['fetch', '-q']);
    await log.observed(sha);
    await git(clone, ['worktree', 'add', '-q', '--detach', garden.beside('worktree')]);
    await commit(log, garden.beside('worktree'));
  });

  test('a bare repository that is pushed to is seen', async () => {
    await using hub = await GitRepository.create({ bare: true });
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const { until } = await watched(log, hub.path);
    await until(({ state }) => state === 'empty');
    const sha = await garden.commit({ at: spring });
    await garden.git('push', '-q', hub.path, 'main');
    await log.observed(sha);
  });

  test('a mailmap that is written, replaced or taken away counts', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commits([
      { at: spring, author: 'Kim <kim@old.org>' },
      { at: spring, author: 'Kim <kim@new.org>' },
    ]);
    await watched(log, garden.path);
    await garden.write('.mailmap', 'Kim <kim@new.org> <kim@old.org>\n');
    await log.seen(({ type }) => type === 'MemberMerged');
    await garden.write('next', 'Kim Minsu <kim@new.org>\n');
    await rename(join(garden.path, 'next'), join(garden.path, '.mailmap'));
    await log.seen(({ type, data }) => type === 'MemberRenamed' && data.name === 'Kim Minsu');
    await rm(join(garden.path, '.mailmap'));
    await log.seen(({ type, data }) => type === 'MemberRenamed' && data.name === 'Kim');
  });

  test('what comes while it is being read is read next', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const slow = new SlowStore();
    log.store = slow;
    await watched(log, garden.path);
    const reached = slow.hold();
    const first = await garden.commit({ at: spring });
    await reached;
    const second = await garden.commit({ at: spring });
    // Watching tells of the second while the first is still being written.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    slow.goOn();
    await log.observed(second);
    expect(await log.shas()).toEqual([first, second]);
  });

  test('one that vanishes has failed, and heals when it returns; then it is watched as before', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commit({ at: spring });
    const { until } = await watched(log, garden.path);
    await rename(garden.path, garden.beside('away'));
    await until(({ state, reason }) => state === 'failed' && reason === 'missing');
    await log.seen(({ type }) => type === 'CollectionFailed');
    await rename(garden.beside('away'), garden.path);
    await until(({ state }) => state === 'watching');
    await commit(log, garden.path);
  });

  test('one that is made anew in its place is another history of the same repository', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commit({ at: spring });
    await watched(log, garden.path);
    await rm(join(garden.path, '.git'), { recursive: true });
    await log.seen(({ type, data }) => type === 'CollectionFailed' && data.reason === 'not-a-repository');
    await garden.git('init', '-q', '-b', 'main');
    await commit(log, garden.path);
    await commit(log, garden.path);
    expect(await log.all('RepositoryRegistered')).toHaveLength(1);
  });

  test('nothing is watched after closing', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const { collector } = await watched(log, garden.path);
    await commit(log, garden.path);
    await collector.close();
    // The system lets go of closed handles a few turns of the loop later.
    await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('FSEventWrap'));
  });
});

/** Holds commits back until told to go on. */
class SlowStore extends MemoryEventStore {
  #held: { reached: () => void; released: Promise<void>; release: () => void } | null = null;
  /** Resolves when the next commits are about to be written. */
  hold(): Promise<void> {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#held = { reached: reached.resolve, released: released.promise, release: released.resolve };
    return reached.promise;
  }
  goOn(): void {
    this.#held?.release();
  }
  override async append(...call: Parameters<MemoryEventStore['append']>) {
    if (call[0].startsWith('commits-')) {
      this.#held?.reached();
      await this.#held?.released;
    }
    return super.append(...call);
  }
}

test('what watching misses is found by looking now and then', async () => {
  // The watcher made blind: it would look once an hour.
  vi.stubEnv('CHOKIDAR_USEPOLLING', '1');
  vi.stubEnv('CHOKIDAR_INTERVAL', String(HOUR));
  await using garden = await GitRepository.create();
  await using log = await Collecting.start();
  await garden.commit({ at: spring });
  const collector = log.open([garden.path], { watch: true, pollEvery: 100 });
  await collector.ready;
  await commit(log, garden.path);
});

test('after midnight the day before is closed, though nothing happened', async () => {
  await using garden = await GitRepository.create();
  await using log = await Collecting.start();
  await garden.commit({ at: spring });
  const midnight = Date.parse('2025-03-11T00:00:00+09:00');
  const start = performance.now();
  const now = () => Math.floor(midnight - 2_000 + performance.now() - start);
  const collector = log.open([garden.path], { watch: true, pollEvery: HOUR, now });
  await collector.ready;
  const closed = await log.seen(
    ({ type, data }) => type === 'CollectionCompleted' && Date.parse(data.through) >= midnight,
  );
  expect(closed).toMatchObject({ data: { observed: 0 } });
});
