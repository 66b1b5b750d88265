import { describe, expect, test } from 'vitest';
import { everyDay } from '../../domain/challenge.ts';
import { dailyRates, overallRate } from '../../server/api/book.ts';
import { attendanceBook } from '../../projections/attendance-book.ts';
import { findChallenge, participantIds, readBook } from '../../projections/attendance-book-queries.ts';
import type { ReadModel } from '../../projections/projection.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const challengeId = 'hundred';
const NOW = Date.parse('2025-03-12T03:00:00Z') / 1000;
const opened = {
  type: 'ChallengeOpened',
  data: {
    challengeId,
    title: 'hundred',
    timeZone: 'Asia/Seoul',
    season: { kind: 'fixed', start: '2025-03-10', days: 3 },
    rule: everyDay,
  },
} satisfies GivenEvent;
const followed = (repositoryId: string): GivenEvent => ({
  type: 'RepositoryFollowed',
  data: { challengeId, repositoryId },
});
const registered = (memberId: string): GivenEvent => ({
  type: 'MemberRegistered',
  data: { memberId, handle: memberId, name: memberId, bot: false },
});
const joined = (memberId: string): GivenEvent => ({ type: 'MemberJoined', data: { challengeId, memberId } });
const left = (memberId: string): GivenEvent => ({ type: 'MemberLeft', data: { challengeId, memberId } });
const merged = (memberId: string, into: string): GivenEvent => ({ type: 'MemberMerged', data: { memberId, into } });
const marked = (memberId: string, day: string): GivenEvent => ({
  type: 'AttendanceMarked',
  data: { challengeId, memberId, day, evidence: 'a'.repeat(40) },
});
const read = (repositoryId: string, through: string): GivenEvent => ({
  type: 'CollectionCompleted',
  data: { source: 'local-git', sourceId: repositoryId, through, observed: 0 },
});

/** `ada paa`: who is in the book, and a letter for the state of each day. */
function lines(model: ReadModel): string[] {
  const challenge = findChallenge(model, challengeId, NOW);
  if (!challenge) throw new Error('There is no such challenge.');
  const { members } = readBook(model, challenge);
  return members.map(({ handle, states }) => `${handle} ${states.map((state) => state.charAt(0)).join('')}`);
}

