import { describe, expect, test } from 'vitest';
import { collections, flaggedCommits, memberCollections } from '../../projections/collections.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const completed = (sourceId: string, through: string, from = '2025-03-08T00:00:00Z'): GivenEvent => ({
  type: 'CollectionCompleted',
  data: { source: 'github', sourceId, through, observed: 3, from },
  recordedAt: Date.parse(through) + 1_000,
});
const failed = (at: string, reason: 'rate-limited' | 'unavailable', retryAt?: string): GivenEvent => ({
  type: 'CollectionFailed',
  data: { source: 'github', sourceId: 'kim', at, reason, message: `It is ${reason}.`, ...(retryAt && { retryAt }) },
});
const commit = (authoredAt: string, observedAt: string, more: Record<string, string> = {}): GivenEvent => ({
  type: 'CommitObserved',
  data: {
    ...{ memberId: 'kim', repositoryId: 'garden', sha: Buffer.from(authoredAt).toString('hex').slice(0, 40) },
    ...{ authoredAt, authorOffset: 0, committedAt: authoredAt, observedAt, message: 'sealed' },
    ...more,
  },
});
const spec = projectionSpec(collections).given([completed('kim', '2025-04-01T03:00:00Z')]);
const all = { members: null, skip: 0, limit: 10 };

describe('how it stands with reading a member', () => {
  const told = (given: typeof spec) => given.query((model) => memberCollections(model)).get('kim');

  test('is through when, and when that was said', () => {
    expect(told(spec)).toEqual({
      memberId: 'kim',
      through: '2025-04-01T03:00:00Z',
      completedAt: Date.parse('2025-04-01T03:00:01Z'),
      observed: 3,
      failure: null,
    });
  });

  test('is since when it fails and why it does now, and what was read stays', () => {
    const failing = spec.when([
      failed('2025-04-01T04:00:00Z', 'unavailable'),
      failed('2025-04-01T05:00:00Z', 'rate-limited', '2025-04-01T06:00:00Z'),
    ]);
    expect(told(failing)).toMatchObject({
      through: '2025-04-01T03:00:00Z',
      failure: {
        reason: 'rate-limited',
        message: 'It is rate-limited.',
        since: '2025-04-01T04:00:00Z',
        retryAt: '2025-04-01T06:00:00Z',
      },
    });
    expect(told(failing.when([completed('kim', '2025-04-01T06:00:00Z')]))?.failure).toBeNull();
  });

  test('is of members only, and of nobody who is no more', () => {
    const clone: GivenEvent = {
      type: 'CollectionCompleted',
      data: { source: 'local-git', sourceId: 'clone', through: '2025-04-01T03:00:00Z', observed: 0 },
    };
    expect([
      ...spec
        .when([clone])
        .query((model) => memberCollections(model))
        .keys(),
    ]).toEqual(['kim']);
    const erased: GivenEvent = {
      type: 'MemberErased',
      data: { memberId: 'kim', identityIds: [], by: 'local', at: '2025-04-02T00:00:00Z' },
    };
    const late = commit('2025-03-12T00:00:00Z', '2025-04-01T04:00:00Z');
    const gone = spec.when([late, erased]);
    gone.then({ members: [], flagged: [] });
  });
});

describe('a commit is shown to the organiser', () => {
  const flagged = (...commits: GivenEvent[]) =>
    spec
      .when(commits, { numberOfTimes: 2 })
      .query((model) => flaggedCommits(model, all))
      .commits.map(({ why }) => why);

  test('that was written more than 48 hours before what had been read already', () => {
    expect(flagged(commit('2025-03-30T02:59:59Z', '2025-04-01T04:00:00Z'))).toEqual(['late']);
    expect(flagged(commit('2025-03-30T03:00:00Z', '2025-04-01T04:00:00Z'))).toEqual([]);
  });

  test('that was written after it was seen, but for minutes that clocks differ by', () => {
    expect(flagged(commit('2025-04-01T04:10:01Z', '2025-04-01T04:00:00Z'))).toEqual(['future']);
    expect(flagged(commit('2025-04-01T04:10:00Z', '2025-04-01T04:00:00Z'))).toEqual([]);
  });

  test('not where it had not been looked for, as before the season began', () => {
    expect(flagged(commit('2025-03-01T00:00:00Z', '2025-04-01T04:00:00Z'))).toEqual([]);
  });

  test('not of somebody who was never read, nor in a clone on this machine', () => {
    const clone: GivenEvent = {
      type: 'RepositoryRegistered',
      data: { repositoryId: 'clone', name: 'garden', source: 'local-git', location: '/garden' },
    };
    expect(flagged(commit('2025-03-12T00:00:00Z', '2025-04-01T04:00:00Z', { memberId: 'lee' }))).toEqual([]);
    expect(flagged(clone, commit('2025-03-12T00:00:00Z', '2025-04-01T04:00:00Z', { repositoryId: 'clone' }))).toEqual(
      [],
    );
  });

  test('of those asked for, page by page, the one seen last first', () => {
    const two = spec.when([
      commit('2025-03-12T00:00:00Z', '2025-04-01T04:00:00Z'),
      commit('2025-03-13T00:00:00Z', '2025-04-01T05:00:00.123Z'),
    ]);
    const page = two.query((model) => flaggedCommits(model, { members: ['kim'], skip: 0, limit: 1 }));
    expect(page).toMatchObject({
      total: 2,
      commits: [
        {
          authoredAt: Date.parse('2025-03-13T00:00:00Z') / 1000,
          observedAt: Date.parse('2025-04-01T05:00:00Z') / 1000,
        },
      ],
    });
    expect(two.query((model) => flaggedCommits(model, { ...all, members: ['lee'] })).total).toBe(0);
  });
});
