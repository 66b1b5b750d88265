import { isAdmin, roleOf, type Caller } from './caller.ts';

/**
 * What a procedure asks of its caller:
 * - `anyone`: nothing
 * - `signed-in`: any credentials, also of somebody who still waits to be let in
 * - `account`: somebody in person, about themselves; also who waits; no key
 * - `read`: a member; a key with `read`
 * - `person`: a member in person, by a session; no key
 * - `admin`: an admin or owner; a key with `admin` of one. What only owners may do (roles above members) is a rule: `mayAssign`
 * - `operator`: the command line of this machine
 */
export const permissions = ['anyone', 'signed-in', 'account', 'read', 'person', 'admin', 'operator'] as const;
export type Permission = (typeof permissions)[number];

const RULES: Record<Permission, (caller: Caller) => boolean> = {
  anyone: () => true,
  'signed-in': ({ kind }) => kind !== 'nobody',
  account: (caller) => caller.kind === 'waiting' || RULES.person(caller),
  read: (caller) => roleOf(caller) !== null && (caller.kind !== 'key' || caller.scopes.includes('read')),
  person: (caller) => roleOf(caller) !== null && caller.kind !== 'key',
  admin: isAdmin,
  operator: ({ kind }) => kind === 'operator',
};

/** `unauthorized`: credentials are missing or wrong (401); `forbidden`: they are good, but not for this (403). */
export type Verdict = 'granted' | 'unauthorized' | 'forbidden';

/** Whether a caller has a permission. */
export function judge(permission: Permission, caller: Caller): Verdict {
  if (RULES[permission](caller)) return 'granted';
  // The operator's token is one more credential, which the person at the keyboard has not shown.
  return caller.kind === 'nobody' || caller.kind === 'local' ? 'unauthorized' : 'forbidden';
}
