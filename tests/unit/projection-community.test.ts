import { describe, expect, test } from 'vitest';
import {
  cheersOf,
  cheersWritten,
  community,
  findCheer,
  goalsOf,
  publicationOf,
  publishedAt,
} from '../../projections/community.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const noon = '2025-03-20T12:00:00Z';
type Data<Type extends GivenEvent['type']> = Partial<Extract<GivenEvent, { type: Type }>['data']>;
const declared = (goalId: string, change: Data<'GoalDeclared'> = {}): GivenEvent => ({
  type: 'GoalDeclared',
  data: {
    ...{ memberId: 'kim', goalId, at: noon, challengeId: 'garden', kind: 'streak', target: 30, text: null, due: null },
    ...change,
  },
});
const posted = (cheerId: string, change: Data<'CheerPosted'> = {}): GivenEvent => ({
  type: 'CheerPosted',
  data: { ...{ memberId: 'kim', cheerId, to: 'lee', at: noon, text: 'Well done', emoji: '🌱' }, ...change },
});
const published = (token: string, change: Data<'ProfilePublished'> = {}): GivenEvent => ({
  type: 'ProfilePublished',
  data: { memberId: 'kim', address: token, name: 'Kim', challengeId: null, at: noon, ...change },
});
const merged = (memberId: string, into: string): GivenEvent => ({ type: 'MemberMerged', data: { memberId, into } });
const erased = (memberId: string): GivenEvent => ({
  type: 'MemberErased',
  data: { memberId, by: memberId, at: noon, identityIds: [] },
});
const [A, B] = ['token-of-twenty-letters-a', 'token-of-twenty-letters-b'];
const spec = projectionSpec(community);

describe('goals', () => {
  const about = (goalId: string) => ({ memberId: 'kim', goalId, at: '2025-04-01T00:00:00Z' });
  test('are there until they are dropped, and know whether they are said to be reached', () => {
    const goals = spec.given([declared('g1', { text: 'kept' }), declared('g2'), declared('g3')]).when(
      [
        { type: 'GoalReached', data: about('g1') },
        { type: 'GoalDropped', data: about('g2') },
      ],
      { numberOfTimes: 2 },
    );
    expect(goals.query((model) => goalsOf(model, 'kim')).map(({ goalId, reachedAt }) => [goalId, reachedAt])).toEqual([
      ['g1', '2025-04-01T00:00:00Z'],
      ['g3', null],
    ]);
  });
  test('go with a member to who they turn out to be, and stay in the stream they were set in', () =>
    expect(
      spec
        .given([declared('g1')])
        .when([merged('kim', 'new')])
        .query((model) => goalsOf(model, 'new')),
    ).toMatchObject([{ goalId: 'g1', setBy: 'kim' }]));
  test('of somebody erased are gone', () =>
    spec
      .given([declared('g1'), declared('g2', { memberId: 'lee' })])
      .when([erased('kim'), erased('lee')])
      .then({ goals: [] }));
});

describe('cheers', () => {
  test('are listed to whom they were written, the newest first, until they are taken away', () => {
    const cheers = spec
      .given([
        posted('c1'),
        posted('c2', { at: '2025-03-21T12:00:00Z' }),
        posted('c3', { memberId: 'lee', to: 'kim' }),
        posted('c4'),
      ])
      .when([{ type: 'CheerRemoved', data: { memberId: 'kim', cheerId: 'c4', to: 'lee', at: noon, by: 'lee' } }], {
        numberOfTimes: 2,
      });
    const list = (skip: number, limit: number) => cheers.query((model) => cheersOf(model, 'lee', { skip, limit }));
    expect([list(0, 9).total, list(0, 9).cheers.map(({ id }) => id)]).toEqual([2, ['c2', 'c1']]);
    expect(list(1, 1).cheers.map(({ id }) => id)).toEqual(['c1']);
    expect(cheers.query((model) => findCheer(model, 'c4'))).toBeUndefined();
    expect(cheers.query((model) => cheersWritten(model, 'kim', '2025-03-21T00:00:00Z'))).toBe(1);
  });
  test('go with those who wrote and got them; what somebody wrote to themselves is no cheer', () => {
    const cheers = spec
      .given([posted('c1'), posted('c2', { memberId: 'new', to: 'kim' }), posted('c3', { memberId: 'ada', to: 'kim' })])
      .when([merged('kim', 'new')]);
    expect(cheers.query((model) => cheersOf(model, 'new', { skip: 0, limit: 9 })).cheers).toMatchObject([
      { id: 'c3', recipient: 'new', streamOf: 'kim' },
    ]);
    expect(cheers.query((model) => findCheer(model, 'c1'))).toMatchObject({ author: 'new', recipient: 'lee' });
  });
  test('by or to somebody erased are gone, and nobody else’s', () =>
    expect(
      spec
        .given([
          posted('c1'),
          posted('c2', { memberId: 'lee', to: 'kim' }),
          posted('c3', { memberId: 'lee', to: 'ada' }),
        ])
        .when([erased('kim')], { numberOfTimes: 2 })
        .rows()['cheers'],
    ).toMatchObject([{ cheer_id: 'c3' }]));
});

describe('a published profile', () => {
  const at = (token: string, events: GivenEvent[]) => spec.given(events).query((model) => publishedAt(model, token));
  test('is at its address, the last one only', () => {
    expect(at(A, [published(A)])).toEqual({ token: A, memberId: 'kim', name: 'Kim', challengeId: null, at: noon });
    expect(at(A, [published(A), published(B)])).toBeUndefined();
    expect(at(B, [published(A), published(B)])).toBeDefined();
    expect(spec.given([published(A)]).query((model) => publicationOf(model, 'kim'))?.token).toBe(A);
  });
  test.each([
    ['is taken back', { type: 'ProfileUnpublished', data: { memberId: 'kim', at: noon } }],
    ['turns out to be of somebody else', merged('kim', 'new')],
    ['is of somebody erased', erased('kim')],
  ] as [string, GivenEvent][])('is nowhere once it %s', (_what, event) => {
    expect(at(A, [published(A), event])).toBeUndefined();
    spec
      .given([published(A)])
      .when([event], { numberOfTimes: 2 })
      .then({ publications: [] });
  });
});
