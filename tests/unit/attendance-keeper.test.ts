import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { StoreUnavailable, WrongExpectedRevision, type EventStore } from '../../server/event-store/event-store.ts';
import {
  alsoIn,
  closed,
  commit,
  fixed,
  followed,
  joined,
  KeeperRig,
  left,
  merged,
  opened,
  rolling,
  ruleChanged,
  shaOf,
} from '../support/keeper-rig.ts';
import { storeWith } from '../support/subscriber-rig.ts';

const NIGHT = '2025-03-10T14:59:59Z';
const MIDNIGHT = '2025-03-10T15:00:00Z';

describe('a commit', () => {
  test('marks the local day it was written on, and is its evidence', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'ada'), commit('ada', NIGHT, 'night'), commit('ada', MIDNIGHT));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'c ada 2025-03-11']);
    expect((await rig.attendance())[0]).toMatchObject({
      stream: 'attendance-c-ada-2025',
      data: { day: '2025-03-10', evidence: shaOf('night') },
    });
  });

  test('marks a day once, however many follow', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'ada'), commit('ada', NIGHT, 'first'));
    await rig.happens(commit('ada', '2025-03-10T01:00:00Z', 'earlier'), commit('ada', '2025-03-10T02:00:00Z'));
    expect(await rig.attendance()).toMatchObject([{ data: { evidence: shaOf('first') } }]);
  });

  test('of somebody who has not joined marks nothing', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'ada'), commit('bo', NIGHT));
    expect(await rig.marks()).toEqual([]);
  });

  test('counts in every challenge its author has joined, in the zone of each', async () => {
    await using rig = new KeeperRig();
    const inNewYork = opened('n');
    if (inNewYork.event.type === 'ChallengeOpened')
      Object.assign(inNewYork.event.data, { timeZone: 'America/New_York' });
    await rig.happens(opened('c'), inNewYork, joined('c', 'ada'), joined('n', 'ada'), commit('ada', MIDNIGHT));
    expect(await rig.marks()).toEqual(['c ada 2025-03-11', 'n ada 2025-03-10']);
  });

  test('outside a fixed season marks nothing, on its first and last day it does', async () => {
    await using rig = new KeeperRig();
    const days = ['2025-03-09T14:59:59Z', '2025-03-09T15:00:00Z', '2025-06-17T14:59:59Z', '2025-06-17T15:00:00Z'];
    await rig.happens(opened('c', fixed), joined('c', 'ada'), ...days.map((at) => commit('ada', at)));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'c ada 2025-06-17']);
    expect(new Set((await rig.attendance()).map(({ stream }) => stream))).toEqual(new Set(['attendance-c-ada']));
  });

  test('of 2099 marks nothing, one of 1970 does, and each year has its own stream', async () => {
    await using rig = new KeeperRig();
    const days = ['2099-12-31T12:00:00Z', '1970-01-01T00:00:00Z', '2024-02-29T12:00:00Z', '2024-12-31T15:00:00Z'];
    await rig.happens(opened('c'), joined('c', 'ada'), ...days.map((at) => commit('ada', at)));
    expect((await rig.attendance()).map(({ stream, data }) => `${stream} ${data.day}`).sort()).toEqual([
      'attendance-c-ada-1970 1970-01-01',
      'attendance-c-ada-2024 2024-02-29',
      'attendance-c-ada-2025 2025-01-01',
    ]);
  });

  test('after leaving or closing marks nothing', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), opened('d'), joined('c', 'ada'), joined('d', 'ada'), commit('ada', NIGHT));
    await rig.happens(left('c', 'ada'), closed('d'), commit('ada', MIDNIGHT));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'd ada 2025-03-10']);
  });
});

