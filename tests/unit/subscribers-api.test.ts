import { describe, expect, test } from 'vitest';
import { subscribersRouter } from '../../server/api/subscribers.ts';
import { NOBODY, OPERATOR } from '../../server/identity/caller.ts';
import type { Subscriber } from '../../server/subscribers/subscriber.ts';
import { SubscriberRig, tagOf } from '../support/subscriber-rig.ts';
import { toyServices } from '../support/toy-api.ts';

/** A subscriber that has parked the events that go by these tags, until `mended` is told so. */
async function parking(...bad: string[]) {
  const rig = new SubscriberRig();
  const failing = new Set(bad);
  const subscriber = rig.run({
    handle: (events) =>
      events.some((event) => failing.has(tagOf(event)))
        ? Promise.reject(new Error('page not found'))
        : Promise.resolve(),
  });
  await rig.append('good');
  let last = 0n;
  for (const tag of bad) last = await rig.append(tag);
  await subscriber.waitFor(last);
  return { rig, subscriber, mended: (tag: string) => failing.delete(tag) };
}

const callerOf = (subscribers: Record<string, Subscriber>, operator = true) =>
  subscribersRouter.createCaller({
    services: toyServices({
      parking: new Map(Object.entries(subscribers).map(([name, { parked }]) => [name, parked])),
    }),
    requestId: 'a-request',
    caller: operator ? OPERATOR : NOBODY,
  });

describe('parked events', () => {
  test('are listed with why and when', async () => {
    const { rig, subscriber } = await parking('ill');
    await using _rig = rig;
    expect(await callerOf({ gardener: subscriber }).parked()).toEqual([
      {
        subscriber: 'gardener',
        position: expect.stringMatching(/^\d+$/) as string,
        type: 'JobStarted',
        stream: 'job-2',
        revision: '0',
        reason: 'Error: page not found',
        attempts: 3,
        parkedAt: '2025-03-10T15:00:00.000Z',
      },
    ]);
  });

  test('are replayed, all or one; what fails again stays', async () => {
    const { rig, subscriber, mended } = await parking('ill', 'worse');
    await using _rig = rig;
    const caller = callerOf({ gardener: subscriber });
    const [ill, worse] = await caller.parked();
    expect(await caller.replay({ position: ill?.position ?? '' })).toMatchObject({ replayed: [], failed: [ill] });
    mended('ill');
    expect(await caller.replay({})).toMatchObject({ replayed: [{ stream: ill?.stream }], failed: [worse] });
    expect(await caller.parked()).toMatchObject([{ position: worse?.position, attempts: 4 }]);
    expect(rig.seen.flat()).toEqual(['good', 'ill']);
  });

  test('are discarded one by one, and it is told which', async () => {
    const { rig, subscriber } = await parking('ill', 'worse');
    await using _rig = rig;
    const caller = callerOf({ gardener: subscriber });
    const [ill, worse] = await caller.parked();
    expect(await caller.discard({ position: ill?.position ?? '' })).toEqual(ill);
    expect(await caller.parked()).toEqual([worse]);
  });

  test('of two subscribers are not discarded by mistake', async () => {
    const { rig, subscriber } = await parking('ill');
    await using _rig = rig;
    const other = rig.run({ name: 'other', handle: () => Promise.reject(new Error('no')) });
    const caller = callerOf({ gardener: subscriber, other });
    await other.waitFor((await rig.store.head()) ?? 0n);
    const [ill] = await caller.parked();
    const { position = '' } = ill ?? {};
    await expect(caller.discard({ position })).rejects.toThrow(`Parked at ${position} by gardener and other`);
    expect(await caller.discard({ position, subscriber: 'gardener' })).toEqual(ill);
  });

  test.each([
    [{ position: '999' }, 'No parked event is at position 999.'],
    [{ position: 'first' }, 'expected a position'],
    [{ position: '1', subscriber: 'nobody' }, 'There is no subscriber "nobody"; there are gardener.'],
  ])('%j is refused', async (input, message) => {
    const { rig, subscriber } = await parking('ill');
    await using _rig = rig;
    const caller = callerOf({ gardener: subscriber });
    await expect(caller.discard(input)).rejects.toThrow(message);
    await expect(caller.replay(input)).rejects.toThrow(message);
  });

  test('are for the operator alone', async () => {
    const { rig, subscriber } = await parking();
    await using _rig = rig;
    const caller = callerOf({ gardener: subscriber }, false);
    for (const call of [caller.parked(), caller.replay({}), caller.discard({ position: '1' })])
      await expect(call).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});
