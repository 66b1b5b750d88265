import { describe, expect, test } from 'vitest';
import {
  activity,
  commitActivity,
  commitsOfDay,
  commitSpan,
  countByMember,
  findCommit,
  listCommits,
} from '../../projections/commit-activity.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const zone = 'Asia/Seoul';
const sha = (name: string) => Buffer.from(name).toString('hex').padEnd(40, '0').slice(-40);
const registered = (repositoryId: string): GivenEvent => ({
  type: 'RepositoryRegistered',
  data: { repositoryId, name: repositoryId, source: 'local-git', location: `/${repositoryId}` },
});
const observed = (name: string, repositoryId: string, memberId: string, authoredAt: string): GivenEvent => ({
  type: 'CommitObserved',
  data: {
    memberId,
    repositoryId,
    sha: sha(name),
    authoredAt,
    authorOffset: 540,
    committedAt: authoredAt,
    observedAt: '2025-03-20T00:00:00Z',
    message: name,
  },
});
const alsoObserved = (name: string, repositoryId: string, memberId: string, authoredAt: string): GivenEvent => ({
  type: 'CommitAlsoObserved',
  data: { memberId, repositoryId, sha: sha(name), authoredAt, observedAt: '2025-03-20T00:00:00Z' },
});

describe('commits of some repositories', () => {
  const log = projectionSpec(commitActivity)
    .given([registered('garden'), registered('kitchen'), registered('fork')])
    .when(
      [
        observed('sow', 'garden', 'ada', '2025-03-10T01:00:00Z'),
        observed('dig', 'garden', 'bo', '2025-03-10T02:00:00Z'),
        observed('cook', 'kitchen', 'ada', '2025-03-11T03:00:00Z'),
        alsoObserved('sow', 'fork', 'ada', '2025-03-10T01:00:00Z'),
      ],
      { numberOfTimes: 2 },
    );
  const days = { from: '2025-03-01', to: '2025-03-31', zone };

  test.each<[string[], Record<string, number>]>([
    [[], { ada: 2, bo: 1 }],
    [['garden'], { ada: 1, bo: 1 }],
    [['kitchen'], { ada: 1 }],
    [['fork'], { ada: 1 }],
    [['garden', 'fork'], { ada: 1, bo: 1 }],
    [['garden', 'kitchen', 'fork'], { ada: 2, bo: 1 }],
    [['another'], {}],
  ])('%j are those that any of them holds, each once', (repositories, counts) => {
    const scope = { ...days, repositories };
    expect(Object.fromEntries(log.query((model) => countByMember(model, scope)))).toEqual(counts);
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    expect(log.query((model) => activity(model, scope)).total).toBe(total);
    expect(log.query((model) => activity(model, scope, 'ada')).total).toBe(counts['ada'] ?? 0);
    expect(log.query((model) => activity(model, scope, ['ada'])).total).toBe(counts['ada'] ?? 0);
    expect(log.query((model) => activity(model, scope, ['ada', 'bo', 'cy'])).total).toBe(total);
    expect(log.query((model) => activity(model, scope, [])).total).toBe(0);
  });

  test('are what a day, a member and their first and last day are told of', () => {
    const fork = { zone, repositories: ['fork'] };
    expect(
      log.query((model) => commitsOfDay(model, { ...fork, day: '2025-03-10', most: 9 })).map(({ message }) => message),
    ).toEqual(['sow']);
    expect(log.query((model) => commitsOfDay(model, { ...fork, day: '2025-03-11', most: 9 }))).toEqual([]);
    const page = log.query((model) => listCommits(model, 'ada', { ...fork, skip: 0, limit: 10 }));
    expect(page).toMatchObject({ total: 1, commits: [{ message: 'sow', repository: 'garden' }] });
    const noon = Date.parse('2025-03-10T01:00:00Z') / 1000;
    expect(log.query((model) => commitSpan(model, 'ada', ['fork']))).toEqual({ first: noon, last: noon });
    expect(log.query((model) => commitSpan(model, 'bo', ['fork']))).toBeNull();
  });
});

