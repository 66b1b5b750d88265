import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ReadModelsBehind, Waiting, type WaitOptions } from '../../server/read-models/waiting.ts';
import { settled } from '../../server/settled.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Read models that fold a log from its start, and how one lets them get there. */
function behind() {
  const waiting = new Waiting();
  let done = false;
  const waitFor = (_position: bigint, options: WaitOptions = {}) => waiting.until(() => done, options);
  const arrive = () => {
    done = true;
    waiting.look();
  };
  const keeper = { waitFor: () => Promise.resolve() };
  return { parts: { store: { head: () => Promise.resolve(7n) }, keeper, readModels: { waitFor } }, arrive };
}

test('the read models of a large log are waited for', async () => {
  const { parts, arrive } = behind();
  const waited = settled(parts);
  await vi.advanceTimersByTimeAsync(300_000);
  arrive();
  await expect(waited).resolves.toBeUndefined();
});

test('but not for ever', async () => {
  const { parts } = behind();
  const waited = expect(settled(parts)).rejects.toThrow(ReadModelsBehind);
  await vi.advanceTimersByTimeAsync(600_000);
  await waited;
});

test('an empty log is settled', async () => {
  const { parts } = behind();
  await settled({ ...parts, store: { head: () => Promise.resolve(null) } });
});
