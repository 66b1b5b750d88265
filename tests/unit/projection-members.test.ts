import { describe, expect, test } from 'vitest';
import {
  findMember,
  holderOfIdentity,
  identitiesOf,
  listMembers,
  loginOf,
  memberById,
  members,
  membersMergedInto,
} from '../../projections/members.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const registered = (memberId: string, name: string, bot = false): GivenEvent => ({
  type: 'MemberRegistered',
  data: { memberId, handle: memberId.toLowerCase(), name, bot },
});
const linked = (memberId: string, value: string): GivenEvent => ({
  type: 'IdentityLinked',
  data: { memberId, kind: 'email', value },
});
const merged = (memberId: string, into: string): GivenEvent => ({ type: 'MemberMerged', data: { memberId, into } });

describe('members', () => {
  test('are registered and renamed', () => {
    projectionSpec(members)
      .given([registered('Kim', '김'), registered('Lee', 'Lee')])
      .when([{ type: 'MemberRenamed', data: { memberId: 'Kim', name: '김정원' } }], { numberOfTimes: 2 })
      .then({
        members: [
          { member_id: 'Kim', handle: 'kim', name: '김정원', bot: 0, merged_into: null, erased: 0, account: 0 },
          { member_id: 'Lee', handle: 'lee', name: 'Lee', bot: 0, merged_into: null, erased: 0, account: 0 },
        ],
        identities: [],
      });
  });

  test('said to be registered twice are as they were', () => {
    const erased: GivenEvent = {
      type: 'MemberErased',
      data: { memberId: 'B', identityIds: [], by: 'local', at: '2025-11-05T09:00:00Z' },
    };
    projectionSpec(members)
      .given([registered('A', 'a'), registered('B', 'b'), registered('C', 'c'), merged('A', 'C'), erased])
      .when([registered('A', 'a'), registered('B', 'b')])
      .then({
        members: [
          { member_id: 'A', handle: 'a', name: 'a', bot: 0, merged_into: 'C', erased: 0, account: 0 },
          { member_id: 'B', handle: 'erased-B', name: 'erased-B', bot: 0, merged_into: null, erased: 1, account: 0 },
          { member_id: 'C', handle: 'c', name: 'c', bot: 0, merged_into: null, erased: 0, account: 0 },
        ],
      });
  });

  test('a merged member leaves their identities to the other', () => {
    projectionSpec(members)
      .given([registered('A', 'a'), registered('B', 'b'), linked('A', 'a@x'), linked('A', 'a@y'), linked('B', 'b@x')])
      .when([merged('A', 'B')], { numberOfTimes: 2 })
      .then({
        identities: ['a@x', 'a@y', 'b@x'].map((value, index) => ({
          ...{ member_id: 'B', kind: 'email', value },
          ...{ linked: 30 + index * 10, proven: 0 },
        })),
      });
  });

  test('the handle of somebody merged leads to who they are now, through any number of steps', () => {
    const names = Array.from({ length: 15 }, (_, index) => `M${index}`);
    const chain = names.slice(1).map((into, index) => merged(names[index] ?? '', into));
    const log = projectionSpec(members)
      .given(names.map((name) => registered(name, name)))
      .when(chain);
    expect(log.query((model) => findMember(model, 'm0'))?.id).toBe('M14');
    const circle = log.when([merged('M14', 'M0')]);
    expect(circle.query((model) => findMember(model, 'm3'))?.id).toBe('M3');
  });

  test('an identity linked anew belongs to the last one', () => {
    projectionSpec(members)
      .given([linked('A', 'a@x')])
      .when([linked('B', 'a@x')], { numberOfTimes: 2 })
      .then({ identities: [{ member_id: 'B', kind: 'email', value: 'a@x', linked: 20, proven: 0 }] });
  });

  test('somebody erased keeps their place and nothing else', () => {
    const erased: GivenEvent = {
      type: 'MemberErased',
      data: { memberId: 'A-long-id', identityIds: [], by: 'local', at: '2025-11-05T09:00:00Z' },
    };
    const spec = projectionSpec(members)
      .given([registered('A-long-id', 'a'), registered('B', 'b'), linked('A-long-id', 'a@x'), linked('B', 'b@x')])
      .when([erased], { numberOfTimes: 2 });
    spec.then({
      members: [
        {
          member_id: 'A-long-id',
          handle: 'erased-A-long-i',
          name: 'erased-A-long-i',
          bot: 0,
          merged_into: null,
          erased: 1,
          account: 0,
        },
        { member_id: 'B', handle: 'b', name: 'b', bot: 0, merged_into: null, erased: 0, account: 0 },
      ],
      identities: [{ member_id: 'B', kind: 'email', value: 'b@x', linked: 40, proven: 0 }],
    });
    expect(spec.query(listMembers).map(({ id }) => id)).toEqual(['B']);
    expect(spec.query((model) => memberById(model, 'A-long-id'))).toBeUndefined();
    expect(spec.query((model) => holderOfIdentity(model, 'email', 'a@x'))).toBeUndefined();
  });

  test('an identity and an id lead to the person somebody is now', () => {
    const spec = projectionSpec(members)
      .given([registered('A', 'a'), registered('B', 'b'), linked('A', 'a@x')])
      .when([merged('A', 'B'), registered('C', 'c'), merged('C', 'A')]);
    expect(spec.query((model) => membersMergedInto(model, 'B'))).toEqual(['A', 'C']);
    expect(spec.query((model) => membersMergedInto(model, 'C'))).toEqual([]);
    expect(spec.query((model) => holderOfIdentity(model, 'email', 'a@x'))?.id).toBe('B');
    expect(spec.query((model) => memberById(model, 'A'))?.id).toBe('B');
    expect(spec.query((model) => memberById(model, 'nobody'))).toBeUndefined();
  });

  test('somebody unknown is neither renamed nor merged', () => {
    projectionSpec(members)
      .when([{ type: 'MemberRenamed', data: { memberId: 'nobody', name: 'x' } }, merged('nobody', 'A')])
      .then({ members: [], identities: [] });
  });

  test('people are listed before bots, by name, those merged left out', () => {
    const spec = projectionSpec(members)
      .given([registered('bot', 'A bot', true), registered('C', 'c'), registered('B', 'b'), registered('D', 'd')])
      .when([merged('D', 'B')]);
    expect(spec.query(listMembers).map(({ handle }) => handle)).toEqual(['b', 'c', 'bot']);
  });

  test('the handle of somebody merged, and merged again, leads to who they are now', () => {
    const spec = projectionSpec(members)
      .given([registered('A', 'a'), registered('B', 'b'), registered('C', 'c'), linked('A', 'a@x')])
      .when([merged('A', 'B'), merged('B', 'C')]);
    expect(spec.query((model) => findMember(model, 'A'))).toMatchObject({ id: 'C' });
    expect(spec.query((model) => identitiesOf(model, 'C'))).toEqual([{ kind: 'email', value: 'a@x' }]);
    expect(spec.query((model) => findMember(model, 'nobody'))).toBeUndefined();
  });

  test('two who were merged into each other do not go round for ever', () => {
    const spec = projectionSpec(members)
      .given([registered('A', 'a'), registered('B', 'b')])
      .when([merged('A', 'B'), merged('B', 'A')]);
    expect(spec.query((model) => findMember(model, 'a'))).toBeDefined();
  });

  describe('the login shown', () => {
    const as = (memberId: string, kind: 'github' | 'github-id', value: string): GivenEvent => ({
      type: 'IdentityLinked',
      data: { memberId, kind, value },
    });
    const shown = (...said: GivenEvent[]) =>
      projectionSpec(members)
        .given([registered('A', 'a'), registered('B', 'b')])
        .when(said)
        .query((model) => loginOf(model, 'A'));

    test('is the one that was linked last, not the first by alphabet', () => {
      expect(shown(as('A', 'github-id', '7'), as('A', 'github', 'bob'), as('A', 'github', 'zed'))).toBe('zed');
      expect(shown(as('A', 'github-id', '7'), as('A', 'github', 'zed'), as('A', 'github', 'bob'))).toBe('bob');
    });
    test('is the former one again when GitHub says so', () => {
      const renamed = [as('A', 'github-id', '7'), as('A', 'github', 'bob'), as('A', 'github', 'zed')];
      expect(shown(...renamed, as('A', 'github', 'bob'))).toBe('bob');
    });
    test('is the account’s, whatever login commits had put down to whom an admin joined to it', () =>
      expect(
        shown(as('A', 'github-id', '7'), as('A', 'github', 'bob'), as('B', 'github', 'mallory'), merged('B', 'A')),
      ).toBe('bob'));
    test('of who is known by commits is what commits say', () => {
      expect(shown(as('A', 'github', 'bob'))).toBe('bob');
      expect(shown(linked('A', 'a@x'))).toBeNull();
    });
    test('is not one that somebody else has by now', () =>
      expect(shown(as('A', 'github-id', '7'), as('A', 'github', 'bob'), as('B', 'github', 'bob'))).toBeNull());
  });
});
