import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../server/event-store/event-store.ts';
import { inParallel } from '../../server/in-parallel.ts';
import { Turns } from '../../server/subscribers/turns.ts';

const signal = new AbortController().signal;
const outage = (failure: unknown) => failure instanceof StoreUnavailable;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('work in parallel', () => {
  test('is done on every item, so many at a time and no more', async () => {
    const done = new Set<number>();
    let [underWay, most] = [0, 0];
    await inParallel(
      numbers(50),
      async (item) => {
        most = Math.max(most, (underWay += 1));
        await turn();
        underWay -= 1;
        done.add(item);
      },
      { most: 7, stopAt: outage, signal },
    );
    expect(done.size).toBe(50);
    expect(most).toBe(7);
  });

  test('is done on the others when one fails, and then says so', async () => {
    const done: number[] = [];
    const working = inParallel(
      numbers(10),
      async (item) => {
        if (item === 3 || item === 5) throw new Error(`no ${item}`);
        done.push(item);
      },
      { most: 2, stopAt: outage, signal },
    );
    await expect(working).rejects.toThrow('no 3');
    expect(done).toHaveLength(8);
  });

  test('is not begun any more when the store is away, which counts for more than other failures', async () => {
    const begun: number[] = [];
    const working = inParallel(
      numbers(10),
      async (item) => {
        begun.push(item);
        if (item === 1) throw new Error('no');
        if (item === 3) throw new StoreUnavailable('away');
      },
      { most: 1, stopAt: outage, signal },
    );
    await expect(working).rejects.toThrow(StoreUnavailable);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  test('ends with its signal, and does not pass for done', async () => {
    const abort = new AbortController();
    const begun: number[] = [];
    const working = inParallel(
      numbers(10),
      async (item) => {
        begun.push(item);
        if (item === 2) abort.abort(new Error('the end'));
      },
      { most: 1, stopAt: outage, signal: abort.signal },
    );
    await expect(working).rejects.toThrow('the end');
    expect(begun).toEqual([0, 1, 2]);
  });
});

test('long work that waits for nothing lets others have their turns, however many share it', async () => {
  const turns = new Turns();
  let working = true;
  let others = 0;
  const other = async () => {
    while (working) {
      await turn();
      others += 1;
    }
  };
  const busy = async () => {
    for (const until = performance.now() + 100; performance.now() < until;) await turns.pass();
  };
  const bystander = other();
  await Promise.all(numbers(20).map(busy));
  working = false;
  await bystander;
  expect(others).toBeGreaterThan(8);
});
