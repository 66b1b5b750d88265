import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '../../domain/event.ts';
import { eventRegistry } from '../../domain/event-registry.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { StoreUnavailable } from '../../server/event-store/event-store.ts';
import { NotParked } from '../../server/subscribers/parked-events.ts';
import type { SubscriberOptions } from '../../server/subscribers/subscriber.ts';
import { SubscriberRig, tagOf } from '../support/subscriber-rig.ts';

const tags = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

/** Fails whenever one of the batch is among `bad`. */
const failingFor = (bad: ReadonlySet<string>, error: () => Error = () => new Error('page not found')) =>
  (async (events) => {
    if (events.some((event) => bad.has(tagOf(event)))) throw error();
  }) satisfies SubscriberOptions['handle'];

/** Fails the first few times with these errors. */
const failingWith = (...errors: Error[]): SubscriberOptions['handle'] => {
  return async () => {
    const error = errors.shift();
    if (error) throw error;
  };
};

describe('retrying', () => {
  test('waits longer each time and then succeeds', async () => {
    await using rig = new SubscriberRig();
    const handle = failingWith(...tags(1, 5).map((tag) => new Error(tag)));
    const retry = { attempts: 6, firstDelayMs: 100, longestDelayMs: 500 };
    const subscriber = rig.run({ handle, retry });
    await subscriber.waitFor(await rig.append('a'));
    expect(rig.waits).toEqual([100, 200, 400, 500, 500]);
    expect(rig.seen).toEqual([['a']]);
    expect(subscriber.status()).toMatchObject({ parked: 0, lastError: null });
  });

  test('has full jitter', async () => {
    await using rig = new SubscriberRig();
    const random = [0, 0.5, 0.25];
    const handle = failingWith(...tags(1, 3).map((tag) => new Error(tag)));
    const retry = { attempts: 9, firstDelayMs: 100, longestDelayMs: 10_000 };
    const subscriber = rig.run({ handle, retry, random: () => random.shift() ?? 1 });
    await subscriber.waitFor(await rig.append('a'));
    expect(rig.waits).toEqual([0, 100, 100]);
  });

  test('obeys Retry-After, however long', async () => {
    await using rig = new SubscriberRig();
    const limited = Object.assign(new Error('429'), { retryAfterMs: 90_000 });
    const subscriber = rig.run({ handle: failingWith(limited) });
    await subscriber.waitFor(await rig.append('a'));
    expect(rig.waits).toEqual([90_000]);
  });

  test('obeys Retry-After also before it takes a batch apart', async () => {
    await using rig = new SubscriberRig();
    const limited = () => Object.assign(new Error('429'), { retryAfterMs: 90_000 });
    const subscriber = rig.run({ handle: failingFor(new Set(['b']), limited) });
    await subscriber.waitFor(await rig.append('b', 'c'));
    // Three times the pair, three times the one at fault: each failure is waited out.
    expect(rig.waits).toEqual(new Array<number>(6).fill(90_000));
    expect(rig.seen).toEqual([['c']]);
  });

  test('says so while it lasts', async () => {
    await using rig = new SubscriberRig();
    const states: unknown[] = [];
    const subscriber = rig.run({
      handle: failingWith(new Error('page not found')),
      wait: async () => void states.push(subscriber.status()),
    });
    await subscriber.waitFor(await rig.append('a'));
    expect(states).toEqual([expect.objectContaining({ state: 'retrying', lastError: 'Error: page not found' })]);
    expect(subscriber.status().lastError).toBeNull();
  });
});

