/** The book as of past moments: what the API answers of then is what it answered then. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../../domain/calendar.ts';
import { connectionStream } from '../../domain/connection.ts';
import { repositoryStream } from '../../domain/repository.ts';
import type { Caller } from '../../server/identity/caller.ts';
import { Past } from '../../server/read-models/as-of.ts';
import { ReadModelUnavailable } from '../../server/read-models/read-model.ts';
import { HOUR, iso, openRig, say, START, today, type Rig, type Saying } from '../support/book-rig.ts';

const zed: Caller = { kind: 'session', memberId: 'zed', sessionId: 's', role: 'member' };

/** Everything the API tells of the book, now or as of a moment. */
async function answers({ api }: Rig, date: string, as_of?: string) {
  const when = as_of === undefined ? {} : { as_of };
  return {
    stats: await api.attendance.stats(when),
    ranking: await api.attendance.ranking(when),
    onDate: await api.attendance.onDate({ date, ...when }),
    statsOfDay: await api.attendance.statsOfDay({ date, ...when }),
    history: await api.attendance.history({ github_id: 'ada', ...when }),
    book: await api.attendance.book(when),
    day: await api.attendance.day({ date, ...when }),
    profile: await api.members.profile({ handle: 'ada', ...when }),
    commits: await api.commits.page({ handle: 'ada', ...when }),
    statistics: await api.statistics.of({ compare: true, period: 'last-7', ...when }),
  };
}

const begin = (rig: Rig) =>
  rig.write(
    ...[say.opened(), say.followed(), say.registered('ada'), say.registered('bo'), say.registered('cy')],
    ...[say.joined('ada'), say.joined('bo')],
  );

type Step = { hours: number; kind: number; member: string; back: number };
const step: fc.Arbitrary<Step> = fc.record({
  hours: fc.integer({ min: 1, max: 40 }),
  kind: fc.integer({ min: 0, max: 9 }),
  member: fc.constantFrom('ada', 'bo'),
  back: fc.integer({ min: 0, max: 3 }),
});

/** What is said at a step: late commits, corrections, excuses, failures and their healing, people who come, go, and turn out to be others. */
function sayings(rig: Rig, { kind, member, back }: Step): Saying[] {
  const day = [addDays(today(rig), -back), '2025-03-10'].toSorted()[1] ?? '2025-03-10';
  const at = iso(Date.parse(`${day}T03:00:00Z`) + (rig.now % HOUR)).replace(/\.\d+Z/, 'Z');
  const kinds = [
    () => [say.commit(member, at), say.marked(member, day)],
    () => [say.commit(member, at), say.marked(member, day), say.read(iso(rig.now))],
    () => [say.corrected(member, day, 'absent')],
    () => [say.corrected(member, day, 'present')],
    () => [say.excused(member, day)],
    () => [say.failed(iso(rig.now))],
    () => [say.read(iso(rig.now))],
    () => [say.left('bo')],
    () => [say.joined('bo'), say.joined('cy')],
    () => [say.merged('cy', 'bo')],
  ];
  return kinds[kind]?.() ?? [];
}

describe('the book as of a moment', () => {
  test('is what the API answered then, whatever was said later', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 7 }), async (steps) => {
        await using rig = await openRig();
        await begin(rig);
        const told: { at: number; date: string; answers: unknown }[] = [];
        for (const one of steps) {
          rig.pass(one.hours * HOUR);
          await rig.write(...sayings(rig, one));
          const date = [today(rig), '2025-03-29'].toSorted()[0] ?? '2025-03-29';
          told.push({ at: rig.now, date, answers: await answers(rig, date) });
        }
        rig.pass(1000 * HOUR);
        for (const { at, date, answers: then } of told.toReversed())
          expect(await answers(rig, date, iso(at))).toEqual(then);
      }),
      { numRuns: 6 },
    );
  });

  test('does not know of what was recorded a millisecond later', async () => {
    await using rig = await openRig();
    await begin(rig);
    await rig.write(say.read(iso(START)));
    rig.pass(30 * HOUR);
    const before = rig.now;
    rig.pass(1);
    await rig.write(say.marked('ada', '2025-03-10'));
    const presentAt = async (at: number) =>
      (await rig.api.attendance.statsOfDay({ date: '2025-03-10', as_of: iso(at) })).present_users;
    expect(await presentAt(before)).toEqual([]);
    expect(await presentAt(before + 1)).toEqual(['ada']);
  });

  test('is that of the season which was shown then, where none is named', async () => {
    await using rig = await openRig();
    await begin(rig);
    rig.pass(48 * HOUR);
    const then = iso(rig.now);
    rig.pass(400 * 24 * HOUR);
    await rig.write(say.opened('next', { kind: 'fixed', start: today(rig), days: 100 }));
    expect((await rig.api.attendance.book({}))?.challenge.id).toBe('next');
    const book = await rig.api.attendance.book({ as_of: then });
    expect(book?.members.map(({ handle }) => handle)).toEqual(['ada', 'bo']);
  });

  test('takes a local time for one of the zone of the challenge', async () => {
    await using rig = await openRig();
    await begin(rig);
    rig.pass(48 * HOUR);
    const book = await rig.api.attendance.book({ as_of: '2025-03-11T23:30' });
    expect(book?.today).toBe('2025-03-11');
  });

  test.each([
    ['a moment to come', '2030-01-01T00:00:00Z', 'BAD_REQUEST'],
    ['a moment before anything was recorded', '2020-01-01T00:00:00Z', 'NOT_FOUND'],
    ['no moment at all', 'yesterday', 'BAD_REQUEST'],
    ['a time that no clock shows', '2025-02-30T12:00', 'BAD_REQUEST'],
  ])('is refused for %s', async (_what, as_of, code) => {
    await using rig = await openRig();
    await begin(rig);
    await expect(rig.api.attendance.ranking({ as_of })).rejects.toMatchObject({ code });
    expect(rig.files()).toEqual([]);
  });
});

