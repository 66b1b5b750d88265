import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSubscriberState } from '../../server/subscribers/subscriber-state.ts';
import { storeKinds } from '../support/store-kinds.ts';
import { SubscriberRig, tagOf } from '../support/subscriber-rig.ts';

const tags = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
const lunch = () => ({ id: crypto.randomUUID(), type: 'LunchEaten', data: {}, metadata: {} });

describe.each(storeKinds)('a subscriber on %s', (_kind, open) => {
  test('goes on over restarts, and what it parked can be replayed', async () => {
    await using log = await open();
    const file = join(log.directory, 'subscribers.sqlite');
    {
      await using rig = new SubscriberRig(await log.reopen(), openSubscriberState(file));
      for (let at = 0; at < 1_500; at += 100) await rig.append(...tags(at + 1, at + 100));
      const subscriber = rig.run({
        batchSize: 400,
        async handle(events) {
          if (events.some((event) => tagOf(event) === '777')) throw new Error('page not found');
        },
      });
      await subscriber.waitFor(await rig.append('1501'));
      expect(rig.seen.flat()).toEqual(tags(1, 1_501).filter((tag) => tag !== '777'));
      expect(subscriber.parked.list()).toMatchObject([{ stream: 'job-8', revision: 76n, attempts: 3 }]);
      rig.end();
      await subscriber.stopped;
      rig.state.close();
    }
    await using rig = new SubscriberRig(await log.reopen(), openSubscriberState(file));
    const subscriber = rig.run();
    const { position } = await rig.store.append('job-again', [await aJob(rig, 'after')], { expectedRevision: 'any' });
    await subscriber.waitFor(position);
    expect(rig.seen).toEqual([['after']]);
    expect(await subscriber.parked.replay('all')).toMatchObject({ replayed: [expect.any(String)], failed: [] });
    expect(rig.seen.at(-1)).toEqual(['777']);
    expect(rig.log.lines).toEqual([]);
    rig.end();
    await subscriber.stopped;
    rig.state.close();
  });

  test('can be waited for at any position, its own or that of others', async () => {
    await using log = await open();
    await using rig = new SubscriberRig(await log.reopen());
    const subscriber = rig.run();
    for (let round = 0; round < 20; round += 1) {
      const own = await rig.append(String(round));
      const { position: others } = await rig.store.append('meal-lunch', [lunch()], { expectedRevision: 'any' });
      await subscriber.waitFor(round % 2 === 0 ? others : own);
      expect(rig.seen.flat().at(-1)).toBe(String(round));
    }
    expect(subscriber.status().state).not.toBe('retrying');
  });
});

/** An event of the same kind as the rig writes. */
async function aJob(rig: SubscriberRig, by: string) {
  const data = { name: 'job', slot: 'again', at: '2025-03-10T15:00:00Z', by };
  return rig.codec.encode({ type: 'JobStarted', data }, crypto.randomUUID());
}
