import type { Role } from '../../domain/access.ts';
import type { Scope } from '../../domain/api-key.ts';

/** Who asks, as found out from what the request shows: its credentials, or that it comes from the keyboard of this machine. */
export type Caller =
  | { readonly kind: 'nobody' }
  /** Local mode: bound to loopback without sign-in, whoever reaches the server is its owner. */
  | { readonly kind: 'local' }
  /** The command line of this machine: it can read the data directory. */
  | { readonly kind: 'operator' }
  /** Signed in, but not let in yet (or not any more). */
  | { readonly kind: 'waiting'; readonly memberId: string; readonly sessionId: string }
  | { readonly kind: 'session'; readonly memberId: string; readonly sessionId: string; readonly role: Role }
  /** `memberId` null: the API_AUTH_TOKEN, which is nobody's own. `role` is that of the key's maker now. */
  | {
      readonly kind: 'key';
      readonly keyId: string;
      readonly memberId: string | null;
      readonly role: Role;
      readonly scopes: readonly Scope[];
    };

export const NOBODY: Caller = { kind: 'nobody' };
export const LOCAL: Caller = { kind: 'local' };
export const OPERATOR: Caller = { kind: 'operator' };

/** The caller as events name who did something (`actorSchema`). @throws {TypeError} for nobody: nobody does anything */
export function actorOf(caller: Caller): string {
  switch (caller.kind) {
    case 'nobody':
      throw new TypeError('Nobody cannot do anything.');
    case 'local':
    case 'operator':
      return caller.kind;
    case 'key':
      return caller.memberId === null ? caller.keyId : `key:${caller.keyId}`;
    default:
      return caller.memberId;
  }
}

/** The member a caller is; null for the owner at the keyboard, the operator and the API_AUTH_TOKEN. */
export const memberOf = (caller: Caller): string | null => ('memberId' in caller ? caller.memberId : null);

/** The role a caller acts with; null for those who are not in. A key never is an owner, be it an owner's: it may get lost. */
export function roleOf(caller: Caller): Role | null {
  if (isAtTheMachine(caller)) return 'owner';
  if (caller.kind === 'key') return caller.role === 'owner' ? 'admin' : caller.role;
  return caller.kind === 'session' ? caller.role : null;
}

/** At the keyboard of the machine that holds everything: nothing on it can be hidden from them. */
export const isAtTheMachine = (caller: Caller): boolean => caller.kind === 'local' || caller.kind === 'operator';

/** Whether a caller may see what a member keeps to themselves: what comes from private repositories, and their addresses. */
export const maySeePrivate = (caller: Caller, memberId: string): boolean =>
  isAtTheMachine(caller) || memberOf(caller) === memberId;

/** Whether a caller looks after the server: may see paths, faults in full, and who is who. */
export const isAdmin = (caller: Caller): boolean => {
  const role = roleOf(caller);
  if (role !== 'admin' && role !== 'owner') return false;
  return caller.kind !== 'key' || caller.scopes.includes('admin');
};
