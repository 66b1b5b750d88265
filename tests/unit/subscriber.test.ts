import { describe, expect, test } from 'vitest';
import { Stopped } from '../../server/subscribers/delivery.ts';
import { pause } from '../../server/backoff.ts';
import { AlreadyRunning } from '../../server/subscribers/subscriber-state.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';
import { storeWith, SubscriberRig, tagOf } from '../support/subscriber-rig.ts';

describe('following the log', () => {
  test('handles what is there, then what comes, each event once and in order', async () => {
    await using rig = new SubscriberRig();
    await rig.append('a', 'b');
    const subscriber = rig.run();
    await subscriber.waitFor(await rig.append('c'));
    await subscriber.waitFor(await rig.append('d', 'e'));
    expect(rig.seen.flat()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('events that came while it was busy are handled together, within the size of a batch', async () => {
    await using rig = new SubscriberRig();
    const [busy, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const subscriber = rig.run({
      batchSize: 3,
      async handle([event]) {
        // Nothing that is still to be handled counts as handled.
        if (event) expect(rig.state.checkpoint('gardener')?.position ?? 0n).toBeLessThan(event.position);
        if (event && tagOf(event) !== 'a') return;
        busy.resolve();
        await free.promise;
      },
    });
    await rig.append('a');
    await busy.promise;
    for (const tag of 'bcdef') await rig.append(tag);
    const last = await rig.append('g');
    free.resolve();
    await subscriber.waitFor(last);
    expect(rig.seen).toEqual([['a'], ['b', 'c', 'd'], ['e', 'f', 'g']]);
  });

  test('other streams and types nobody knows are passed over', async () => {
    await using rig = new SubscriberRig();
    const unknown = { id: crypto.randomUUID(), type: 'LunchEaten', data: {}, metadata: {} };
    await rig.store.append('job-lunch', [unknown], { expectedRevision: 'any' });
    await rig.store.append('meal-lunch', [{ ...unknown, type: 'JobStarted' }], { expectedRevision: 'any' });
    const subscriber = rig.run();
    await subscriber.waitFor(await rig.append('a'));
    expect(rig.seen).toEqual([['a']]);
    expect(subscriber.status()).toMatchObject({ parked: 0, lastError: null });
  });
});

describe('the checkpoint', () => {
  test('is stored after the effect, and the next run goes on from it', async () => {
    await using rig = new SubscriberRig();
    const first = await rig.append('a');
    const atEffect: unknown[] = [];
    const handle = async () => void atEffect.push(rig.state.checkpoint('gardener')?.position);
    const before = rig.run({ handle });
    await before.waitFor(first);
    const second = await rig.append('b');
    await before.waitFor(second);
    expect(atEffect).toEqual([undefined, first]);
    rig.end();
    await before.stopped;
    expect(rig.state.checkpoint('gardener')?.position).toBe(second);
    const after = rig.run();
    await after.waitFor(await rig.append('c'));
    expect(rig.seen).toEqual([['a'], ['b'], ['c']]);
  });

  test('an effect whose checkpoint was not stored happens again', async () => {
    await using rig = new SubscriberRig();
    const position = await rig.append('a');
    const full = { ...rig.state, saveCheckpoint: () => fail('disk full') };
    const before = rig.run({ state: full, handle: async () => rig.end() });
    await before.stopped;
    expect(rig.state.checkpoint('gardener')).toBeNull();
    await rig.run().waitFor(position);
    expect(rig.seen).toEqual([['a'], ['a']]);
  });

  test('waits for a full disk to heal: nothing is lost and nothing parked', async () => {
    await using rig = new SubscriberRig();
    let failures = 6;
    const saveCheckpoint: typeof rig.state.saveCheckpoint = (...given) =>
      (failures -= 1) >= 0 ? fail('disk full') : rig.state.saveCheckpoint(...given);
    const subscriber = rig.run({ state: { ...rig.state, saveCheckpoint } });
    await subscriber.waitFor(await rig.append('a'));
    expect(rig.seen).toEqual([['a']]);
    expect(rig.waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(subscriber.status()).toMatchObject({ parked: 0, lastError: null });
  });

  test('of another log is not taken for one of this: it is read from its start', async () => {
    await using rig = new SubscriberRig();
    for (const tag of 'abc') await rig.append(tag);
    const before = rig.run();
    await before.waitFor(await rig.append('d'));
    rig.end();
    await before.stopped;
    const other = new MemoryEventStore();
    await using restored = new SubscriberRig(other, rig.state);
    for (const tag of 'vwxy') await restored.append(tag, tag);
    const after = restored.run();
    await after.waitFor(await restored.append('z'));
    expect(restored.seen.flat()).toEqual(['v', 'v', 'w', 'w', 'x', 'x', 'y', 'y', 'z']);
    expect(restored.log.lines).toContainEqual({
      level: 'warn',
      message: 'The checkpoint belongs to another log: reading this one from its start',
    });
  });

  test('what must be known of the past is read up to the checkpoint, before anything is handled', async () => {
    await using rig = new SubscriberRig();
    const prepared: unknown[] = [];
    const prepare = async (through: bigint | null) => void prepared.push(through, rig.seen.length);
    const position = await rig.append('a');
    const before = rig.run({ prepare });
    await before.waitFor(position);
    rig.end();
    await before.stopped;
    await rig.run({ prepare }).waitFor(await rig.append('b'));
    expect(prepared).toEqual([null, 0, position, 1]);
  });
});

describe('its status', () => {
  test('goes from catching up to live to stopped', async () => {
    await using rig = new SubscriberRig();
    const position = await rig.append('a');
    const states: string[] = [];
    const subscriber = rig.run({ handle: async () => void states.push(subscriber.status().state) });
    expect(subscriber.status()).toEqual({
      name: 'gardener',
      position: null,
      state: 'catching-up',
      parked: 0,
      lastError: null,
    });
    await subscriber.waitFor(position);
    await subscriber.waitFor(await rig.append('b'));
    expect(states).toEqual(['catching-up', 'live']);
    expect(subscriber.status()).toMatchObject({ state: 'live', lastError: null });
    rig.end();
    await subscriber.stopped;
    expect(subscriber.status()).toMatchObject({ state: 'stopped' });
  });

  test('is live on an empty log, and moves past events of others', async () => {
    await using rig = new SubscriberRig();
    const subscriber = rig.run();
    const event = { id: crypto.randomUUID(), type: 'LunchEaten', data: {}, metadata: {} };
    const { position } = await rig.store.append('meal-lunch', [event], { expectedRevision: 'any' });
    await expect.poll(() => subscriber.status()).toMatchObject({ state: 'live', position });
  });
});

describe('waiting for a position', () => {
  test('ends also where the store tells nothing of events the filter leaves out', async () => {
    const quiet = new MemoryEventStore();
    await using rig = new SubscriberRig(
      storeWith(quiet, {
        async *subscribeToAll(options) {
          for await (const message of quiet.subscribeToAll(options)) if (message.kind !== 'checkpoint') yield message;
        },
      }),
    );
    const subscriber = rig.run();
    await subscriber.waitFor(await rig.append('a'));
    const event = { id: crypto.randomUUID(), type: 'LunchEaten', data: {}, metadata: {} };
    const { position } = await rig.store.append('meal-lunch', [event], { expectedRevision: 'any' });
    await subscriber.waitFor(position);
    expect(rig.seen).toEqual([['a']]);
  });

  test('does not end before the events up to it are handled', async () => {
    await using rig = new SubscriberRig();
    const [busy, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const subscriber = rig.run({
      async handle() {
        busy.resolve();
        await free.promise;
      },
    });
    const position = await rig.append('a');
    await busy.promise;
    let waited = false;
    const waiting = subscriber.waitFor(position).then(() => (waited = true));
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    expect(waited).toBe(false);
    free.resolve();
    await waiting;
  });

  test('fails when the subscriber ends before', async () => {
    await using rig = new SubscriberRig();
    const position = await rig.append('a');
    const busy = Promise.withResolvers<void>();
    const subscriber = rig.run({
      async handle(_events, signal) {
        busy.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        signal.throwIfAborted();
      },
    });
    await busy.promise;
    const waiting = expect(subscriber.waitFor(position)).rejects.toThrow(Stopped);
    rig.end();
    await waiting;
    await expect(subscriber.waitFor(position)).rejects.toThrow(Stopped);
  });
});

describe('ending', () => {
  test('waits for the effect that is under way and keeps its checkpoint', async () => {
    await using rig = new SubscriberRig();
    const position = await rig.append('a');
    const subscriber = rig.run({
      async handle() {
        rig.end();
        await new Promise(setImmediate);
      },
    });
    await subscriber.stopped;
    expect(rig.seen).toEqual([['a']]);
    expect(rig.state.checkpoint('gardener')?.position).toBe(position);
  });

  test.each([1, 3])(
    'an effect that gives up because of it is neither retried nor parked (%i attempts)',
    async (attempts) => {
      await using rig = new SubscriberRig();
      await rig.append('a');
      const subscriber = rig.run({
        retry: { attempts, firstDelayMs: 1, longestDelayMs: 1 },
        async handle(_events, signal) {
          rig.end();
          signal.throwIfAborted();
        },
      });
      await subscriber.stopped;
      expect(rig.waits).toEqual([]);
      expect(subscriber.parked.list()).toEqual([]);
      expect(rig.state.checkpoint('gardener')).toBeNull();
    },
  );

  test('does not wait for the next attempt', async () => {
    await using rig = new SubscriberRig();
    await rig.append('a');
    const failing = Promise.withResolvers<void>();
    const anHour = 3_600_000;
    const subscriber = rig.run({
      retry: { attempts: 3, firstDelayMs: anHour, longestDelayMs: anHour },
      wait: pause,
      async handle() {
        setImmediate(failing.resolve);
        fail('not now');
      },
    });
    await failing.promise;
    rig.end();
    await subscriber.stopped;
    expect(subscriber.parked.list()).toEqual([]);
  });

  test('a signal that came before lets nothing happen', async () => {
    await using rig = new SubscriberRig();
    await rig.append('a');
    await rig.run({ signal: AbortSignal.abort() }).stopped;
    expect(rig.seen).toEqual([]);
  });
});

test('it runs once in a process', async () => {
  await using rig = new SubscriberRig();
  const subscriber = rig.run();
  expect(() => rig.run()).toThrow(AlreadyRunning);
  rig.run({ name: 'another' });
  rig.end();
  await subscriber.stopped;
});

test('a subscription that breaks is taken up again where it broke', async () => {
  const store = new MemoryEventStore();
  let breaks = 3;
  await using rig = new SubscriberRig(
    storeWith(store, {
      async *subscribeToAll(options) {
        for await (const message of store.subscribeToAll(options)) {
          yield message;
          if (message.kind === 'events' && (breaks -= 1) >= 0) fail('connection lost');
        }
      },
    }),
  );
  await rig.append(...Array.from({ length: 450 }, (_, index) => String(index)));
  const subscriber = rig.run();
  await subscriber.waitFor(await rig.append('last'));
  expect(rig.seen.flat()).toEqual([...Array.from({ length: 450 }, (_, index) => String(index)), 'last']);
  expect(subscriber.status()).toMatchObject({ state: 'live', lastError: null });
});

function fail(message: string): never {
  throw new Error(message);
}
