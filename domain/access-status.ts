/**
 * `none`: known by commits only. `invited`: has not signed in yet. `waiting`: signed in, for an admin to decide.
 * `declined` and `deactivated` are not let in; only the latter had been.
 */
export type AccessStatus = 'none' | 'invited' | 'waiting' | 'active' | 'declined' | 'deactivated' | 'erased';

/** What each event makes of somebody's access; those that are not named leave it as it is. */
export const statusAfter: Readonly<Partial<Record<string, AccessStatus>>> = {
  MemberInvited: 'invited',
  AccessRequested: 'waiting',
  AccessGranted: 'active',
  AccessDeclined: 'declined',
  MemberDeactivated: 'deactivated',
  MemberReactivated: 'active',
};

/** They were turned away, or shown out: nothing is read of them, told to them or shown of them in public. */
export const isKeptOut = (status: AccessStatus | undefined): boolean =>
  status === 'declined' || status === 'deactivated';
