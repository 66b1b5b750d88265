import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChangeFeed, type Change } from '../../server/change-feed.ts';

const GATHER_MS = 100;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Somebody who listens, and what they have been told. */
function reader(feed: ChangeFeed, after?: string) {
  const told: Change[] = [];
  const leaving = new AbortController();
  const listening = (async () => {
    for await (const change of feed.changes(leaving.signal, after)) told.push(change);
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
    const before = feed.moment;
    feed.publish([]);
    await pass();
    expect(listener.told).toEqual([]);
    expect(feed.moment).toBe(before);
  });

  test('tells whoever names the present moment what comes after it, and nothing else', async () => {
    const feed = new ChangeFeed(GATHER_MS);
    feed.publish(['members']);
    await pass();
    await using listener = reader(feed, feed.moment);
    await pass();
    expect(listener.told).toEqual([]);
    feed.publish(['status']);
    await pass();
    expect(listener.told).toEqual([{ id: feed.moment, topics: ['status'] }]);
  });

  test('has whoever names a moment that is past, or of another run, load everything again', async () => {
    const feed = new ChangeFeed(GATHER_MS);
    const past = feed.moment;
    feed.publish(['commits']);
    await pass();
    await using late = reader(feed, past);
    await using foreign = reader(feed, new ChangeFeed().moment);
    await pass();
    for (const { told } of [late, foreign]) {
      expect(told).toHaveLength(1);
      expect(told[0]?.topics).toEqual(expect.arrayContaining(['attendance', 'commits', 'events', 'members', 'status']));
    }
  });
});