describe('the attendance book', () => {
  const base = [opened, followed('garden'), registered('ada'), registered('bo'), registered('cy')];

  test('has those who are in the challenge, with what they were marked for', () => {
    const book = projectionSpec(attendanceBook)
      .given([...base, joined('ada'), joined('bo'), joined('cy'), left('cy'), read('garden', '2025-03-12T02:00:00Z')])
      .when([marked('ada', '2025-03-10'), marked('ada', '2025-03-12')], { numberOfTimes: 2 });
    expect(book.query(lines)).toEqual(['ada pap', 'bo aan']);
  });

  test('knows everybody in it as who they are now', () => {
    const book = projectionSpec(attendanceBook).given([...base, joined('ada'), joined('bo'), joined('cy'), left('cy')]);
    const ids = (model: ReadModel) => participantIds(model, challengeId).toSorted();
    expect(book.query(ids)).toEqual(['ada', 'bo']);
    expect(book.when([merged('ada', 'cy')]).query(ids)).toEqual(['bo', 'cy']);
  });

  test('keeps somebody merged where they are when the log says again that they were registered', () => {
    const book = projectionSpec(attendanceBook).given([...base, joined('ada'), joined('bo'), merged('ada', 'bo')]);
    expect(book.when([registered('ada')]).query(lines)).toEqual(['bo uun']);
  });

  test('has a person once who turned out to be several members, also when only another of them joined', () => {
    const book = projectionSpec(attendanceBook).given([...base, joined('ada'), joined('bo'), joined('cy')]);
    expect(book.when([merged('ada', 'bo')]).query(lines)).toEqual(['bo uun', 'cy uun']);
    const only = projectionSpec(attendanceBook).given([...base, joined('ada')]);
    expect(only.when([merged('ada', 'bo'), merged('bo', 'cy')]).query(lines)).toEqual(['cy uun']);
  });

  test('keeps everybody when mergers go round in a circle', () => {
    const book = projectionSpec(attendanceBook).given([...base, joined('ada')]);
    expect(book.when([merged('ada', 'bo'), merged('bo', 'ada')]).query(lines)).toEqual(['ada uun']);
  });

  test('counts somebody erased until the day before, under a name that says nothing', () => {
    const erased: GivenEvent = {
      type: 'MemberErased',
      // The 12th in Seoul.
      data: { memberId: 'ada', identityIds: [], by: 'local', at: '2025-03-11T15:30:00Z' },
    };
    const book = projectionSpec(attendanceBook)
      .given([...base, joined('ada'), joined('bo'), read('garden', '2025-03-12T02:00:00Z')])
      .when([marked('ada', '2025-03-10'), marked('ada', '2025-03-12'), erased], { numberOfTimes: 2 });
    expect(book.query(lines)).toEqual(['erased-ada pao', 'bo aan']);
    expect(JSON.stringify(book.rows()['members'])).not.toContain('"name":"ada"');
  });

  test('of the last days does not end with an old commit while the newest are still to be read', () => {
    const rolling: GivenEvent = { ...opened, data: { ...opened.data, season: { kind: 'rolling', days: 3 } } };
    const source: GivenEvent = {
      type: 'RepositoryRegistered',
      data: { repositoryId: 'garden', name: 'garden', source: 'local-git', location: '/garden' },
    };
    const reading = projectionSpec(attendanceBook).given([
      ...[rolling, source, followed('garden'), registered('ada'), joined('ada'), marked('ada', '2020-01-01')],
    ]);
    const bounds = (model: ReadModel) => findChallenge(model, challengeId, NOW)?.bounds;
    expect(reading.query(bounds)).toMatchObject({ start: '2025-03-10', end: '2025-03-12' });
    const isRead = reading.when([read('garden', '2025-03-12T02:00:00Z')]);
    expect(isRead.query(bounds)).toMatchObject({ start: '2019-12-30', end: '2020-01-01' });
  });

  test('tells no rate before anything was read to its end', () => {
    const rates = (model: ReadModel) => {
      const challenge = findChallenge(model, challengeId, NOW);
      if (!challenge) throw new Error('There is no such challenge.');
      const book = readBook(model, challenge);
      return { of: book.members.map(({ rate }) => rate), daily: dailyRates(book, challenge.today), all: book };
    };
    const reading = projectionSpec(attendanceBook).given([...base, joined('ada'), marked('ada', '2025-03-10')]);
    const unread = reading.query(rates);
    expect(unread.of).toEqual([null]);
    expect(overallRate(unread.all, { attended: 1, absent: 0 })).toBeNull();
    const isRead = reading.when([joined('bo'), marked('bo', '2025-03-12'), read('garden', '2025-03-12T02:00:00Z')]);
    const { of, daily, all } = isRead.query(rates);
    expect(of).toEqual([50, 33]);
    expect(overallRate(all, { attended: 2, absent: 3 })).toBe(40);
    expect(daily).toEqual([
      { date: '2025-03-10', rate: 50, present: 1, countable: 2 },
      { date: '2025-03-11', rate: 0, present: 0, countable: 2 },
      { date: '2025-03-12', rate: 50, present: 1, countable: 2 },
    ]);
  });

  describe('of a season whose members are read one by one', () => {
    const season = [opened, registered('ada'), registered('bo'), registered('cy'), joined('ada'), joined('bo')];
    const collected = (memberId: string, through: string): GivenEvent => ({
      type: 'CollectionCompleted',
      data: { source: 'github', sourceId: memberId, through, observed: 0 },
    });
    const failed = (memberId: string): GivenEvent => ({
      type: 'CollectionFailed',
      data: {
        ...{ source: 'github', sourceId: memberId, at: '2025-03-12T01:00:00Z' },
        ...{ reason: 'rate-limited', message: 'Too many requests.' },
      },
    });

    test('a failure makes unknown the days of that member alone, and heals', () => {
      const book = projectionSpec(attendanceBook)
        .given(season)
        .when([collected('ada', '2025-03-12T02:00:00Z'), collected('bo', '2025-03-11T02:00:00Z'), failed('bo')]);
      expect(book.query(lines)).toEqual(['ada aan', 'bo auu']);
      expect(book.when([collected('bo', '2025-03-12T02:30:00Z')]).query(lines)).toEqual(['ada aan', 'bo aan']);
    });

    test('nobody who was never read is absent, nor do they spoil the rates of the others', () => {
      const book = projectionSpec(attendanceBook)
        .given(season)
        .when([collected('ada', '2025-03-12T02:00:00Z'), marked('ada', '2025-03-11'), marked('bo', '2025-03-10')]);
      expect(book.query(lines)).toEqual(['ada apn', 'bo puu']);
      const daily = (model: ReadModel) => {
        const challenge = findChallenge(model, challengeId, NOW);
        return challenge && dailyRates(readBook(model, challenge), challenge.today).map(({ rate }) => rate);
      };
      expect(book.query(daily)).toEqual([0, 100, 0]);
    });

    test('days before somebody takes part do not count for them', () => {
      const late: GivenEvent = { type: 'MemberJoined', data: { challengeId, memberId: 'cy', from: '2025-03-11' } };
      const book = projectionSpec(attendanceBook)
        .given([...season, late])
        .when([marked('cy', '2025-03-10'), collected('cy', '2025-03-12T02:00:00Z')]);
      expect(book.query(lines)).toContain('cy oan');
      const alsoAda = [{ type: 'MemberMerged', data: { memberId: 'ada', into: 'cy' } }] satisfies GivenEvent[];
      expect(book.when(alsoAda).query(lines)).toContain('cy pan');
    });

    test('has the days and the name it was given last', () => {
      const revised: GivenEvent = {
        type: 'ChallengeRevised',
        data: {
          ...{ challengeId, title: 'two', by: 'local', at: '2025-03-01T00:00:00Z' },
          season: { kind: 'fixed', start: '2025-03-11', days: 2 },
        },
      };
      const book = projectionSpec(attendanceBook)
        .given([...season, marked('ada', '2025-03-11')])
        .when([revised]);
      expect(book.query(lines)).toEqual(['ada pu', 'bo uu']);
      expect(book.query((model) => findChallenge(model, challengeId, NOW)?.title)).toBe('two');
    });

    test('that was closed ends with the day before, and knows no more than was known then', () => {
      const closed: GivenEvent = {
        ...{ type: 'ChallengeClosed', data: { challengeId } },
        recordedAt: Date.parse('2025-03-12T02:00:00Z'),
      };
      const longer: GivenEvent = {
        ...opened,
        data: { ...opened.data, season: { kind: 'fixed', start: '2025-03-10', days: 9 } },
      };
      const book = projectionSpec(attendanceBook)
        .given([longer, ...season.slice(1), collected('ada', '2025-03-12T01:00:00Z'), failed('bo')])
        .when([closed, collected('bo', '2025-03-20T00:00:00Z'), collected('ada', '2025-03-20T00:00:00Z')]);
      expect(book.query(lines), 'bo could have committed: nothing later is marked').toEqual(['ada aa', 'bo uu']);
    });

    test('an excuse that is taken back leaves the day as its commits say', () => {
      const day = { challengeId, memberId: 'ada', day: '2025-03-10', by: 'local' };
      const excused: GivenEvent = { type: 'DayExcused', data: { ...day, reason: 'ill' } };
      const book = projectionSpec(attendanceBook)
        .given([...season, collected('ada', '2025-03-12T02:00:00Z')])
        .when([excused]);
      expect(book.query(lines)).toContain('ada ean');
      expect(book.when([{ type: 'ExcuseWithdrawn', data: day }]).query(lines)).toContain('ada aan');
    });
  });

  test('does not take a day for absent before every repository has been read past it', () => {
    const book = projectionSpec(attendanceBook)
      .given([...base, followed('kitchen'), joined('ada')])
      .when([read('garden', '2025-03-12T02:00:00Z'), read('kitchen', '2025-03-11T02:00:00Z')]);
    expect(book.query(lines)).toEqual(['ada aun']);
  });
});
