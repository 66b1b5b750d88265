import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AlreadyRunning, openSubscriberState } from '../../server/subscribers/subscriber-state.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'almanac-state-'));
  file = join(folder, 'subscribers.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

/** Larger than a JavaScript number can count. */
const FAR = 9_007_199_254_740_993n;
const checkpoint = { position: FAR, event: { stream: 'job-출석', revision: 7n, id: 'abc' } };
const parked = {
  position: FAR,
  type: 'JobStarted',
  stream: 'job-1',
  revision: 7n,
  reason: 'Error: no',
  attempts: 3,
  parkedAt: 1_741_618_800_000,
};

test('what was stored is there after a restart, exact to the last digit', () => {
  const before = openSubscriberState(file);
  before.saveCheckpoint('keeper', { ...checkpoint, position: 1n });
  before.saveCheckpoint('keeper', checkpoint);
  before.park('keeper', parked);
  before.park('keeper', { ...parked, attempts: 4 });
  before.close();
  const after = openSubscriberState(file);
  expect(after.checkpoint('keeper')).toEqual(checkpoint);
  expect(after.parked('keeper')).toEqual([{ ...parked, id: '9007199254740993', attempts: 4 }]);
  expect(after.parkedCount('keeper')).toBe(1);
  expect(after.unpark('keeper', '9007199254740993')).toBe(true);
  expect(after.unpark('keeper', '9007199254740993')).toBe(false);
  after.close();
});

test('each subscriber has its own', () => {
  const state = openSubscriberState(file);
  state.saveCheckpoint('keeper', checkpoint);
  state.park('keeper', parked);
  expect(state.checkpoint('notion')).toBeNull();
  expect(state.parked('notion')).toEqual([]);
  expect(state.unpark('notion', String(FAR))).toBe(false);
  state.resetCheckpoint('keeper');
  expect(state.checkpoint('keeper')).toBeNull();
  expect(state.parkedCount('keeper')).toBe(1);
  state.close();
});

test('a subscriber is claimed once, until the claim ends', () => {
  const state = openSubscriberState(':memory:');
  const claim = state.claim('keeper');
  expect(() => state.claim('keeper')).toThrow(AlreadyRunning);
  state.claim('notion')[Symbol.dispose]();
  claim[Symbol.dispose]();
  state.claim('keeper');
  state.close();
});

describe('a damaged file', () => {
  test.each([
    ['something else', Buffer.from('this is no database at all, whatever its name says '.repeat(200))],
    ['overwritten from the second page on', null],
  ])('%s is put aside, and an empty one takes its place', async (_what, content) => {
    if (content) await writeFile(file, content);
    else await overwritten();
    const damage: Error[] = [];
    const state = openSubscriberState(file, (error) => damage.push(error));
    expect(state.checkpoint('keeper')).toBeNull();
    state.saveCheckpoint('keeper', checkpoint);
    state.close();
    expect(damage).toHaveLength(1);
    expect(await readdir(folder)).toContain('subscribers.sqlite.damaged');
    const again = openSubscriberState(file);
    expect(again.checkpoint('keeper')).toEqual(checkpoint);
    again.close();
  });

  async function overwritten() {
    const state = openSubscriberState(file);
    for (let index = 0; index < 500; index += 1) state.park('keeper', { ...parked, position: BigInt(index) });
    state.close();
    await writeFile(file, (await readFile(file)).fill(0xa5, 4096));
  }

  test('what cannot be opened for another reason is not put aside', async () => {
    expect(() => openSubscriberState(join(folder, 'nowhere', 'subscribers.sqlite'))).toThrow();
    expect(await readdir(folder)).toEqual([]);
  });
});
