import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCursors } from '../../server/collect/github/cursors.ts';
import type { EventStore } from '../../server/event-store/event-store.ts';
import { GitHubCollecting } from '../support/github-collecting.ts';
import { byChance, primaryLimit, secondaryLimit, type Fault } from '../support/github/faults.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';

let rig: GitHubCollecting;
beforeEach(async () => {
  rig = await GitHubCollecting.start({ timeoutMs: 1_000 });
});
afterEach(() => rig[Symbol.asyncDispose]());

const day = (number: number) => new Date(Date.UTC(2025, 2, 11, 12) + number * 86_400_000).toISOString();

describe('what cannot be read to the end is never said to be read', () => {
  const inAnHour = Math.floor(Date.now() / 1000) + 3_600;
  test.each<[string, Fault, string]>([
    ['the hour’s requests are used up', primaryLimit(inAnHour), 'rate-limited'],
    ['there were too many at once', secondaryLimit(60), 'rate-limited'],
    ['GitHub is in trouble', { status: 500 }, 'unavailable'],
    ['a proxy answers', { status: 502, body: () => '<html>' }, 'unavailable'],
    ['the answer breaks off', { cutAfter: 30 }, 'unavailable'],
    ['the answer is cut', { body: (text) => text.slice(0, -20) }, 'unavailable'],
    ['the answer is something else', { body: () => '{"message":"ok"}' }, 'unavailable'],
    ['no answer comes', { unanswered: true }, 'unavailable'],
    ['it is forbidden', { status: 403 }, 'refused'],
    ['the token has ended', { status: 401 }, 'token-revoked'],
  ])('when %s', async (_what, fault, reason) => {
    for (const path of ['/user/repos', '/user', '/branches', '/commits']) {
      await using each = await GitHubCollecting.start({ timeoutMs: fault.unanswered ? 300 : 2_000 });
      each.join('kim');
      const garden = each.repository('kim', 'garden');
      for (let count = 0; count < 120; count += 1) each.commit(garden, 'kim', day(count % 20));
      let struck = 0;
      // The last page of it, where there are several.
      each.github.faults.choose = (request) => {
        const isIt = request.path.endsWith(path) && (path !== '/commits' || request.query.get('page') === '2');
        struck += isIt ? 1 : 0;
        return isIt ? fault : null;
      };
      expect(await each.collect()).toMatchObject({ members: 1, failed: 1 });
      expect(struck).toBeGreaterThan(0);
      expect(await each.endings('kim')).toEqual([`failed ${reason}`]);
      expect(await each.commitsOf('kim')).toEqual([]);
      each.github.faults.choose = () => null;
      if (reason === 'token-revoked') each.tokens.set('kim', each.github.tokenFor('kim', ['repo']));
      each.clock += 3_700_000;
      expect(await each.collect()).toMatchObject({ failed: 0 });
      expect(await each.commitsOf('kim')).toHaveLength(120);
      expect(await each.endings('kim')).toEqual([`failed ${reason}`, `completed ${each.at}`]);
      expect(each.troubles).toEqual([]);
    }
  });

  test('and what was read beside it need not be read again', async () => {
    rig.join('kim');
    for (const name of ['good', 'bad'])
      rig.commit(rig.repository('kim', name), 'kim', name === 'bad' ? day(2) : day(1));
    rig.github.faults.choose = ({ path }) => (path.endsWith('/bad/branches') ? { status: 500 } : null);
    expect(await rig.collect()).toMatchObject({ failed: 1, observed: 1 });
    rig.github.faults.choose = () => null;
    const asked = await rig.asked(() => rig.collect());
    expect(asked).not.toContain('/repos/kim/good/branches');
    expect(await rig.commitsOf('kim')).toHaveLength(2);
  });

  test('nor is a push forgotten whose branches could not be listed once', async () => {
    rig.join('kim');
    const garden = rig.repository('kim', 'garden');
    rig.commit(garden, 'kim', day(1));
    await rig.collect();
    rig.commit(garden, 'kim', day(2));
    rig.github.faults.next({ status: 500 }, '/branches');
    rig.clock += 60_000;
    expect(await rig.collect()).toMatchObject({ failed: 1 });
    rig.clock += 60_000;
    expect(await rig.collect()).toMatchObject({ failed: 0, observed: 1 });
  });

  test('one token’s limit stops nobody else’s requests, and is not asked against', async () => {
    rig.join('kim');
    rig.join('lee');
    rig.github.leaveQuota('kim', 0);
    expect(await rig.collect()).toMatchObject({ members: 2, failed: 1 });
    expect(await rig.endings('lee')).toEqual([`completed ${rig.at}`]);
    const asked = await rig.asked(() => rig.collect());
    expect(asked).toEqual(['/user/repos']);
  });

  test('a limit that is soon over is waited for, once', async () => {
    rig.join('kim');
    rig.commit(rig.repository('kim', 'garden'), 'kim', day(1));
    rig.github.faults.next(secondaryLimit(1), '/branches');
    const began = performance.now();
    expect(await rig.collect()).toMatchObject({ failed: 0, observed: 1 });
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  test('a failure names no repository', async () => {
    rig.join('kim');
    const secret = rig.repository('kim', 'the-secret-garden', { private: true });
    rig.commit(secret, 'kim', day(1));
    await rig.connect('kim', secret);
    for (const fault of [{ status: 500 }, { status: 403 }, { cutAfter: 3 }, { body: () => '[{"commit":5}]' }]) {
      rig.github.faults.choose = ({ path }) => (path.endsWith('/branches') ? fault : null);
      await rig.collect();
    }
    expect(JSON.stringify(await rig.events('collection-')) + rig.troubles.join()).not.toContain('secret');
  });
});

test('in a thousand collections with every fault nobody is said to be read who was not, and all is read in the end', async () => {
  const MEMBERS = 50;
  for (let member = 0; member < MEMBERS; member += 1) {
    const login = `m${member}`;
    rig.join(login);
    for (const name of ['one', 'two']) rig.repository(login, name);
  }
  const repositories = [...rig.people].flatMap(({ login }) => [login ?? '']);
  const written = new Map<string, string[]>();
  const garden = new Map(
    repositories.map((login) => [login, rig.github.addRepository({ owner: login, name: 'garden' })]),
  );
  rig.github.faults.choose = byChance(20_250_310, 0.2);
  for (let round = 0; round < 20; round += 1) {
    // Somebody writes between any two readings.
    for (const [login, repository] of garden)
      if ((round + login.length) % 3 > 0) {
        rig.commit(repository, login, day(round));
        written.set(login, [...(written.get(login) ?? []), day(round)]);
      }
    rig.clock += 3_700_000;
    await rig.collect();
    await expectTruth(round);
  }
  rig.github.faults.choose = () => null;
  rig.clock += 3_700_000;
  expect(await rig.collect()).toMatchObject({ members: MEMBERS, failed: 0 });
  for (const login of repositories) expect(await rig.commitsOf(login)).toHaveLength(written.get(login)?.length ?? 0);
  const failures = (await rig.events('collection-')).filter(({ type }) => type === 'CollectionFailed');
  expect(failures.length).toBeGreaterThan(MEMBERS);

  /** Whoever was just said to be read has everything in the log that they had written. */
  async function expectTruth(round: number) {
    for (const login of repositories) {
      const last = (await rig.endings(login)).at(-1);
      if (last !== `completed ${rig.at}` || written.get(login) === undefined) continue;
      expect([round, login, await rig.commitsOf(login)]).toEqual([
        round,
        login,
        (written.get(login) ?? []).map((at) => at.replace('.000Z', 'Z')),
      ]);
    }
  }
}, 300_000);

describe('a process that dies', () => {
  /** Everything the store is asked, counted; from the n-th call on it is dead. */
  const dyingAfter = (store: EventStore, calls: number) => {
    let left = calls;
    return new Proxy(store, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        return (...parameters: unknown[]) => {
          if (property === 'append' || property === 'readStream' || property === 'readAll' || property === 'head') {
            left -= 1;
            if (left < 0) throw new Error('The process is dead.');
          }
          return Reflect.apply(value, target, parameters) as unknown;
        };
      },
    });
  };

  test('between any two things it does loses nothing and says nothing twice', async () => {
    rig.join('kim');
    const one = rig.repository('kim', 'one');
    rig.commit(one, 'kim', day(1));
    rig.commit(one, 'kim', day(40));
    const fork = rig.repository('kim', 'fork');
    fork.branches.set('main', one.branches.get('main') ?? []);
    fork.pushedAt = one.pushedAt;
    const alive = rig.store;
    let deaths = 0;
    for (let calls = 1; deaths < 100; calls += 1) {
      rig.store = dyingAfter(alive, calls);
      const died = await rig.collect().then(
        ({ failed }) => failed > 0,
        () => true,
      );
      await rig.stop();
      if (!died) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(5);
    rig.store = alive;
    rig.clock += 60_000;
    await rig.collect();
    expect((await rig.events('commits-')).map(({ type }) => type).toSorted()).toEqual([
      'CommitAlsoObserved',
      'CommitAlsoObserved',
      'CommitObserved',
      'CommitObserved',
    ]);
    expect((await rig.endings('kim')).length).toBeGreaterThan(0);
  });
});

describe('what is remembered beside the log', () => {
  const directory = mkdtempSync(join(tmpdir(), 'almanac-cursors-'));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('is forgotten with another log, or one that was set back', async () => {
    rig.join('kim');
    rig.commit(rig.repository('kim', 'garden'), 'kim', day(1));
    await rig.collect();
    await rig.stop();
    rig.store = new MemoryEventStore();
    await rig.collect();
    expect(await rig.commitsOf('kim')).toHaveLength(1);
  });

  test('is forgotten with a log in which something else happened', async () => {
    rig.join('kim');
    rig.commit(rig.repository('kim', 'garden'), 'kim', day(1));
    await rig.collect();
    await rig.stop();
    rig.store = new MemoryEventStore();
    const at = '2025-03-20T00:00:00Z';
    // Where the last event stood when it was written stands another one.
    await rig.say('commits-kim-2025-03', {
      type: 'CommitObserved',
      data: {
        ...{ memberId: 'kim', repositoryId: 'another', sha: 'a'.repeat(40), authoredAt: at, authorOffset: 0 },
        ...{ committedAt: at, observedAt: at, message: '' },
      },
    });
    rig.clock += 60_000;
    await rig.collect();
    expect(await rig.commitsOf('kim')).toHaveLength(2);
  });

  test('holds no name', async () => {
    rig.join('kim');
    rig.commit(rig.repository('kim', 'garden-of-names'), 'kim', day(1), { branch: 'branch-of-names' });
    await rig.collect();
    const cursors = await openCursors(join(rig.directory, 'collect-github.sqlite'), rig.store);
    const state = cursors.read('kim');
    expect(state.repositories.size).toBe(1);
    expect(JSON.stringify([state.member, [...state.repositories.values()]])).not.toMatch(/names|garden/);
    cursors.close();
  });
});
