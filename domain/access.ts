import { z } from 'zod';
import { statusAfter, type AccessStatus } from './access-status.ts';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';
import { actorSchema, memberEvents, memberStream, type MemberEvent } from './member.ts';
import { covers } from './token-scopes.ts';

/** From the least to the most: each may do whatever those before it may. */
export const roles = ['member', 'admin', 'owner'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** Whose the keys of local mode are: nobody has signed in there, so no member can be named. */
export const LOCAL_MEMBER = 'local';

const memberId = z.string();
const said = { memberId, by: actorSchema, at: instantSchema };
const granted = { ...said, role: roleSchema };
const providerSchema = z.literal('github');

export const accessEvents = {
  /**
   * Whoever GitHub says has this login when they sign in is let in with the role. Nobody has the login of an invitation written
   * before it was bound to one: it is given again.
   */
  MemberInvited: defineEvent(z.object({ ...granted, login: z.string() }), {
    personal: ['login'],
    upcasts: [(data) => ({ ...data, login: '' })],
  }),
  /** Somebody signed in whom nobody had invited: they wait for an admin. */
  AccessRequested: defineEvent(z.object({ memberId, at: instantSchema })),
  /** `by` may be `challenge:<id>`: a challenge that is open for joining let them in. */
  AccessGranted: defineEvent(z.object(granted)),
  AccessDeclined: defineEvent(z.object(said)),
  RoleChanged: defineEvent(z.object(granted)),
  MemberDeactivated: defineEvent(z.object(said)),
  MemberReactivated: defineEvent(z.object(said)),
  /** The token itself is in the vault; this says only what it opens. */
  TokenConnected: defineEvent(
    z.object({ memberId, provider: providerSchema, scopes: z.array(z.string()), at: instantSchema }),
  ),
  TokenDisconnected: defineEvent(z.object({ ...said, provider: providerSchema })),
  DataExported: defineEvent(z.object(said)),
};
export type AccessEvent = EventsOf<typeof accessEvents>;

/** Who a person is and what they may do stand in one stream: erasing somebody ends both. */
export const accessStream = memberStream;
/** All that is said in it: what the directory of members is folded from. */
export const saidOfPeople = { ...memberEvents, ...accessEvents };

export type { AccessStatus } from './access-status.ts';

export type ConnectedToken = { readonly provider: 'github'; readonly scopes: readonly string[] };
export type Access = {
  readonly status: AccessStatus;
  /** The role they have, had before they were deactivated, or are invited to; null where there is none. */
  readonly role: Role | null;
  readonly invitedBy: string | null;
  /** The login the invitation is for, in lower case. */
  readonly invitedAs: string | null;
  readonly token: ConnectedToken | null;
  readonly exportedAt: string | null;
};

const noAccess: Access = {
  status: 'none',
  role: null,
  invitedBy: null,
  invitedAs: null,
  token: null,
  exportedAt: null,
};

export const access = {
  initial: noAccess,
  evolve(state: Access, event: AccessEvent | MemberEvent): Access {
    // Nothing that is said of somebody erased brings them back.
    if (state.status === 'erased') return state;
    if (event.type === 'MemberErased') return { ...noAccess, status: 'erased' };
    // The same stream tells who they are; nothing of what they may do hangs on that.
    return isAccessEvent(event) ? changed(state, event) : state;
  },
};

const isAccessEvent = (event: AccessEvent | MemberEvent): event is AccessEvent => event.type in accessEvents;

function changed(before: Access, { type, data }: AccessEvent): Access {
  const state = { ...before, status: statusAfter[type] ?? before.status };
  switch (type) {
    case 'MemberInvited':
      return { ...state, role: data.role, invitedBy: data.by, invitedAs: data.login };
    case 'AccessGranted':
    case 'RoleChanged':
      return { ...state, role: data.role };
    case 'AccessRequested':
    case 'AccessDeclined':
      return { ...state, role: null };
    case 'MemberDeactivated':
    case 'MemberReactivated':
      return state;
    case 'TokenConnected':
      return { ...state, token: { provider: data.provider, scopes: data.scopes } };
    case 'TokenDisconnected':
      return { ...state, token: null };
    case 'DataExported':
      return { ...state, exportedAt: data.at };
    default:
      return (type satisfies never, state);
  }
}

/**
 * `not-allowed`: the one who asks may not. `never-asked`: nobody waits there. `has-access`, `no-access`, `deactivated`, `erased`:
 * what the person is instead. `last-owner`: nobody would be left to let others in. `unknown`: nobody has that id. `not-one`: these two
 * cannot be joined.
 */
export type AccessRefusal =
  | 'not-allowed'
  | 'never-asked'
  | 'has-access'
  | 'no-access'
  | 'deactivated'
  | 'erased'
  | 'last-owner'
  | 'unknown'
  | 'not-one';

export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
  readonly reason: AccessRefusal;
  constructor(reason: AccessRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Whether a role may do what needs another at least. */
export const hasRole = (role: Role | null, needed: Role): boolean =>
  role !== null && roles.indexOf(role) >= roles.indexOf(needed);

/**
 * Who may give whom which role, or take it: admins manage members; only owners make or unmake admins and owners.
 * @param from the role they have now; null for none
 */
export const mayAssign = (actor: Role | null, from: Role | null, to: Role): boolean =>
  actor === 'owner' || (actor === 'admin' && to === 'member' && (from === null || from === 'member'));

/** Who asks, and with which role; the person at the keyboard and the operator are owners. */
export type Actor = { readonly by: string; readonly role: Role | null };
export type Asked = { readonly memberId: string; readonly actor: Actor; readonly at: string };

function demand(allowed: boolean) {
  if (allowed) return;
  throw new AccessRefused('not-allowed', 'Admins manage members; only an owner makes or unmakes admins and owners.');
}

/** What may not be done to people in this state, and what to do instead. */
const REFUSALS: Readonly<Record<AccessStatus, readonly [AccessRefusal, string]>> = {
  none: ['never-asked', 'They have neither been invited nor signed in: invite them.'],
  invited: ['no-access', 'They are invited and have not signed in yet.'],
  waiting: ['no-access', 'They are waiting to be let in: approve or decline them.'],
  active: ['has-access', 'They have access already: change their role, or deactivate them.'],
  declined: ['no-access', 'They were declined: approve or invite them.'],
  deactivated: ['deactivated', 'They are deactivated: reactivate them first.'],
  erased: ['erased', 'They were erased: nothing can be decided about them any more.'],
};
const refused = ({ status }: Access) => new AccessRefused(...REFUSALS[status]);

/** `login`: whom the invitation is for, in lower case. */
export type Invitation = Asked & { readonly role: Role; readonly login: string };

/** Who waits already is let in at once; who is in is not invited again. @throws {AccessRefused} */
export function invite({ memberId, actor, at, role, login }: Invitation, state: Access): AccessEvent[] {
  const { status } = state;
  if (status === 'erased' || status === 'deactivated' || (status === 'active' && state.role !== role))
    throw refused(state);
  demand(mayAssign(actor.role, state.role, role));
  if (status === 'active') return [];
  const data = { memberId, by: actor.by, at, role };
  if (status === 'waiting') return [{ type: 'AccessGranted', data }];
  if (status === 'invited' && state.role === role && state.invitedAs === login) return [];
  return [{ type: 'MemberInvited', data: { ...data, login } }];
}

export type SignIn = {
  readonly memberId: string;
  readonly at: string;
  /** What GitHub says is theirs now, in lower case. */
  readonly login: string;
  /** A challenge that is open for joining: it takes whoever comes. */
  readonly openChallenge: string | null;
  /** The configuration names them as owner. */
  readonly owner: boolean;
};

/**
 * What signing in makes of somebody's access. Who was declined stays so, and who was deactivated even where the configuration
 * names them. An invitation is for the login it names: it waits for that one, whoever else signs in. @throws {AccessRefused} when they were erased
 */
export function signIn({ memberId, at, login, openChallenge, owner }: SignIn, state: Access): AccessEvent[] {
  const { status } = state;
  if (status === 'erased') throw refused(state);
  if (status === 'deactivated') return [];
  const grant = (role: Role, by: string): AccessEvent[] => [
    { type: 'AccessGranted', data: { memberId, by, at, role } },
  ];
  if (status === 'active')
    return owner && state.role !== 'owner'
      ? [{ type: 'RoleChanged', data: { memberId, by: 'operator', at, role: 'owner' } }]
      : [];
  if (owner) return grant('owner', 'operator');
  if (status === 'invited')
    return state.role !== null && state.invitedAs === login ? grant(state.role, state.invitedBy ?? 'operator') : [];
  if (status === 'declined') return [];
  if (openChallenge !== null) return grant('member', `challenge:${openChallenge}`);
  return status === 'waiting' ? [] : [{ type: 'AccessRequested', data: { memberId, at } }];
}

/** Lets in who waits, or who was declined before. @throws {AccessRefused} */
export function approve({ memberId, actor, at, role }: Asked & { role: Role }, state: Access): AccessEvent[] {
  const { status } = state;
  if (status !== 'waiting' && status !== 'declined' && (status !== 'active' || state.role !== role))
    throw refused(state);
  demand(mayAssign(actor.role, state.role, role));
  if (status === 'active') return [];
  return [{ type: 'AccessGranted', data: { memberId, by: actor.by, at, role } }];
}

/** Turns away who waits, and takes an invitation back. @throws {AccessRefused} */
export function decline({ memberId, actor, at }: Asked, state: Access): AccessEvent[] {
  const { status } = state;
  if (status === 'none' || status === 'active' || status === 'deactivated' || status === 'erased') throw refused(state);
  demand(mayAssign(actor.role, state.role, 'member'));
  return status === 'declined' ? [] : [{ type: 'AccessDeclined', data: { memberId, by: actor.by, at } }];
}

/** Also of an invitation. @throws {AccessRefused} */
export function changeRole({ memberId, actor, at, role }: Asked & { role: Role }, state: Access): AccessEvent[] {
  if (state.status !== 'active' && state.status !== 'invited') throw refused(state);
  demand(mayAssign(actor.role, state.role, role));
  return state.role === role ? [] : [{ type: 'RoleChanged', data: { memberId, by: actor.by, at, role } }];
}

/** Keeps somebody out who was in; everything of theirs stays. @throws {AccessRefused} */
export function deactivate({ memberId, actor, at }: Asked, state: Access): AccessEvent[] {
  if (state.status !== 'active' && state.status !== 'deactivated') throw refused(state);
  demand(mayAssign(actor.role, state.role, 'member'));
  return state.status === 'active' ? [{ type: 'MemberDeactivated', data: { memberId, by: actor.by, at } }] : [];
}

/** Lets somebody in again with the role they had. @throws {AccessRefused} */
export function reactivate({ memberId, actor, at }: Asked, state: Access): AccessEvent[] {
  if (state.status !== 'active' && state.status !== 'deactivated') throw refused(state);
  demand(mayAssign(actor.role, state.role, state.role ?? 'member'));
  return state.status === 'deactivated' ? [{ type: 'MemberReactivated', data: { memberId, by: actor.by, at } }] : [];
}

export type TokenInput = { readonly memberId: string; readonly scopes: readonly string[]; readonly at: string };

/** Whether a token takes the place of the one connected: signing in again asks for less than reading repositories does. */
export const replaces = (scopes: readonly string[], token: ConnectedToken | null): boolean =>
  token === null || covers(scopes, token.scopes);

/** Says what a token opens where that is more than the one connected. @throws {AccessRefused} when they were erased */
export function connectToken({ memberId, scopes, at }: TokenInput, state: Access): AccessEvent[] {
  const { status, token } = state;
  if (status === 'erased') throw refused(state);
  const isAsGood = token !== null && covers(token.scopes, scopes);
  if (isAsGood || !replaces(scopes, token)) return [];
  const sorted = [...new Set(scopes)].toSorted();
  return [{ type: 'TokenConnected', data: { memberId, provider: 'github', scopes: sorted, at } }];
}

export const disconnectToken = (
  { memberId, by, at }: { memberId: string; by: string; at: string },
  { token }: Access,
): AccessEvent[] =>
  token ? [{ type: 'TokenDisconnected', data: { memberId, by, at, provider: token.provider } }] : [];

/** Says that everything known of somebody was handed out. @throws {AccessRefused} when they were erased */
export function noteExport(data: { memberId: string; by: string; at: string }, state: Access): AccessEvent[] {
  if (state.status === 'erased') throw refused(state);
  return state.exportedAt === data.at ? [] : [{ type: 'DataExported', data }];
}