describe('a challenge that follows repositories', () => {
  test('counts only the commits they hold', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), followed('c', 'garden'), joined('c', 'ada'), commit('ada', NIGHT));
    expect(await rig.marks()).toEqual([]);
    await rig.happens(alsoIn('garden', 'ada', NIGHT));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10']);
  });

  test('counts what a repository held before it was followed', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), followed('c', 'garden'), joined('c', 'ada'), commit('ada', NIGHT));
    await rig.happens(alsoIn('kitchen', 'ada', MIDNIGHT), followed('c', 'kitchen'));
    expect(await rig.marks()).toEqual(['c ada 2025-03-11']);
    await rig.happens(followed('c', 'almanac'));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'c ada 2025-03-11']);
  });

  test('counts a commit in two of them once', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c', rolling, { commitsPerDay: 2 }), followed('c', 'almanac'), followed('c', 'garden'));
    await rig.happens(joined('c', 'ada'), commit('ada', NIGHT), alsoIn('garden', 'ada', NIGHT));
    expect(await rig.marks()).toEqual([]);
    await rig.happens(commit('ada', '2025-03-10T01:00:00Z'));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10']);
  });

  test('counts what was observed before it followed any by what held then, however the log is cut', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'ada'), commit('ada', NIGHT), followed('c', 'garden'));
    await rig.happens(commit('ada', MIDNIGHT));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10']);
  });
});

describe('while the keeper was away', () => {
  test('commits count by what held when they were observed, not by what came after', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), opened('d'), opened('e'), commit('ada', '2025-03-01T03:00:00Z'));
    await rig.stop();
    await rig.write(joined('c', 'ada'), joined('d', 'ada'), joined('e', 'ada'), commit('ada', NIGHT));
    await rig.write(left('c', 'ada'), closed('d'), ruleChanged('e', { commitsPerDay: 2 }), commit('ada', MIDNIGHT));
    await rig.settle();
    const days = (challenge: string) => [`${challenge} ada 2025-03-01`, `${challenge} ada 2025-03-10`];
    expect(await rig.marks()).toEqual([...days('c'), ...days('d'), ...days('e')]);
  });
});

describe('a rule of several commits', () => {
  const at = (hour: number) => `2025-03-10T0${hour}:00:00Z`;

  test('is met with the n-th, whose hash is the evidence', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c', rolling, { commitsPerDay: 3 }), joined('c', 'ada'));
    await rig.happens(commit('ada', at(5)));
    await rig.happens(commit('ada', at(3)));
    expect(await rig.marks()).toEqual([]);
    await rig.happens(commit('ada', at(1)));
    expect(await rig.attendance()).toMatchObject([{ data: { day: '2025-03-10', evidence: shaOf(at(5)) } }]);
  });

  test('counts a local day that lies in two UTC months', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c', rolling, { commitsPerDay: 2 }), joined('c', 'ada'));
    await rig.happens(commit('ada', '2025-03-31T15:00:00Z'));
    await rig.happens(commit('ada', '2025-04-01T14:59:59Z'));
    expect(await rig.marks()).toEqual(['c ada 2025-04-01']);
  });

  test('counts one commit once, though it was observed of two members who are one', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c', rolling, { commitsPerDay: 2 }), joined('c', 'ada'), merged('adele', 'ada'));
    await rig.happens(commit('ada', at(1), 'same'), commit('adele', at(1), 'same'));
    expect(await rig.marks()).toEqual([]);
    await rig.happens(commit('adele', at(2), 'other'));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10']);
  });

  test('that becomes easier marks the days it makes; a harder one takes none away', async () => {
    await using rig = new KeeperRig();
    const hard = opened('c', rolling, { commitsPerDay: 2 });
    await rig.happens(hard, joined('c', 'ada'), commit('ada', at(1)), commit('ada', '2025-03-11T01:00:00Z'));
    await rig.happens(commit('ada', at(2)));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10']);
    await rig.happens(ruleChanged('c', { commitsPerDay: 1 }));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'c ada 2025-03-11']);
    await rig.happens(ruleChanged('c', { commitsPerDay: 9 }));
    expect(await rig.marks()).toHaveLength(2);
  });
});

