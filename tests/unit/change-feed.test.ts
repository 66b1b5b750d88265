import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChangeFeed, type Change } from '../../server/change-feed.ts';

const GATHER_MS = 100;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Somebody who listens, and what they have been told. */
function reader(feed: ChangeFeed) {
  const told: Change[] = [];
  const leaving = new AbortController();
  const listening = (async () => {
    for await (const change of feed.changes(leaving.signal)) told.push(change);
  })();
  return {
    told,
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await listening;
    },
  };
}

const pass = () => vi.advanceTimersByTimeAsync(GATHER_MS);

describe('the feed of changes', () => {
  test('tells of changes that come in bursts in one message', async () => {
    const feed = new ChangeFeed(GATHER_MS);
    await using listener = reader(feed);
    feed.publish(['commits']);
    feed.publish(['commits', 'status']);
    await pass();
    expect(listener.told.map(({ topics }) => topics)).toEqual([['commits', 'status']]);
  });

  test('does not speak when nothing has changed', async () => {
    const feed = new ChangeFeed(GATHER_MS);
    await using listener = reader(feed);
    feed.publish([]);
    await pass();
    expect(listener.told).toEqual([]);
  });
});
