import { expect, test, vi } from 'vitest';
import { createGitHubCollector } from '../../server/collect/github/collector.ts';
import type { Collected } from '../../server/collect/github/people.ts';

const MANY = 200;
const everybody = Array.from({ length: MANY }, (_, index): Collected => ({
  ...{ memberId: `member-${index}`, login: `member-${index}`, accountId: null, seasons: [] },
}));

function collectorOf(people: () => readonly Collected[], failed: readonly string[] = []) {
  const read = vi.fn<(memberId: string) => void>();
  const nothing = () => undefined;
  const collector = createGitHubCollector({
    people,
    failed: () => failed,
    collect({ memberId }) {
      read(memberId);
      return Promise.resolve({ status: 'completed', observed: 0 });
    },
    ...{
      readersOf: () => Promise.resolve([]),
      now: Date.now,
      retries: false,
      stop: new AbortController(),
    },
    ...{ onProgress: nothing, onTrouble: nothing },
    ...{ onEverybody: () => Promise.resolve(), onClosed: () => Promise.resolve() },
  });
  return { collector, read };
}

test('who there is, is asked once for all who are to be read soon: it is a question for each member', async () => {
  const people = vi.fn(() => everybody);
  const { collector, read } = collectorOf(people);
  collector.soon([...everybody.map(({ memberId }) => memberId), 'nobody']);
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(MANY));
  expect(people).toHaveBeenCalledTimes(1);
  await collector.close();
});

test('who there is, is asked once for all pushes of a moment, too', async () => {
  const people = vi.fn(() => everybody);
  const { collector, read } = collectorOf(people);
  for (const [githubId, { login }] of everybody.entries()) collector.pushed({ githubId, fullName: `${login}/garden` });
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(MANY), { timeout: 5_000 });
  expect(people).toHaveBeenCalledTimes(1);
  await collector.close();
});

test('those are read again who failed in an earlier process, too', async () => {
  const { collector, read } = collectorOf(() => everybody, ['member-7', 'somebody erased']);
  expect(await collector.retryFailed()).toMatchObject({ members: 1 });
  expect(read.mock.calls).toEqual([['member-7']]);
  await collector.close();
});