describe('somebody erased since', () => {
  test('has no name in the past either, and what they did stays counted', async () => {
    await using rig = await openRig();
    await begin(rig);
    await rig.write(say.read(iso(START)), say.commit('ada', '2025-03-10T00:10:00Z'), say.marked('ada', '2025-03-10'));
    rig.pass(50 * HOUR);
    const then = rig.now;
    expect(JSON.stringify(await rig.api.attendance.book({ as_of: iso(then) }))).toContain('ada the gardener');
    rig.pass(50 * HOUR);
    await rig.write(say.erased('ada', iso(rig.now).replace(/\.\d+Z/, 'Z')));
    // Nothing that was folded before lies about any more.
    expect(rig.files()).toEqual([]);
    const book = await rig.api.attendance.book({ as_of: iso(then) });
    expect(JSON.stringify(book)).not.toContain('ada the gardener');
    expect(book?.totals.present).toBe(1);
    const day = await rig.api.attendance.day({ date: '2025-03-10', as_of: iso(then) });
    expect(JSON.stringify(day)).not.toContain('Water the plants');
  });
});

describe('what has become private since', () => {
  test('is private in the past, too', async () => {
    await using rig = await openRig();
    await begin(rig);
    const found = {
      memberId: 'ada',
      repositoryId: 'garden',
      githubId: 7,
      name: 'ada/garden',
      private: false,
      at: '2025-03-10T00:00:00Z',
    };
    await rig.write(
      { stream: repositoryStream('garden'), event: { type: 'RepositoryDiscovered', data: found } },
      say.commit('ada', '2025-03-10T00:10:00Z'),
      say.marked('ada', '2025-03-10'),
    );
    rig.pass(50 * HOUR);
    const then = iso(rig.now);
    const seen = async () => JSON.stringify(await rig.as(zed).attendance.day({ date: '2025-03-10', as_of: then }));
    expect(await seen()).toContain('Water the plants');
    rig.pass(50 * HOUR);
    await rig.write({
      stream: connectionStream('ada'),
      event: {
        type: 'RepositoryConnected',
        data: {
          memberId: 'ada',
          repositoryId: 'garden',
          githubId: 7,
          name: 'ada/garden',
          private: true,
          at: '2025-03-14T00:00:00Z',
        },
      },
    });
    expect(await seen()).not.toContain('Water the plants');
  });
});

describe('who was erased since cannot be known for a moment', () => {
  test('nothing that was folded before is kept, and whoever tells of the change is not stopped', async () => {
    await using rig = await openRig();
    await begin(rig);
    let isAway = false;
    const withheld = () => {
      if (isAway) throw new ReadModelUnavailable('It is being built anew.');
      return 'nobody';
    };
    await using past = new Past({ ...rig.place, withheld });
    const before = await past.at(START, 'ada');
    isAway = true;
    past.forgetWithheld();
    expect(rig.files()).toEqual([]);
    isAway = false;
    expect(await past.at(START, 'ada')).not.toBe(before);
  });
});

describe('many moments', () => {
  test('are folded once for whoever asks at the same time, and only the last few are kept', async () => {
    await using rig = await openRig({ kept: 2, waiting: 8, foldingMs: 20_000 });
    await begin(rig);
    rig.pass(10 * HOUR);
    const at = (hours: number) => rig.past.at(START + hours * HOUR, 'ada');
    const [one, same] = await Promise.all([at(1), at(1)]);
    expect(same).toBe(one);
    expect(await at(1)).toBe(one);
    await at(2);
    await at(1);
    await at(3);
    expect(rig.files()).toHaveLength(6);
    expect(await at(1)).toBe(one);
    expect(await at(2)).not.toBe(one);
  });

  test('are not all one person’s: who asks for many waits for their own, and others do not', async () => {
    await using rig = await openRig({ kept: 4, waiting: 8, foldingMs: 20_000 });
    await begin(rig);
    rig.pass(HOUR);
    const asked = await Promise.allSettled([0, 1, 2, 3].map((ms) => rig.past.at(START + ms, 'ada')));
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    const [own, another] = [rig.past.at(START + 4, 'ada'), rig.past.at(START + 5, 'ada')];
    await expect(rig.past.at(START + 6, 'bo')).resolves.toMatchObject({ instant: START + 6 });
    await Promise.all([own, another]);
  });

  test('are refused when too many wait, and one that takes too long is given up', async () => {
    await using rig = await openRig({ kept: 2, waiting: 1, foldingMs: 1 });
    await begin(rig);
    const slow = rig.past.at(START, 'ada');
    await expect(rig.past.at(START + 1, 'ada')).rejects.toThrow('Too many');
    await expect(slow).rejects.toThrow('in time');
    expect(rig.files()).toEqual([]);
  });
});
