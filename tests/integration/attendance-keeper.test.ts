import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSubscriberState } from '../../server/subscribers/subscriber-state.ts';
import { commit, fixed, joined, KeeperRig, merged, opened, rolling, ruleChanged } from '../support/keeper-rig.ts';
import { storeKinds, type LogOfKind } from '../support/store-kinds.ts';

const openRig = async (log: LogOfKind) =>
  new KeeperRig(await log.reopen(), openSubscriberState(join(log.directory, 'keeper.sqlite')));
/** Noon in Seoul on days of March 2025, each of a member of its own. */
const noons = (members: number, days: number) =>
  Array.from({ length: members * days }, (_, index) => {
    const day = String(1 + Math.floor(index / members)).padStart(2, '0');
    return commit(`member${index % members}`, `2025-03-${day}T03:00:00Z`, `commit ${index}`);
  });

describe.each(storeKinds)('the attendance keeper on %s', (_kind, open) => {
  test('keeps the book over restarts, whatever came while it was away', async () => {
    await using log = await open();
    {
      await using rig = await openRig(log);
      await rig.happens(opened('c'), opened('f', fixed, { commitsPerDay: 2 }), joined('f', 'ada'));
      await rig.happens(commit('ada', '2025-02-28T16:00:00Z'), commit('adele', '2025-03-10T14:59:59Z'));
      expect(await rig.marks()).toEqual([]);
    }
    {
      await using rig = await openRig(log);
      await rig.write(joined('c', 'ada'), commit('ada', '2025-03-10T15:00:00Z'));
      await rig.settle();
      expect(await rig.marks()).toEqual(['c ada 2025-03-01', 'c ada 2025-03-11']);
    }
    await using rig = await openRig(log);
    await rig.write(
      merged('adele', 'ada'),
      commit('ada', '2025-03-10T03:00:00Z'),
      ruleChanged('c', { excusedDays: 3 }),
    );
    const keeper = await rig.settle();
    expect(await rig.marks()).toEqual(['c ada 2025-03-01', 'c ada 2025-03-10', 'c ada 2025-03-11', 'f ada 2025-03-10']);
    expect(keeper.status()).toMatchObject({ parked: 0, lastError: null });
  });

  test('marks everybody’s days at once', async () => {
    await using log = await open();
    await using rig = await openRig(log);
    await rig.write(opened('c', rolling));
    for (let member = 0; member < 20; member += 1) await rig.write(joined('c', `member${member}`));
    await Promise.all(noons(20, 10).map((one) => rig.write(one)));
    await rig.settle();
    expect(await rig.marks()).toHaveLength(200);
    expect(new Set(await rig.marks()).size).toBe(200);
  });
});
