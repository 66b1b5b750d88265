import { describe, expect, test } from 'vitest';
import {
  access,
  AccessRefused,
  approve,
  changeRole,
  connectToken,
  deactivate,
  decline,
  disconnectToken,
  hasRole,
  invite,
  mayAssign,
  noteExport,
  reactivate,
  roles,
  signIn,
  type Access,
  type AccessEvent,
  type AccessRefusal,
  type Actor,
  type Role,
  type SignIn,
} from '../../domain/access.ts';
import type { MemberEvent } from '../../domain/member.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

type History = readonly (AccessEvent | MemberEvent)[];
const { given } = decisionsOf<Access, AccessEvent | MemberEvent>(access);

const memberId = 'kim';
const at = '2026-11-21T12:00:00Z';
const owner: Actor = { by: 'ada', role: 'owner' };
const admin: Actor = { by: 'bo', role: 'admin' };
const member: Actor = { by: 'cy', role: 'member' };

const who = (by: string) => ({ memberId, by, at });
const registered: MemberEvent = {
  type: 'MemberRegistered',
  data: { memberId, handle: 'kim', name: 'Kim', bot: false },
};
const invited = (role: Role, by = 'ada'): AccessEvent => ({
  type: 'MemberInvited',
  data: { ...who(by), role, login: 'kim' },
});
const requested: AccessEvent = { type: 'AccessRequested', data: { memberId, at } };
const granted = (role: Role, by = 'ada'): AccessEvent => ({ type: 'AccessGranted', data: { ...who(by), role } });
const declined = (by = 'ada'): AccessEvent => ({ type: 'AccessDeclined', data: who(by) });
const roleChanged = (role: Role, by = 'ada'): AccessEvent => ({ type: 'RoleChanged', data: { ...who(by), role } });
const deactivated = (by = 'ada'): AccessEvent => ({ type: 'MemberDeactivated', data: who(by) });
const reactivated = (by = 'ada'): AccessEvent => ({ type: 'MemberReactivated', data: who(by) });
const connected = (...scopes: string[]): AccessEvent => ({
  type: 'TokenConnected',
  data: { memberId, provider: 'github', scopes, at },
});
const disconnected: AccessEvent = { type: 'TokenDisconnected', data: { ...who('kim'), provider: 'github' } };
const exported: AccessEvent = { type: 'DataExported', data: who('kim') };
const erased: MemberEvent = { type: 'MemberErased', data: { ...who('ada'), identityIds: [] } };

/** The history of somebody in each state. */
const in_ = {
  none: [registered],
  invited: [registered, invited('member')],
  waiting: [registered, requested],
  active: [registered, requested, granted('member')],
  declined: [registered, requested, declined()],
  deactivated: [registered, requested, granted('member'), deactivated()],
  erased: [registered, requested, granted('member'), erased],
} satisfies Record<Access['status'], History>;
type Status = keyof typeof in_;

function refusalOf(history: History, decide: (state: Access) => unknown): AccessRefusal | null {
  try {
    decide(fold<Access, AccessEvent | MemberEvent>(access, history));
    return null;
  } catch (error) {
    if (error instanceof AccessRefused) return error.reason;
    throw error;
  }
}

test.each(Object.keys(in_) as Status[])('the state of somebody %s follows their events', (status) =>
  expect(fold<Access, AccessEvent | MemberEvent>(access, in_[status])).toMatchObject({ status }),
);

describe('who may assign which role', () => {
  const froms = [null, ...roles];
  const allowed = (actor: Role) =>
    froms.flatMap((from) => roles.filter((to) => mayAssign(actor, from, to)).map((to) => `${String(from)}→${to}`));
  test('an owner assigns every role to everybody', () =>
    expect(allowed('owner')).toHaveLength(froms.length * roles.length));
  test('an admin manages members, and neither makes nor unmakes admins and owners', () =>
    expect(allowed('admin')).toEqual(['null→member', 'member→member']));
  test('a member, or somebody without a role, assigns none', () => {
    expect(allowed('member')).toEqual([]);
    expect(mayAssign(null, null, 'member')).toBe(false);
  });
  test('each role has what those below it have', () => {
    const having = (needed: Role) => roles.filter((role) => hasRole(role, needed));
    expect(['member', 'admin', 'owner'].map((role) => having(role as Role))).toEqual([
      ['member', 'admin', 'owner'],
      ['admin', 'owner'],
      ['owner'],
    ]);
    expect(hasRole(null, 'member')).toBe(false);
  });
});