describe('looking back', () => {
  const twoYears = [commit('ada', '2024-02-29T03:00:00Z'), commit('ada', NIGHT), commit('ada', '2025-06-01T03:00:00Z')];

  test('who joins late has all earlier days of the season', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), opened('f', fixed), ...twoYears);
    await rig.happens(joined('c', 'ada'), joined('f', 'ada'));
    expect(await rig.marks()).toEqual([
      'c ada 2024-02-29',
      'c ada 2025-03-10',
      'c ada 2025-06-01',
      'f ada 2025-03-10',
      'f ada 2025-06-01',
    ]);
  });

  test.each([
    ['rolling', rolling, ['c ada 2024-02-29', 'c ada 2025-03-10', 'c ada 2025-06-01']],
    ['fixed', fixed, ['c ada 2025-03-10', 'c ada 2025-06-01']],
  ])('also at commits of before the keeper was started: %s', async (_kind, season, expected) => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c', season), ...twoYears);
    await rig.stop();
    await rig.happens(joined('c', 'ada'));
    expect(await rig.marks()).toEqual(expected);
  });

  test('a rule of several commits counts those of before the keeper was started', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c', rolling, { commitsPerDay: 2 }), joined('c', 'ada'), commit('ada', NIGHT));
    await rig.stop();
    await rig.happens(commit('ada', '2025-03-10T01:00:00Z'));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10']);
  });

  test('who turns out to be another brings their commits along, through any number of steps', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'ada'), commit('adele', NIGHT), commit('adel', '2025-03-12T03:00:00Z'));
    await rig.happens(merged('adele', 'adel'));
    expect(await rig.marks()).toEqual([]);
    await rig.happens(merged('adel', 'ada'));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'c ada 2025-03-12']);
    await rig.happens(commit('adele', '2025-03-13T03:00:00Z'));
    expect(await rig.marks()).toContain('c ada 2025-03-13');
  });

  test('a membership goes along too', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'adele'), commit('ada', NIGHT), merged('adele', 'ada'));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10']);
  });

  test('mergers in a circle stop nothing', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'ada'), joined('c', 'bo'), merged('ada', 'bo'), merged('bo', 'ada'));
    const keeper = await rig.settle();
    await rig.happens(joined('c', 'cy'), commit('cy', NIGHT));
    expect(await rig.marks()).toContain('c cy 2025-03-10');
    expect(keeper.status().parked).toBe(0);
  });
});

describe('an organiser’s verdict', () => {
  test('stays against every later commit', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'ada'));
    await rig.correct('c', 'ada', '2025-03-10', 'absent');
    await rig.happens(commit('ada', NIGHT));
    expect(await rig.marks()).toEqual([]);
  });

  test('of absent stays also when the member turns out to be another', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'ada'), joined('c', 'adele'), commit('adele', NIGHT));
    await rig.correct('c', 'adele', '2025-03-10', 'absent');
    await rig.happens(commit('adele', MIDNIGHT), merged('adele', 'ada'));
    const ofAda = (await rig.marks()).filter((mark) => mark.startsWith('c ada'));
    expect(ofAda).toEqual(['c ada 2025-03-11']);
  });
});

