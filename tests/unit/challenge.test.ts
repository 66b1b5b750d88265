import { describe, expect, test } from 'vitest';
import { daysFrom } from '../../domain/calendar.ts';
import {
  challenge,
  challengeEvents,
  ChallengeRefused,
  changeRule,
  closeChallenge,
  closedOn,
  closeJoining,
  enrol,
  everyDay,
  joinChallenge,
  leave,
  openChallenge,
  openJoining,
  reviseChallenge,
  seasonBounds,
  type ChallengeEvent,
  type Season,
} from '../../domain/challenge.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(challenge);

const season: Season = { kind: 'fixed', start: '2025-03-10', days: 100 };
const input = { id: 'gardeners', title: '정원사들', timeZone: 'Asia/Seoul', season, rule: everyDay };
const opened: ChallengeEvent = {
  type: 'ChallengeOpened',
  data: { challengeId: 'gardeners', title: '정원사들', timeZone: 'Asia/Seoul', season, rule: everyDay },
};
const joined = (memberId: string): ChallengeEvent => ({
  type: 'MemberJoined',
  data: { challengeId: 'gardeners', memberId },
});
const left = (memberId: string): ChallengeEvent => ({
  type: 'MemberLeft',
  data: { challengeId: 'gardeners', memberId },
});
const followed = (repositoryId: string): ChallengeEvent => ({
  type: 'RepositoryFollowed',
  data: { challengeId: 'gardeners', repositoryId },
});
const closed: ChallengeEvent = { type: 'ChallengeClosed', data: { challengeId: 'gardeners' } };
const stricter = { commitsPerDay: 2, excludedWeekdays: [6, 7], excusedDays: 3 };
const ruleChanged: ChallengeEvent = {
  type: 'ChallengeRuleChanged',
  data: { challengeId: 'gardeners', rule: stricter },
};

describe('opening', () => {
  test('a challenge is opened once', () =>
    given([])
      .when((state) => openChallenge(input, state))
      .then([opened]));
  test('one that is open, or was, is not opened again', () => {
    given([opened])
      .when((state) => openChallenge({ ...input, title: 'another' }, state))
      .thenNothing();
    given([opened, closed])
      .when((state) => openChallenge(input, state))
      .thenNothing();
  });

  test.each([
    ['an unknown time zone', { timeZone: 'Asia/Soul' }],
    ['no days at all', { season: { ...season, days: 0 } }],
    ['more than ten years', { season: { ...season, days: 3_661 } }],
    ['a start that does not exist', { season: { ...season, start: '2025-02-29' } }],
    ['an eighth weekday', { rule: { ...everyDay, excludedWeekdays: [8] } }],
    ['no commit a day', { rule: { ...everyDay, commitsPerDay: 0 } }],
    ['half a commit', { rule: { ...everyDay, commitsPerDay: 1.5 } }],
  ])('%s is refused', (_what, change) => {
    const { schema } = challengeEvents.ChallengeOpened;
    expect(schema.safeParse(opened.data).success).toBe(true);
    expect(schema.safeParse({ ...opened.data, ...change }).success).toBe(false);
  });
});

describe('enrolling', () => {
  test('repositories and members that are new become part of it, each once', () => {
    given([opened, joined('ada'), followed('almanac')])
      .when((state) => enrol({ repositories: ['almanac', 'garden', 'garden'], members: ['ada', 'bo', 'bo'] }, state))
      .then([followed('garden'), joined('bo')]);
  });
  test('who has left may join again', () => {
    given([opened, joined('ada'), left('ada')])
      .when((state) => enrol({ repositories: [], members: ['ada'] }, state))
      .then([joined('ada')]);
  });
  test('nobody joins what is closed or was never opened', () => {
    const all = { repositories: ['almanac'], members: ['ada'] };
    given([opened, closed])
      .when((state) => enrol(all, state))
      .thenNothing();
    given([])
      .when((state) => enrol(all, state))
      .thenNothing();
  });
});

describe('leaving', () => {
  test('a member leaves', () =>
    given([opened, joined('ada')])
      .when((state) => leave('ada', state))
      .then([left('ada')]));
  test('also what is closed', () =>
    given([opened, joined('ada'), closed])
      .when((state) => leave('ada', state))
      .then([left('ada')]));
  test('who is not in it cannot leave', () => {
    given([opened])
      .when((state) => leave('ada', state))
      .thenNothing();
    given([opened, joined('ada'), left('ada')])
      .when((state) => leave('ada', state))
      .thenNothing();
    given([])
      .when((state) => leave('ada', state))
      .thenNothing();
  });
});