describe('inviting', () => {
  const inviting =
    (role: Role, actor = owner) =>
    (state: Access) =>
      invite({ memberId, actor, at, role, login: 'kim' }, state);
  test('invites who is known by commits only, or was declined', () => {
    given(in_.none)
      .when(inviting('admin'))
      .then([invited('admin')]);
    given(in_.declined)
      .when(inviting('member', admin))
      .then([invited('member', 'bo')]);
  });
  test('takes another role into the invitation', () =>
    given([invited('member')])
      .when(inviting('owner'))
      .then([invited('owner')]));
  test('to the login they have by now is another invitation', () =>
    given([invited('member')])
      .when((state) => invite({ memberId, actor: owner, at, role: 'member', login: 'garden-kim' }, state))
      .then([{ type: 'MemberInvited', data: { ...who('ada'), role: 'member', login: 'garden-kim' } }]));
  test('lets in at once who is waiting', () =>
    given(in_.waiting)
      .when(inviting('member', admin))
      .then([granted('member', 'bo')]));
  test('who is in with that role is not invited', () => given(in_.active).when(inviting('member')).thenNothing());
  test.each([
    ['active', 'has-access'],
    ['deactivated', 'deactivated'],
    ['erased', 'erased'],
  ] as const)('to another role is refused for somebody %s: %s', (status, reason) =>
    expect(refusalOf(in_[status], inviting('admin'))).toBe(reason),
  );
  test('an admin invites no admin, and changes no invitation of one', () => {
    expect(refusalOf(in_.none, inviting('admin', admin))).toBe('not-allowed');
    expect(refusalOf([invited('owner')], inviting('member', admin))).toBe('not-allowed');
    expect(refusalOf(in_.none, inviting('member', member))).toBe('not-allowed');
  });
});

describe('signing in', () => {
  const signing =
    ({ openChallenge = null, owner = false, login = 'kim' }: Partial<Omit<SignIn, 'memberId' | 'at'>> = {}) =>
    (state: Access) =>
      signIn({ memberId, at, login, openChallenge, owner }, state);

  test('whom nobody invited asks for access, once', () => {
    given(in_.none).when(signing()).then([requested]);
    given(in_.waiting).when(signing()).thenNothing();
  });
  test('who was invited comes in with the role of the invitation, by whoever invited them', () =>
    given([invited('member', 'bo'), roleChanged('admin')])
      .when(signing())
      .then([granted('admin', 'bo')]));
  test('an invitation counts before an open challenge', () =>
    given([invited('admin')])
      .when(signing({ openChallenge: 'gardeners' }))
      .then([granted('admin')]));
  test('an invitation to another login waits for that one: neither it nor an open challenge lets in', () => {
    given([invited('owner')])
      .when(signing({ login: 'mallory' }))
      .thenNothing();
    given([invited('owner')])
      .when(signing({ login: 'mallory', openChallenge: 'gardeners' }))
      .thenNothing();
  });
  test('an open challenge takes who comes and who waits', () => {
    for (const history of [in_.none, in_.waiting])
      given(history)
        .when(signing({ openChallenge: 'gardeners' }))
        .then([granted('member', 'challenge:gardeners')]);
  });
  test('who was declined stays declined, whatever challenge is open', () => {
    given(in_.declined).when(signing()).thenNothing();
    given(in_.declined)
      .when(signing({ openChallenge: 'gardeners' }))
      .thenNothing();
  });
  test.each(['none', 'invited', 'waiting', 'declined'] as const)(
    'whom the configuration names is made owner, though %s before',
    (status) =>
      given(in_[status])
        .when(signing({ owner: true, openChallenge: 'gardeners' }))
        .then([granted('owner', 'operator')]),
  );
  test('whom the configuration names is raised to owner when in with less', () => {
    given(in_.active)
      .when(signing({ owner: true }))
      .then([roleChanged('owner', 'operator')]);
    given([granted('owner')])
      .when(signing({ owner: true }))
      .thenNothing();
  });
  test('who is in comes in again', () => {
    given(in_.active).when(signing()).thenNothing();
    given(in_.active)
      .when(signing({ openChallenge: 'gardeners' }))
      .thenNothing();
  });
  test('who is deactivated stays so, even when the configuration names them', () => {
    given(in_.deactivated)
      .when(signing({ owner: true }))
      .thenNothing();
    given(in_.deactivated)
      .when(signing({ openChallenge: 'gardeners' }))
      .thenNothing();
  });
  test('who was erased does not come back in the same stream', () =>
    expect(refusalOf(in_.erased, signing({ owner: true }))).toBe('erased'));
});

