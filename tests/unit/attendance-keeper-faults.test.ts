import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { StoreUnavailable, WrongExpectedRevision, type EventStore } from '../../server/event-store/event-store.ts';
import { commit, joined, KeeperRig, left, merged, opened } from '../support/keeper-rig.ts';
import { storeWith } from '../support/subscriber-rig.ts';

const NIGHT = '2025-03-10T14:59:59Z';
const MIDNIGHT = '2025-03-10T15:00:00Z';

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