describe('changing the rule', () => {
  test('takes another rule', () =>
    given([opened])
      .when((state) => changeRule(stricter, state))
      .then([ruleChanged]));
  test('the same rule, its days off in another order or named twice, is no change', () => {
    given([opened, ruleChanged])
      .when((state) => changeRule({ excusedDays: 3, excludedWeekdays: [7, 6, 7], commitsPerDay: 2 }, state))
      .thenNothing();
  });
  test.each([
    { ...stricter, commitsPerDay: 1 },
    { ...stricter, excusedDays: 2 },
    { ...stricter, excludedWeekdays: [6] },
    { ...stricter, excludedWeekdays: [5, 6, 7] },
  ])('each part of a rule counts: %o', (rule) => {
    given([opened, ruleChanged])
      .when((state) => changeRule(rule, state))
      .then([{ type: 'ChallengeRuleChanged', data: { challengeId: 'gardeners', rule } }]);
  });
  test('what is closed keeps its rule', () =>
    given([opened, closed])
      .when((state) => changeRule(stricter, state))
      .thenNothing());
});

describe('closing', () => {
  test('closes', () => given([opened]).when(closeChallenge).then([closed]));
  test('what is not open stays as it is', () => {
    given([]).when(closeChallenge).thenNothing();
    given([opened, closed]).when(closeChallenge).thenNothing();
  });
});

describe('revising', () => {
  const by = { by: 'ada', at: '2025-03-01T00:00:00Z' };
  const longer = { title: '정원사들 시즌10', season: { kind: 'fixed', start: '2025-03-17', days: 50 } as const, ...by };
  const revised: ChallengeEvent = { type: 'ChallengeRevised', data: { challengeId: 'gardeners', ...longer } };

  test('gives other days and another name, once', () => {
    given([opened])
      .when((state) => reviseChallenge(longer, state))
      .then([revised]);
    given([opened, revised])
      .when((state) => reviseChallenge(longer, state))
      .thenNothing();
    expect(fold(challenge, [opened, revised])).toMatchObject({ title: longer.title, season: longer.season });
  });
  test('is refused where there is none, where it has ended, and for the book of a repository', () => {
    const rolling = { ...opened, data: { ...opened.data, season: { kind: 'rolling', days: 100 } } } as ChallengeEvent;
    for (const [events, reason] of [
      [[], 'unknown'],
      [[opened, closed], 'ended'],
      [[rolling], 'not fixed'],
    ] as const)
      expect(() => reviseChallenge(longer, fold(challenge, events))).toThrow(expect.objectContaining({ reason }));
  });
});

describe('joining', () => {
  const by = { by: 'ada', at: '2025-03-01T00:00:00Z' };
  const joiningOpened: ChallengeEvent = { type: 'JoiningOpened', data: { challengeId: 'gardeners', ...by } };
  const joiningClosed: ChallengeEvent = { type: 'JoiningClosed', data: { challengeId: 'gardeners', ...by } };

  test('is opened and closed again, each once', () => {
    given([opened])
      .when((state) => openJoining(by, state))
      .then([joiningOpened]);
    given([opened, joiningOpened])
      .when((state) => closeJoining(by, state))
      .then([joiningClosed]);
    given([opened, joiningOpened, joiningClosed])
      .when((state) => openJoining(by, state))
      .then([joiningOpened]);
  });
  test('of a challenge that is closed, or was never opened, is not opened', () => {
    given([opened, closed])
      .when((state) => openJoining(by, state))
      .thenNothing();
    given([])
      .when((state) => openJoining(by, state))
      .thenNothing();
  });
  test('lets whoever comes take part, from the day they say', () => {
    const taking = {
      type: 'MemberJoined' as const,
      data: { challengeId: 'gardeners', memberId: 'bo', from: '2025-03-20', ...by },
    };
    const bo = { memberId: 'bo', from: '2025-03-20', invited: false, ...by };
    given([opened, joiningOpened])
      .when((state) => joinChallenge(bo, state))
      .then([taking]);
    given([opened, joiningOpened, taking])
      .when((state) => joinChallenge({ ...bo, from: '2025-03-10' }, state))
      .thenNothing();
  });
  test('once more brings back the first day one had: nobody gets rid of what they missed by leaving', () => {
    const again = (from?: string): ChallengeEvent => ({
      type: 'MemberJoined',
      data: { challengeId: 'gardeners', memberId: 'bo', ...(from !== undefined && { from }), ...by },
    });
    const bo = { memberId: 'bo', from: '2025-05-01', ...by };
    given([opened, joiningOpened, joined('bo'), left('bo')])
      .when((state) => joinChallenge({ ...bo, invited: false }, state))
      .then([again()]);
    given([opened, joiningOpened, again('2025-03-20'), left('bo')])
      .when((state) => joinChallenge({ ...bo, invited: false }, state))
      .then([again('2025-03-20')]);
    given([opened, joiningOpened, joined('bo'), left('bo')])
      .when((state) => joinChallenge({ ...bo, invited: true }, state))
      .then([again('2025-05-01')]);
  });
  test('of a challenge that takes nobody is for its organiser, who may also give another first day', () => {
    const bo = { memberId: 'bo', ...by };
    expect(() => joinChallenge({ ...bo, invited: false }, fold(challenge, [opened]))).toThrow(ChallengeRefused);
    given([opened])
      .when((state) => joinChallenge({ ...bo, invited: true }, state))
      .then([{ type: 'MemberJoined', data: { challengeId: 'gardeners', ...bo } }]);
    given([opened, joined('bo')])
      .when((state) => joinChallenge({ ...bo, from: '2025-03-20', invited: true }, state))
      .then([{ type: 'MemberJoined', data: { challengeId: 'gardeners', from: '2025-03-20', ...bo } }]);
    given([opened, joined('bo')])
      .when((state) => joinChallenge({ ...bo, invited: true }, state))
      .thenNothing();
  });
  test('of a challenge that has ended is refused', () =>
    expect(() => joinChallenge({ memberId: 'bo', invited: true, ...by }, fold(challenge, [opened, closed]))).toThrow(
      expect.objectContaining({ reason: 'ended' }),
    ));
  test('ends with the challenge', () => {
    expect(fold(challenge, [opened, joiningOpened])).toMatchObject({ joining: true });
    expect(fold(challenge, [opened, joiningOpened, closed])).toMatchObject({ joining: false });
    expect(fold(challenge, [opened, closed, joiningOpened])).toMatchObject({ joining: false });
    given([opened, joiningOpened, closed])
      .when((state) => closeJoining(by, state))
      .thenNothing();
  });
});