test('a day tells of the first commits of each member only', () => {
  const times = ['03', '01', '02'].map((hour) => `2025-03-10T${hour}:00:00Z`);
  const commits = ['ada', 'bo'].flatMap((who) => times.map((at) => observed(`${who} ${at}`, 'garden', who, at)));
  const told = projectionSpec(commitActivity)
    .given(commits)
    .query((model) => commitsOfDay(model, { day: '2025-03-10', zone, most: 2 }));
  expect(told.map(({ message }) => message)).toEqual([
    'ada 2025-03-10T01:00:00Z',
    'bo 2025-03-10T01:00:00Z',
    'ada 2025-03-10T02:00:00Z',
    'bo 2025-03-10T02:00:00Z',
  ]);
});

test('of somebody erased the commits stay, and what they wrote goes', () => {
  const at = '2025-03-10T03:00:00Z';
  const merged: GivenEvent = { type: 'MemberMerged', data: { memberId: 'ada', into: 'adele' } };
  const erased: GivenEvent = {
    type: 'MemberErased',
    data: { memberId: 'adele', identityIds: [], by: 'local', at: '2025-11-05T09:00:00Z' },
  };
  const spec = projectionSpec(commitActivity)
    .given([observed('sow', 'garden', 'ada', at), observed('dig', 'garden', 'bo', at), merged])
    .when([erased], { numberOfTimes: 2 });
  const rows = spec.rows()['commits'] as { member_id: string; message: string }[];
  expect(rows.map(({ member_id, message }) => [member_id, message]).toSorted()).toEqual([
    ['adele', ''],
    ['bo', 'dig'],
  ]);
});

describe('a private repository', () => {
  const at = '2025-03-10T03:00:00Z';
  const connected = (hidden: boolean): GivenEvent => ({
    type: 'RepositoryConnected',
    data: { memberId: 'ada', repositoryId: 'secret', githubId: 7, name: 'ada/secret', private: hidden, at },
  });
  const told = (...events: GivenEvent[]) =>
    projectionSpec(commitActivity)
      .given(events)
      .query((model) => listCommits(model, 'ada', { zone, skip: 0, limit: 9 }).commits)
      .map(({ repository, private: hidden }) => ({ repository, hidden }));

  test('stays private when it is registered to be collected, before or after', () => {
    const expected = [{ repository: 'ada/secret', hidden: true }];
    expect(told(connected(true), registered('secret'), observed('sow', 'secret', 'ada', at))).toEqual(expected);
    expect(told(registered('secret'), connected(true), observed('sow', 'secret', 'ada', at))).toEqual(expected);
  });

  test('that is made public is public', () => {
    expect(told(connected(true), connected(false), observed('sow', 'secret', 'ada', at))).toEqual([
      { repository: 'ada/secret', hidden: false },
    ]);
  });

  test('holds what a public one holds as well under the public name', () => {
    const both = [connected(true), registered('garden'), observed('sow', 'secret', 'ada', at)];
    expect(told(...both, alsoObserved('sow', 'garden', 'ada', at))).toEqual([{ repository: 'garden', hidden: false }]);
  });
});

test('a commit of a repository that nobody has said to be public is private', () => {
  const unheardOf = projectionSpec(commitActivity).given([
    observed('plant', 'nobody-knows', 'kim', '2025-03-11T00:00:00Z'),
  ]);
  const page = (given: typeof unheardOf) =>
    given.query((model) => listCommits(model, 'kim', { zone, skip: 0, limit: 10 })).commits;
  expect(page(unheardOf)).toMatchObject([{ private: true }]);
  const discovered: GivenEvent = {
    type: 'RepositoryDiscovered',
    data: {
      ...{ memberId: 'kim', repositoryId: 'nobody-knows', githubId: 7, name: 'kim/garden', private: false },
      at: '2025-03-11T00:00:00Z',
    },
  };
  expect(page(unheardOf.when([discovered]))).toMatchObject([{ private: false, repository: 'kim/garden' }]);
  const erased: GivenEvent = {
    type: 'MemberErased',
    data: { memberId: 'kim', identityIds: [], by: 'local', at: '2025-03-12T00:00:00Z' },
  };
  const after = unheardOf.when([discovered, erased]);
  expect(JSON.stringify(after.rows()), 'named after who was erased').not.toContain('kim/garden');
  expect(unheardOf.query((model) => findCommit(model, { memberId: 'kim', authoredAt: 0, sha: 'x' }))).toBeUndefined();
});