describe('doing it again', () => {
  const story = [opened('c'), joined('c', 'ada'), commit('ada', NIGHT), commit('ada', MIDNIGHT)];

  test('a keeper that lost its checkpoint says nothing new', async () => {
    await using rig = new KeeperRig();
    await rig.happens(...story);
    const before = await rig.attendance();
    await rig.stop();
    rig.state.resetCheckpoint('attendance-keeper');
    await rig.settle();
    expect(await rig.attendance()).toEqual(before);
  });

  test('a batch whose checkpoint was not stored is the same append', async () => {
    await using rig = new KeeperRig();
    await rig.write(...story);
    let appends = 0;
    const forgetful: EventStore = storeWith(rig.store, {
      async append(...given) {
        const result = await rig.store.append(...given);
        if ((appends += 1) === 1) throw new StoreUnavailable('The answer was lost.');
        return result;
      },
    });
    rig.start(forgetful);
    await rig.settle();
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'c ada 2025-03-11']);
  });

  test('another keeper may have been faster', async () => {
    await using rig = new KeeperRig();
    await using other = new KeeperRig(rig.store);
    await rig.write(...story);
    await Promise.all([rig.settle(), other.settle()]);
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'c ada 2025-03-11']);
    await other.stop();
  });
});

describe('when something is wrong', () => {
  test('an outage is waited out and nothing is parked', async () => {
    await using rig = new KeeperRig();
    let failures = 20;
    rig.start(
      storeWith(rig.store, {
        append: (...given) =>
          (failures -= 1) >= 0 ? Promise.reject(new StoreUnavailable('The disk is full.')) : rig.store.append(...given),
      }),
    );
    await rig.happens(opened('c'), joined('c', 'ada'), commit('ada', NIGHT));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10']);
    expect((await rig.settle()).status()).toMatchObject({ parked: 0, lastError: null });
  });

  test('what cannot be marked is parked alone: other members and other challenges go on', async () => {
    await using rig = new KeeperRig();
    let broken = true;
    const store = storeWith(rig.store, {
      append: (stream, ...given) =>
        broken && stream.startsWith('attendance-c-ada')
          ? Promise.reject(new WrongExpectedRevision(stream, 'any', 7n))
          : rig.store.append(stream, ...given),
    });
    await rig.write(opened('c'), opened('d'), joined('c', 'ada'), joined('d', 'ada'), joined('c', 'bo'));
    await rig.write(commit('ada', NIGHT), commit('bo', NIGHT), commit('bo', MIDNIGHT));
    const keeper = rig.start(store);
    await rig.settle();
    expect(await rig.marks()).toEqual(['c bo 2025-03-10', 'c bo 2025-03-11', 'd ada 2025-03-10']);
    expect(keeper.parked.list()).toMatchObject([{ type: 'CommitObserved', stream: 'commits-ada-2025-03' }]);
    broken = false;
    expect(await keeper.parked.replay('all')).toMatchObject({ failed: [] });
    expect(await rig.marks()).toContain('c ada 2025-03-10');
  });

  test('an event nobody can read is parked, and keeps nobody from being marked after a restart either', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), joined('c', 'ada'));
    const unreadable = { id: randomUUID(), type: 'MemberJoined', data: null as never, metadata: { version: 1 } };
    await rig.store.append('challenge-c', [unreadable], { expectedRevision: 'any' });
    await rig.happens(commit('ada', NIGHT));
    expect((await rig.settle()).parked.list()).toMatchObject([{ type: 'MemberJoined' }]);
    await rig.stop();
    rig.start();
    await rig.happens(commit('ada', MIDNIGHT));
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'c ada 2025-03-11']);
    expect((await rig.settle()).status().lastError).toBeNull();
  });

  test('a joining that is replayed after the member has left brings nobody back', async () => {
    await using rig = new KeeperRig();
    await rig.happens(opened('c'), commit('ada', NIGHT));
    await rig.stop();
    let broken = true;
    const store = storeWith(rig.store, {
      append: (...given) => (broken ? Promise.reject(new Error('no')) : rig.store.append(...given)),
    });
    await rig.write(joined('c', 'ada'));
    const keeper = rig.start(store);
    await rig.settle();
    await rig.happens(left('c', 'ada'));
    broken = false;
    expect(await keeper.parked.replay('all')).toMatchObject({ replayed: [expect.any(String)], failed: [] });
    await rig.happens(commit('ada', MIDNIGHT));
    expect(await rig.marks()).toEqual([]);
  });
});