describe('approving', () => {
  const approving =
    (role: Role = 'member', actor = owner) =>
    (state: Access) =>
      approve({ memberId, actor, at, role }, state);
  test('lets in who waits, and who was declined before', () => {
    given(in_.waiting)
      .when(approving('member', admin))
      .then([granted('member', 'bo')]);
    given(in_.declined)
      .when(approving('admin'))
      .then([granted('admin')]);
  });
  test('who is in with that role already: nothing', () => given(in_.active).when(approving()).thenNothing());
  test('who is invited is refused: there is nobody to let in yet', () =>
    expect(refusalOf(in_.invited, approving())).toBe('no-access'));
  test.each([
    ['none', 'never-asked'],
    ['invited', 'no-access'],
    ['active', 'has-access'],
    ['deactivated', 'deactivated'],
    ['erased', 'erased'],
  ] as const)('as admin is refused for somebody %s: %s', (status, reason) =>
    expect(refusalOf(in_[status], approving('admin'))).toBe(reason),
  );
  test('an admin approves no admin, a member nobody', () => {
    expect(refusalOf(in_.waiting, approving('admin', admin))).toBe('not-allowed');
    expect(refusalOf(in_.waiting, approving('member', member))).toBe('not-allowed');
  });
});

describe('declining', () => {
  const declining =
    (actor = owner) =>
    (state: Access) =>
      decline({ memberId, actor, at }, state);
  test('turns away who waits, and takes an invitation back', () => {
    given(in_.waiting)
      .when(declining(admin))
      .then([declined('bo')]);
    given(in_.invited).when(declining()).then([declined()]);
  });
  test('who is declined already: nothing', () => given(in_.declined).when(declining()).thenNothing());
  test.each([
    ['none', 'never-asked'],
    ['active', 'has-access'],
    ['deactivated', 'deactivated'],
    ['erased', 'erased'],
  ] as const)('is refused for somebody %s: %s', (status, reason) =>
    expect(refusalOf(in_[status], declining())).toBe(reason),
  );
  test('an admin does not take back the invitation of an owner', () =>
    expect(refusalOf([invited('owner')], declining(admin))).toBe('not-allowed'));
});

describe('changing a role', () => {
  const changing =
    (role: Role, actor = owner) =>
    (state: Access) =>
      changeRole({ memberId, actor, at, role }, state);
  test('of somebody who is in, or invited', () => {
    given(in_.active)
      .when(changing('admin'))
      .then([roleChanged('admin')]);
    given(in_.invited)
      .when(changing('owner'))
      .then([roleChanged('owner')]);
  });
  test('to the same is no change', () => given(in_.active).when(changing('member')).thenNothing());
  test.each([
    ['none', 'never-asked'],
    ['waiting', 'no-access'],
    ['declined', 'no-access'],
    ['deactivated', 'deactivated'],
    ['erased', 'erased'],
  ] as const)('is refused for somebody %s: %s', (status, reason) =>
    expect(refusalOf(in_[status], changing('admin'))).toBe(reason),
  );
  test('an admin neither makes nor unmakes an admin', () => {
    expect(refusalOf(in_.active, changing('admin', admin))).toBe('not-allowed');
    expect(refusalOf([granted('admin')], changing('member', admin))).toBe('not-allowed');
  });
});