describe('an event that fails for good', () => {
  test('alone of its batch is parked, with the reason; all others are handled, in their order', async () => {
    await using rig = new SubscriberRig();
    const position = await rig.append(...tags(1, 100));
    const subscriber = rig.run({ handle: failingFor(new Set(['42'])) });
    await subscriber.waitFor(position);
    expect(rig.seen.flat()).toEqual(tags(1, 100).filter((tag) => tag !== '42'));
    expect(subscriber.parked.list()).toEqual([
      {
        id: '420',
        position: 420n,
        type: 'JobStarted',
        stream: 'job-1',
        revision: 41n,
        reason: 'Error: page not found',
        attempts: 3,
        parkedAt: rig.now,
      },
    ]);
    expect(subscriber.status()).toMatchObject({ position, parked: 1, lastError: null });
    expect(rig.state.checkpoint('gardener')?.position).toBe(position);
  });

  test('does so wherever it stands, and several do', async () => {
    for (const bad of [['1'], ['9'], ['1', '9'], ['4', '5'], ['1', '3', '5', '7', '9'], tags(1, 9)]) {
      await using rig = new SubscriberRig();
      const position = await rig.append(...tags(1, 9));
      const subscriber = rig.run({ handle: failingFor(new Set(bad)) });
      await subscriber.waitFor(position);
      expect(rig.seen.flat()).toEqual(tags(1, 9).filter((tag) => !bad.includes(tag)));
      expect(subscriber.parked.list().map(({ revision }) => String(revision + 1n))).toEqual(bad);
      await subscriber.waitFor(await rig.append('later'));
      expect(rig.seen.at(-1)).toEqual(['later']);
    }
  });

  test('does not make the process do again what was done before it', async () => {
    await using rig = new SubscriberRig();
    const position = await rig.append(...tags(1, 8));
    const handle: SubscriberOptions['handle'] = async (events) => {
      if (events[0] && tagOf(events[0]) === '5') rig.end();
      await failingFor(new Set(['8']))(events);
    };
    await rig.run({ handle }).stopped;
    expect(rig.seen).toEqual([tags(1, 4)]);
    await rig.run().waitFor(position);
    expect(rig.seen).toEqual([tags(1, 4), tags(5, 8)]);
  });

  test('also when it cannot even be read', async () => {
    await using rig = new SubscriberRig();
    const JobStarted = defineEvent(z.object({ by: z.string() }), {
      upcasts: [(data) => (data['by'] === 'b' ? fail('no such person') : data)],
    });
    const codec = createCodec(undefined, { ...eventRegistry, JobStarted });
    const subscriber = rig.run({ codec });
    await subscriber.waitFor(await rig.append('a', 'b', 'c'));
    expect(rig.seen).toEqual([['a', 'c']]);
    expect(subscriber.parked.list()).toMatchObject([{ revision: 1n, reason: 'Error: no such person', attempts: 1 }]);
  });

  test('keeps no credentials in its reason', async () => {
    await using rig = new SubscriberRig();
    const error = () => new Error('GET https://kim:hunter2@example.org/ failed');
    const subscriber = rig.run({ handle: failingFor(new Set(['a']), error) });
    await subscriber.waitFor(await rig.append('a'));
    expect(subscriber.parked.list()[0]?.reason).not.toContain('hunter2');
  });

  test('is parked once, though the process died before it could go on', async () => {
    await using rig = new SubscriberRig();
    const position = await rig.append('a');
    const handle = failingFor(new Set(['a']));
    const dying = { ...rig.state, saveCheckpoint: () => (rig.end(), fail('killed')) };
    await rig.run({ handle, state: dying }).stopped;
    const subscriber = rig.run({ handle });
    await subscriber.waitFor(position);
    expect(subscriber.parked.list()).toHaveLength(1);
  });
});

describe('an outage of the store', () => {
  test('parks nothing and is waited out, however long', async () => {
    await using rig = new SubscriberRig();
    const outage = Array.from({ length: 50 }, () => new StoreUnavailable('The disk is full.'));
    const states = new Set<string>();
    const subscriber = rig.run({
      handle: failingWith(...outage),
      wait: async () => void states.add(JSON.stringify(subscriber.status().lastError) + subscriber.status().state),
    });
    await subscriber.waitFor(await rig.append('a', 'b'));
    expect(rig.seen).toEqual([['a', 'b']]);
    expect([...states]).toEqual(['"StoreUnavailable: The disk is full."retrying']);
    expect(subscriber.status()).toMatchObject({ parked: 0, lastError: null });
  });

  test('in the middle of an event that fails does not use up its attempts', async () => {
    await using rig = new SubscriberRig();
    const away = () => new StoreUnavailable('away');
    const handle = failingWith(new Error('1'), away(), away(), away(), new Error('2'), away(), away());
    const subscriber = rig.run({ handle });
    await subscriber.waitFor(await rig.append('a'));
    expect(rig.seen).toEqual([['a']]);
    expect(subscriber.status().parked).toBe(0);
  });
});

