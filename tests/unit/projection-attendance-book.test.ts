import { describe, expect, test } from 'vitest';
import { everyDay } from '../../domain/challenge.ts';
import { attendanceBook, findChallenge, readBook } from '../../projections/attendance-book.ts';
import type { ReadModel } from '../../projections/projection.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const challengeId = 'hundred';
const NOW = Date.parse('2025-03-12T03:00:00Z') / 1000;
const opened: GivenEvent = {
  type: 'ChallengeOpened',
  data: {
    challengeId,
    title: 'hundred',
    timeZone: 'Asia/Seoul',
    season: { kind: 'fixed', start: '2025-03-10', days: 3 },
    rule: everyDay,
  },
};
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
  data: { repositoryId, through, observed: 0 },
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

  test('does not take a day for absent before every repository has been read past it', () => {
    const book = projectionSpec(attendanceBook)
      .given([...base, followed('kitchen'), joined('ada')])
      .when([read('garden', '2025-03-12T02:00:00Z'), read('kitchen', '2025-03-11T02:00:00Z')]);
    expect(book.query(lines)).toEqual(['ada aun']);
  });
});
