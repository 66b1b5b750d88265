import { describe, expect, test } from 'vitest';
import type { Role } from '../../domain/access.ts';
import { accessList, accessOf, activeOwners, listAccess } from '../../projections/access.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const day = (number: number) => `2026-11-${String(number).padStart(2, '0')}T12:00:00Z`;
const who = (memberId: string, at: string) => ({ memberId, by: 'ada', at });
const requested = (memberId: string, at: string): GivenEvent => ({ type: 'AccessRequested', data: { memberId, at } });
const granted = (memberId: string, at: string, role: Role = 'member'): GivenEvent => ({
  type: 'AccessGranted',
  data: { ...who(memberId, at), role },
});
const invited = (memberId: string, at: string): GivenEvent => ({
  type: 'MemberInvited',
  data: { ...who(memberId, at), role: 'admin', login: 'lee' },
});
const connected = (memberId: string, at: string): GivenEvent => ({
  type: 'TokenConnected',
  data: { memberId, provider: 'github', scopes: ['read:user'], at },
});
const deactivated = (memberId: string, at: string): GivenEvent => ({
  type: 'MemberDeactivated',
  data: who(memberId, at),
});
const erased = (memberId: string): GivenEvent => ({
  type: 'MemberErased',
  data: { ...who(memberId, day(30)), identityIds: [] },
});

describe('access', () => {
  test('follows a member from the request to the end', () => {
    const row = {
      member_id: 'kim',
      status: 'active' as const,
      role: 'owner' as const,
      invited_by: null,
      since: day(2),
      requested_at: day(1),
      token_scopes: ['read:user'],
      exported_at: day(5),
    };
    const spec = projectionSpec(accessList)
      .given([requested('kim', day(1)), granted('kim', day(2)), connected('kim', day(3))])
      .when(
        [
          { type: 'RoleChanged', data: { ...who('kim', day(4)), role: 'owner' } },
          { type: 'DataExported', data: who('kim', day(5)) },
        ],
        { numberOfTimes: 2 },
      );
    spec.then({ people: [row] });
    spec
      .when([
        deactivated('kim', day(6)),
        { type: 'TokenDisconnected', data: { ...who('kim', day(7)), provider: 'github' } },
      ])
      .then({ people: [{ ...row, status: 'deactivated', since: day(6), token_scopes: null }] });
    spec
      .when([deactivated('kim', day(6)), { type: 'MemberReactivated', data: who('kim', day(8)) }])
      .then({ people: [{ ...row, since: day(8) }] });
  });

  test('of one member is what they may do', () => {
    const spec = projectionSpec(accessList).given([
      invited('lee', day(1)),
      requested('kim', day(2)),
      granted('kim', day(3)),
      connected('kim', day(4)),
      requested('cho', day(2)),
      { type: 'AccessDeclined', data: who('cho', day(3)) },
    ]);
    const of = (memberId: string) => spec.query((model) => accessOf(model, memberId));
    expect(of('lee')).toEqual({
      memberId: 'lee',
      status: 'invited',
      role: 'admin',
      invitedBy: 'ada',
      since: day(1),
      requestedAt: null,
      tokenScopes: null,
    });
    expect(of('kim')).toMatchObject({
      status: 'active',
      role: 'member',
      requestedAt: day(2),
      tokenScopes: ['read:user'],
    });
    expect(of('cho')).toMatchObject({ status: 'declined', role: null, since: day(3) });
    expect(of('nobody')).toBeUndefined();
  });

  test('lists whoever it is about, the longest in their state first', () => {
    const spec = projectionSpec(accessList)
      .given([requested('kim', day(2)), invited('lee', day(1)), connected('known-by-commits', day(1))])
      .when([granted('cho', day(1)), erased('cho')]);
    expect(spec.query(listAccess).map(({ memberId }) => memberId)).toEqual(['lee', 'kim']);
  });

  test('knows the owners who can sign in', () => {
    const spec = projectionSpec(accessList).given([
      granted('ada', day(1), 'owner'),
      granted('bo', day(1), 'owner'),
      deactivated('bo', day(2)),
      granted('kim', day(1), 'admin'),
    ]);
    expect(spec.query(activeOwners)).toEqual(['ada']);
  });

  test('of somebody who turned out to be another is no longer listed', () =>
    projectionSpec(accessList)
      .given([invited('lee', day(1))])
      .when([{ type: 'MemberMerged', data: { memberId: 'lee', into: 'kim' } }], { numberOfTimes: 2 })
      .then({ people: [] }));

  test('of somebody erased is nothing but that they were', () => {
    const spec = projectionSpec(accessList)
      .given([requested('kim', day(1)), granted('kim', day(2)), connected('kim', day(3))])
      .when([erased('kim'), erased('author-of-commits')], { numberOfTimes: 2 });
    spec.then({
      people: [
        {
          member_id: 'kim',
          status: 'erased',
          role: null,
          invited_by: null,
          since: day(30),
          requested_at: day(1),
          token_scopes: null,
          exported_at: null,
        },
      ],
    });
    expect(spec.when([granted('kim', day(31))]).query((model) => accessOf(model, 'kim')?.status)).toBe('erased');
  });
});
