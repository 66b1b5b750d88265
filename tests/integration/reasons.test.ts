/** "Why was this day not counted?": what the log says of a day, and to whom. */
import { describe, expect, test } from 'vitest';
import { connectionStream } from '../../domain/connection.ts';
import type { Caller } from '../../server/identity/caller.ts';
import { challengeId, HOUR, iso, openRig, say, START, type Rig } from '../support/book-rig.ts';

const as = (memberId: string, role: 'member' | 'admin' = 'member'): Caller => ({
  ...{ kind: 'session', sessionId: 's', memberId, role },
});
const DAY = '2025-03-11';

async function begun(): Promise<Rig> {
  const rig = await openRig();
  await rig.write(
    ...[say.opened(), say.followed(), say.registered('ada'), say.registered('bo')],
    ...[say.joined('ada'), say.joined('bo'), say.registered('out')],
  );
  rig.pass(60 * HOUR);
  return rig;
}
const why = ({ api }: Rig, date = DAY, handle = 'ada') => api.reasons.why({ handle, date });
const read = (rig: Rig) => rig.write(say.read(iso(rig.now)));

describe('a day', () => {
  test('that was read and has no commit says so, and what was read', async () => {
    await using rig = await begun();
    await read(rig);
    expect(await why(rig)).toMatchObject({
      ...{ state: 'absent', because: 'no-commit', counted: 0, commits: [], markedAt: null },
      collection: [{ name: 'garden', covers: true, failure: null }],
      rule: { commitsPerDay: 1, excludedWeekdays: [] },
    });
  });

  test('that is not known says whether nothing was read, something fails, or it is not read yet', async () => {
    await using rig = await begun();
    expect(await why(rig)).toMatchObject({ state: 'unknown', because: 'never-read' });
    await rig.write(say.read(iso(START)));
    expect(await why(rig)).toMatchObject({ because: 'not-read-yet', collection: [{ covers: false }] });
    await rig.write(say.failed(iso(rig.now)));
    expect(await why(rig)).toMatchObject({ because: 'failing', collection: [{ failure: { reason: 'missing' } }] });
  });

  test('that is attended names the commits that count, and one that came late', async () => {
    await using rig = await begun();
    const late = { observedAt: '2025-03-12T09:00:00Z' };
    await rig.write(say.commit('ada', '2025-03-11T03:00:00Z', late), say.marked('ada', DAY));
    const { because, counted, commits, markedAt } = await why(rig);
    expect({ because, counted, markedAt }).toEqual({
      ...{ because: 'enough-commits', counted: 1 },
      markedAt: iso(rig.now).replace('.000Z', 'Z'),
    });
    expect(commits).toMatchObject([
      {
        verdict: 'counts',
        late: true,
        afterSeen: false,
        time: '12:00',
        content: { authorClock: { day: DAY, time: '12:00' } },
      },
    ]);
  });

  test('does not count what its author alone, in another zone, saw written on it', async () => {
    await using rig = await begun();
    // 19:00 on the 11th in New York is 08:00 on the 12th in Seoul.
    await rig.write(say.commit('ada', '2025-03-11T23:00:00Z', { authorOffset: -240 }));
    expect((await why(rig)).commits).toMatchObject([
      { verdict: 'other-day', day: '2025-03-12', content: { authorClock: { day: DAY, time: '19:00', offset: -240 } } },
    ]);
    expect((await why(rig, '2025-03-12')).commits).toMatchObject([{ verdict: 'counts' }]);
  });

  test('does not count what is in no repository that is followed', async () => {
    await using rig = await begun();
    await read(rig);
    await rig.write(
      ...[say.source('elsewhere'), say.commit('ada', '2025-03-11T03:00:00Z', { repositoryId: 'elsewhere' })],
    );
    expect(await why(rig)).toMatchObject({
      ...{ because: 'no-commit', counted: 0, commits: [{ verdict: 'other-repository' }] },
    });
  });

  test('outside of the season, to come, or of somebody who does not take part has its own reason', async () => {
    await using rig = await begun();
    expect(await why(rig, '2025-03-09')).toMatchObject({ state: 'outside', because: 'before-season' });
    expect(await why(rig, '2025-03-30')).toMatchObject({ because: 'after-season' });
    expect(await why(rig, '2025-03-20')).toMatchObject({ because: 'future' });
    expect(await why(rig, DAY, 'out')).toMatchObject({ because: 'not-a-member' });
  });

  test('keeps what a correction replaced, and who did it', async () => {
    await using rig = await begun();
    await rig.write(say.corrected('ada', DAY, 'present', 'absent'), say.corrected('ada', DAY, 'absent', 'present'));
    const { because, state, decisions } = await why(rig);
    expect({ because, state }).toEqual({ because: 'corrected', state: 'absent' });
    expect(decisions.filter(({ kind }) => kind === 'corrected')).toMatchObject([
      { verdict: 'present', previous: 'absent', by: 'local', reason: 'it was seen' },
      { verdict: 'absent', previous: 'present', by: 'local', reason: 'it was seen' },
    ]);
  });

  test('has the commits of somebody under a name they had before', async () => {
    await using rig = await begun();
    await rig.write(say.commit('bo', '2025-03-11T03:00:00Z', { observedAt: '2025-03-12T09:00:00Z' }));
    await rig.write(say.merged('bo', 'ada'));
    expect((await why(rig)).commits).toMatchObject([{ verdict: 'counts', late: true }]);
  });
});

describe('the reason of a decision', () => {
  test.each([
    ['the member', as('ada'), 'it was seen'],
    ['an admin', as('zed', 'admin'), 'it was seen'],
    ['another member', as('bo'), null],
  ])('is for %s: %s', async (_who, caller, reason) => {
    await using rig = await begun();
    await rig.write(say.corrected('ada', DAY, 'present'));
    const { decisions } = await rig.as(caller).reasons.why({ handle: 'ada', date: DAY, challenge: challengeId });
    expect(decisions.at(-1)).toMatchObject({ kind: 'corrected', reason });
  });
});

test('a private commit of somebody else is there, without what it is or where it was written', async () => {
  await using rig = await begun();
  const connected = { memberId: 'ada', repositoryId: 'garden', githubId: 7, name: 'ada/garden', private: true };
  await rig.write(say.commit('ada', '2025-03-11T03:00:00Z'), {
    stream: connectionStream('ada'),
    event: { type: 'RepositoryConnected', data: { ...connected, at: '2025-03-11T00:00:00Z' } },
  });
  const seenBy = async (memberId: string) =>
    (await rig.as(as(memberId)).reasons.why({ handle: 'ada', date: DAY })).commits;
  expect(await seenBy('bo')).toMatchObject([{ content: null, private: true, verdict: 'counts' }]);
  expect(JSON.stringify(await seenBy('bo'))).not.toContain('authorClock');
  expect(await seenBy('ada')).toMatchObject([{ content: { message: 'Water the plants' }, private: true }]);
});
