import { expect, test } from 'vitest';
import { ReadModelsBehind } from '../../server/read-models/waiting.ts';
import { GitHubCollecting } from '../support/github-collecting.ts';

const DAY = '2025-03-10T12:00:00Z';

test('a member is not said to be read before the days are marked that their commits attend', async () => {
  const seen: string[][] = [];
  await using rig = await GitHubCollecting.start({
    marked: async () => {
      seen.push(await rig.commitsOf('kim'), await rig.endings('kim'));
    },
  });
  rig.join('kim');
  rig.commit(rig.repository('kim', 'garden'), 'kim', DAY);
  expect(await rig.collect()).toMatchObject({ failed: 0, observed: 1 });
  expect(seen).toEqual([[expect.any(String)], []]);
  expect(await rig.endings('kim')).toEqual([`completed ${rig.at}`]);
});

test('nor at all where they cannot be marked', async () => {
  let isBehind = true;
  await using rig = await GitHubCollecting.start({
    marked: () => (isBehind ? Promise.reject(new ReadModelsBehind('behind')) : Promise.resolve()),
  });
  rig.join('kim');
  rig.commit(rig.repository('kim', 'garden'), 'kim', DAY);
  expect(await rig.collect()).toMatchObject({ failed: 1, observed: 1 });
  expect(await rig.endings('kim')).toEqual(['failed unreadable']);
  isBehind = false;
  rig.clock += 3_600_000;
  expect(await rig.collect()).toMatchObject({ failed: 0, observed: 0 });
  expect(await rig.endings('kim')).toEqual(['failed unreadable', `completed ${rig.at}`]);
});