describe('parked events', () => {
  const parkingRig = async (bad: Set<string>) => {
    const rig = new SubscriberRig();
    const position = await rig.append(...tags(1, 5));
    const subscriber = rig.run({ handle: failingFor(bad) });
    await subscriber.waitFor(position);
    rig.seen.length = 0;
    return { rig, subscriber, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
  };

  test('are handled again when asked, and leave the list when that succeeds', async () => {
    const bad = new Set(['2', '4', '5']);
    await using parking = await parkingRig(bad);
    const { rig, subscriber } = parking;
    expect(subscriber.parked.list().map(({ id }) => id)).toEqual(['20', '40', '50']);
    bad.delete('4');
    expect(await subscriber.parked.replay('40')).toEqual({ replayed: ['40'], failed: [] });
    bad.delete('5');
    rig.now += 1_000;
    expect(await subscriber.parked.replay('all')).toEqual({
      replayed: ['50'],
      failed: [{ id: '20', reason: 'Error: page not found' }],
    });
    expect(rig.seen).toEqual([['4'], ['5']]);
    expect(subscriber.parked.list()).toMatchObject([{ id: '20', attempts: 4, parkedAt: rig.now }]);
    expect(subscriber.status().parked).toBe(1);
  });

  test('are given up when asked', async () => {
    await using parking = await parkingRig(new Set(['2', '4']));
    const { rig, subscriber } = parking;
    subscriber.parked.discard('20');
    expect(subscriber.parked.list().map(({ id }) => id)).toEqual(['40']);
    expect(rig.seen).toEqual([]);
  });

  test.each(['30', 'all of them', '', '-1', '99999999999999999999'])('"%s" is none of them', async (id) => {
    await using parking = await parkingRig(new Set(['2']));
    const { parked } = parking.subscriber;
    await expect(parked.replay(id)).rejects.toThrow(NotParked);
    expect(() => parked.discard(id)).toThrow(NotParked);
    expect(parked.list()).toHaveLength(1);
  });

  test('that the log no longer shows stay, with that reason', async () => {
    await using parking = await parkingRig(new Set(['2']));
    const { rig, subscriber } = parking;
    await rig.store.deleteStream('job-1');
    expect(await subscriber.parked.replay('all')).toMatchObject({ replayed: [], failed: [{ id: '20' }] });
    expect(subscriber.parked.list()).toHaveLength(1);
  });

  test('of a log that was exchanged for another are not taken for its events', async () => {
    await using parking = await parkingRig(new Set(['2']));
    const { rig, subscriber } = parking;
    rig.end();
    await subscriber.stopped;
    await using restored = new SubscriberRig(undefined, rig.state);
    await restored.append('one event more');
    await restored.append(...tags(1, 5));
    const stream = 'job-1';
    rig.state.park('gardener', { ...subscriber.parked.list()[0]!, stream, revision: 0n });
    expect(await restored.run({ name: 'gardener' }).parked.replay('20')).toMatchObject({ failed: [{ id: '20' }] });
  });

  test('are never handled at the same time as anything else', async () => {
    await using rig = new SubscriberRig();
    const bad = new Set(['1']);
    let [underWay, most] = [0, 0];
    const subscriber = rig.run({
      async handle(events) {
        most = Math.max(most, (underWay += 1));
        await new Promise(setImmediate);
        underWay -= 1;
        await failingFor(bad)(events);
      },
    });
    await subscriber.waitFor(await rig.append('1'));
    bad.clear();
    const replays = [subscriber.parked.replay('all'), subscriber.parked.replay('all')];
    const positions = [await rig.append('2'), await rig.append('3')];
    await Promise.all([...replays, ...positions.map((position) => subscriber.waitFor(position))]);
    expect(most).toBe(1);
  });

  test('survive a restart', async () => {
    await using parking = await parkingRig(new Set(['2']));
    const { rig, subscriber } = parking;
    rig.end();
    await subscriber.stopped;
    const again = rig.run();
    expect(await again.parked.replay('all')).toEqual({ replayed: ['20'], failed: [] });
    expect(rig.seen).toEqual([['2']]);
  });
});

function fail(message: string): never {
  throw new Error(message);
}