describe('deactivating', () => {
  const deactivating =
    (actor = owner) =>
    (state: Access) =>
      deactivate({ memberId, actor, at }, state);
  const reactivating =
    (actor = owner) =>
    (state: Access) =>
      reactivate({ memberId, actor, at }, state);
  test('keeps out who was in, and reactivating lets them in with the role they had', () => {
    given([granted('admin')])
      .when(deactivating())
      .then([deactivated()]);
    given([granted('admin'), deactivated()])
      .when(reactivating())
      .then([reactivated()]);
    expect(
      fold<Access, AccessEvent | MemberEvent>(access, [granted('admin'), deactivated(), reactivated()]),
    ).toMatchObject({ status: 'active', role: 'admin' });
  });
  test('each twice says nothing', () => {
    given(in_.deactivated).when(deactivating()).thenNothing();
    given(in_.active).when(reactivating()).thenNothing();
  });
  test.each([
    ['none', 'never-asked'],
    ['invited', 'no-access'],
    ['waiting', 'no-access'],
    ['declined', 'no-access'],
    ['erased', 'erased'],
  ] as const)('and reactivating are refused for somebody %s: %s', (status, reason) => {
    expect(refusalOf(in_[status], deactivating())).toBe(reason);
    expect(refusalOf(in_[status], reactivating())).toBe(reason);
  });
  test('an admin does it with members only', () => {
    given(in_.active)
      .when(deactivating(admin))
      .then([deactivated('bo')]);
    given(in_.deactivated)
      .when(reactivating(admin))
      .then([reactivated('bo')]);
    expect(refusalOf([granted('admin')], deactivating(admin))).toBe('not-allowed');
    expect(refusalOf([granted('owner'), deactivated()], reactivating(admin))).toBe('not-allowed');
    expect(refusalOf(in_.active, deactivating(member))).toBe('not-allowed');
  });
});

describe('a token', () => {
  const connecting =
    (...scopes: string[]) =>
    (state: Access) =>
      connectToken({ memberId, scopes, at }, state);
  const disconnecting = (state: Access) => disconnectToken(who('kim'), state);
  test('is connected with its scopes, each once and in order', () =>
    given(in_.active)
      .when(connecting('repo', 'read:user', 'repo'))
      .then([connected('read:user', 'repo')]));
  test('that opens more replaces the one before', () => {
    given([connected('read:user')])
      .when(connecting('read:user', 'repo'))
      .then([connected('read:user', 'repo')]);
    given([connected('read:user', 'user:email')])
      .when(connecting('user', 'repo'))
      .then([connected('repo', 'user')]);
  });
  test('that opens as much or less does not: signing in again costs nobody their repositories', () => {
    given([connected('read:user', 'repo')])
      .when(connecting('repo', 'read:user'))
      .thenNothing();
    given([connected('read:user', 'repo')])
      .when(connecting('read:user'))
      .thenNothing();
    given([connected('read:user', 'repo')])
      .when(connecting('read:user', 'gist'))
      .thenNothing();
    given([connected('user')])
      .when(connecting('read:user', 'user:email'))
      .thenNothing();
    given([connected('read:user')])
      .when(connecting())
      .thenNothing();
  });
  test('without any scope is a token all the same', () => given(in_.active).when(connecting()).then([connected()]));
  test('is disconnected once, and may be connected again with less', () => {
    given([connected('repo')])
      .when(disconnecting)
      .then([disconnected]);
    given(in_.active).when(disconnecting).thenNothing();
    given([connected('read:user', 'repo'), disconnected])
      .when(connecting('read:user'))
      .then([connected('read:user')]);
  });
  test('of somebody erased is neither there nor connected', () => {
    given([connected('repo'), erased])
      .when(disconnecting)
      .thenNothing();
    expect(refusalOf(in_.erased, connecting('repo'))).toBe('erased');
  });
});

describe('an export', () => {
  const exporting =
    (instant = at) =>
    (state: Access) =>
      noteExport({ memberId, by: 'kim', at: instant }, state);
  test('is noted each time', () => {
    given(in_.none).when(exporting()).then([exported]);
    given([exported])
      .when(exporting('2026-11-22T00:00:00Z'))
      .then([{ type: 'DataExported', data: { memberId, by: 'kim', at: '2026-11-22T00:00:00Z' } }]);
  });
  test('of somebody erased is refused', () => expect(refusalOf(in_.erased, exporting())).toBe('erased'));
});

test('nothing said of somebody erased brings them back', () =>
  expect(
    fold<Access, AccessEvent | MemberEvent>(access, [
      ...in_.erased,
      granted('owner'),
      reactivated(),
      connected('repo'),
    ]),
  ).toMatchObject({ status: 'erased', role: null, token: null }));
