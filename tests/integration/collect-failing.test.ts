import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Collecting } from '../support/collecting.ts';
import { GitRepository } from '../support/git-repository.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';

const spring = '2025-03-10T09:00:00+09:00';
const lee = 'Lee <lee@example.org>';

describe('what was read', () => {
  test('is said to be read once its days are marked: before, they would be absent for a moment', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const sha = await garden.commit({ at: spring });
    const { promise, resolve } = Promise.withResolvers<void>();
    const collector = log.open([garden.path], { marked: () => promise });
    await log.observed(sha);
    expect(await log.all('CollectionCompleted')).toEqual([]);
    resolve();
    await collector.ready;
    expect(await log.all('CollectionCompleted')).toMatchObject([{ observed: 1 }]);
  });

  test('is unknown while its days cannot be marked', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commit({ at: spring });
    const marked = () => Promise.reject(new Error('The keeper is behind.'));
    expect(await log.once([garden.path], { marked, onTrouble: () => undefined })).toMatchObject([{ state: 'failed' }]);
    expect(await log.all('CollectionCompleted')).toEqual([]);
    expect(await log.once([garden.path])).toMatchObject([{ state: 'watching' }]);
    expect(await log.all('CollectionCompleted')).toHaveLength(1);
  });
});

describe('what cannot be read is never "no commits"', () => {
  test('a repository that vanishes fails, once; its return heals it', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const first = await garden.commit({ at: spring });
    const collector = log.open([garden.path]);
    await collector.ready;
    const { repositoryId } = collector.status()[0]!;
    await rename(garden.path, garden.beside('away'));
    await collector.collectNow();
    await collector.collectNow();
    expect(collector.status()).toMatchObject([{ repositoryId, state: 'failed', reason: 'missing', done: 1 }]);
    await collector.close();
    expect(await log.once([garden.path]), 'after a restart').toMatchObject([{ repositoryId, name: 'garden' }]);
    expect(await log.all('CollectionFailed')).toMatchObject([{ sourceId: repositoryId, reason: 'missing' }]);

    await rename(garden.beside('away'), garden.path);
    const second = await garden.commit({ at: spring });
    expect(await log.once([garden.path])).toMatchObject([{ repositoryId, state: 'watching', reason: null }]);
    expect(await log.shas()).toEqual([first, second]);
    expect((await log.events()).at(-1)).toMatchObject({ type: 'CollectionCompleted', data: { observed: 1 } });
  });

  test('a path that was never a repository fails without a word in the log', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const statuses = await log.once([garden.beside('nowhere'), garden.beside('.')]);
    expect(statuses).toMatchObject([
      { repositoryId: null, state: 'failed', reason: 'missing', name: 'nowhere' },
      { repositoryId: null, state: 'failed', reason: 'not-a-repository' },
    ]);
    expect(await log.recorded()).toEqual([]);
  });

  test('a wrong path beside a healthy repository does not speak for it', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commit({ at: spring });
    await log.once([garden.path]);
    expect(await log.once([join(garden.path, 'no/such/folder')])).toMatchObject([
      { repositoryId: null, state: 'failed' },
    ]);
    expect(await log.all('CollectionFailed')).toEqual([]);
  });

  test('a damaged repository: what can be read is recorded, the collection failed', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const [root = '', ...others] = await garden.commits([{ at: spring }, { at: spring }, { at: spring }]);
    await garden.unpack();
    const object = join(garden.path, '.git/objects', root.slice(0, 2), root.slice(2));
    await rename(object, garden.beside('object'));
    expect(await log.once([garden.path])).toMatchObject([{ state: 'failed', reason: 'unreadable' }]);
    expect(await log.shas()).toEqual([others.at(-1)]);
    expect(await log.all('CollectionCompleted')).toEqual([]);
    await rename(garden.beside('object'), object);
    expect(await log.once([garden.path])).toMatchObject([{ state: 'watching', total: 3 }]);
    expect((await log.shas()).sort()).toEqual([root, ...others].sort());
  });

  test('a ref that leads nowhere fails the collection, not the reading of the others', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const sha = await garden.commit({ at: spring });
    await writeFile(join(garden.path, '.git/refs/heads/lost'), `${'1'.repeat(40)}\n`);
    const [status] = await log.once([garden.path]);
    expect(status).toMatchObject({ state: 'failed', reason: 'unreadable' });
    expect(status?.message).toContain('refs/heads/lost');
    expect(await log.shas()).toEqual([sha]);
  });

  test('an event store that is away: nothing is counted, it is tried again, and then all is there', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const shas = await garden.commits([{ at: spring }, { at: spring, author: lee }]);
    const flaky = new FlakyStore();
    log.store = flaky;
    const states: string[] = [];
    const healed = Promise.withResolvers<void>();
    const collector = log.open([garden.path], {
      onStatus: ([status]) => {
        states.push(`${status?.state} ${status?.reason}`);
        if (status?.state === 'watching') healed.resolve();
      },
    });
    await collector.ready;
    expect(collector.status()).toMatchObject([{ state: 'failed', reason: 'store-unavailable' }]);
    await healed.promise;
    expect((await log.shas()).sort()).toEqual([...shas].sort());
    expect(flaky.refused).toBe(flaky.refusals);
    expect(states).toContain('failed store-unavailable');
  });
});