describe('the state', () => {
  test('follows its events', () => {
    const events = [opened, followed('almanac'), joined('ada'), joined('bo'), left('ada'), ruleChanged, closed];
    expect(fold(challenge, events)).toEqual({
      status: 'closed',
      id: 'gardeners',
      title: '정원사들',
      timeZone: 'Asia/Seoul',
      season,
      rule: stricter,
      repositories: new Set(['almanac']),
      members: new Map([['bo', null]]),
      former: new Map([['ada', null]]),
      joining: false,
    });
  });
  test('an event without an opening changes nothing', () =>
    expect(fold(challenge, [joined('ada'), closed])).toEqual({ status: 'none' }));
  test('folding twice from the start gives the same: nothing is kept in between', () => {
    const events = [opened, joined('ada'), joined('bo')];
    fold(challenge, events);
    expect(fold(challenge, [opened, joined('cy')])).toMatchObject({ members: new Map([['cy', null]]) });
  });
});

describe('bounds of a season', () => {
  test('a fixed season is as announced, whatever the day and the commits', () => {
    const bounds = { start: '2025-03-10', end: '2025-06-17', days: 100 };
    expect(seasonBounds(season, '2025-03-09', null)).toEqual(bounds);
    expect(seasonBounds(season, '2031-01-01', '2030-12-31')).toEqual(bounds);
    expect(daysFrom(bounds.start, bounds.end)).toHaveLength(100);
  });
  test('a fixed season over a leap day and a year end has all its days', () => {
    const over = (start: string, days: number) => seasonBounds({ kind: 'fixed', start, days }, start, null).end;
    expect(over('2024-02-28', 3)).toBe('2024-03-01');
    expect(over('2023-02-28', 3)).toBe('2023-03-02');
    expect(over('2024-12-31', 2)).toBe('2025-01-01');
    expect(over('2025-03-10', 1)).toBe('2025-03-10');
  });

  test.each([
    ['nobody has committed', null, '2025-03-23', '2025-06-30'],
    ['a commit today', '2025-06-30', '2025-03-23', '2025-06-30'],
    ['a commit on the first of the last 100 days', '2025-03-23', '2025-03-23', '2025-06-30'],
    ['the last commit a day before them: the season ends with it', '2025-03-22', '2024-12-13', '2025-03-22'],
    ['the last commit years ago', '2019-02-28', '2018-11-21', '2019-02-28'],
  ])('rolling: %s', (_what, lastCommitDay, start, end) => {
    expect(seasonBounds({ kind: 'rolling', days: 100 }, '2025-06-30', lastCommitDay)).toEqual({
      start,
      end,
      days: 100,
    });
    expect(daysFrom(start, end)).toHaveLength(100);
  });

  test('a rolling season moves on with the day', () => {
    const rolling: Season = { kind: 'rolling', days: 7 };
    expect(seasonBounds(rolling, '2024-03-01', '2024-02-29')).toEqual({
      start: '2024-02-24',
      end: '2024-03-01',
      days: 7,
    });
    expect(seasonBounds(rolling, '2024-03-07', '2024-02-29')).toEqual({
      start: '2024-02-23',
      end: '2024-02-29',
      days: 7,
    });
    expect(seasonBounds(rolling, '2024-03-06', '2024-02-29')).toEqual({
      start: '2024-02-29',
      end: '2024-03-06',
      days: 7,
    });
  });
});

test('a season that is closed ends with the day before, but for its last one', () => {
  const bounds = { start: '2025-03-10', end: '2025-03-12', days: 3 };
  expect(closedOn('2025-03-11', bounds)).toEqual({ start: '2025-03-10', end: '2025-03-10', days: 1 });
  expect(closedOn('2025-03-12', bounds)).toEqual(bounds);
  expect(closedOn('2025-04-01', bounds)).toEqual(bounds);
  expect(closedOn('2025-03-01', bounds)).toMatchObject({ days: 0 });
});
