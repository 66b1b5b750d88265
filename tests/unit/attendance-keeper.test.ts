import { describe, expect, test } from 'vitest';
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
  revised,
  rolling,
  ruleChanged,
  shaOf,
} from '../support/keeper-rig.ts';

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

describe('a season that is moved', () => {
  const days = (start: string): typeof fixed => ({ kind: 'fixed', start, days: 2 });

  test('has the days of commits that came before it was, also when the keeper was away', async () => {
    await using rig = new KeeperRig();
    await rig.happens(
      opened('c', days('2025-03-12')),
      joined('c', 'ada'),
      commit('ada', NIGHT),
      commit('ada', MIDNIGHT),
    );
    expect(await rig.marks()).toEqual([]);
    await rig.happens(revised('c', days('2025-03-11')));
    expect(await rig.marks()).toEqual(['c ada 2025-03-11']);
    await rig.stop();
    await rig.write(revised('c', days('2025-03-10')), revised('c', days('2025-04-10')));
    await rig.settle();
    expect(await rig.marks()).toEqual(['c ada 2025-03-10', 'c ada 2025-03-11']);
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