/** Refuses its first appends: one for the repository, one in the midst of members and commits each. */
class FlakyStore extends MemoryEventStore {
  refused = 0;
  readonly refusals = 3;
  #appends = 0;
  override async append(...call: Parameters<MemoryEventStore['append']>) {
    const { StoreUnavailable } = await import('../../server/event-store/event-store.ts');
    this.#appends += 1;
    if (this.refused < this.refusals && [1, 3, 6].includes(this.#appends)) {
      this.refused += 1;
      throw new StoreUnavailable('The disk is full.');
    }
    return super.append(...call);
  }
}

describe('reading on request', () => {
  test('never happens twice at once: a second request joins the first', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commit({ at: spring });
    const collector = log.open([garden.path]);
    const first = collector.collectNow();
    expect(collector.collectNow()).toBe(first);
    const [status] = await first;
    expect(status).toMatchObject({ state: 'watching', done: 1 });
    const sha = await garden.commit({ at: spring });
    await collector.collectNow();
    expect(await log.shas()).toContain(sha);
  });

  test('tells how far it is: what is done never exceeds what there is', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commits(Array.from({ length: 5_000 }, () => ({ at: spring })));
    const seen: { state: string; done: number; total: number }[] = [];
    let clock = Date.now();
    await log.once([garden.path], {
      onStatus: ([status]) => seen.push({ state: status!.state, done: status!.done, total: status!.total }),
      now: () => (clock += 200),
    });
    const reading = seen.filter(({ state }) => state === 'reading');
    expect(new Set(reading.map(({ done }) => done))).toEqual(new Set([0, 4_000, 5_000]));
    for (const { done, total } of seen) expect(done).toBeLessThanOrEqual(total);
    expect(seen.at(-1)).toEqual({ state: 'watching', done: 5_000, total: 5_000 });
  });

  test('ends when the collector is closed, and what was acknowledged stands', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commits(Array.from({ length: 9_000 }, () => ({ at: spring })));
    const collector = log.open([garden.path], {
      onStatus: ([status]) => {
        if (status!.done > 0) void collector.close();
      },
      now: (() => {
        let clock = Date.now();
        return () => (clock += 200);
      })(),
    });
    await collector.ready;
    await collector.close();
    const some = await log.shas();
    expect(some.length).toBeGreaterThan(0);
    expect(some.length).toBeLessThan(9_000);
    await log.once([garden.path]);
    const all = await log.shas();
    expect(all).toHaveLength(9_000);
    expect(new Set(all).size).toBe(9_000);
  });
});
