import { AccessRefused, mayAssign, type Role } from './access.ts';
import { isProgram } from './identify-account.ts';
import { hasAccount, presentMember, type KnownMember, type MemberDirectory, type MemberEvent } from './member.ts';

export type Merge = {
  /** Who is known by commits, and turned out to be `into`. */
  readonly memberId: string;
  /** Who has an account. */
  readonly into: string;
  /** The actor. */
  readonly by: string;
  /** What the actor may do. */
  readonly role: Role | null;
  /** What `into` may do; null: nothing. */
  readonly intoRole: Role | null;
};

/**
 * Joins two members whom an admin knows to be one, where signing in could not prove it: everything of the one who is known by commits
 * is the other's from now on, and cannot be parted again. Saying it again says nothing.
 * @throws {AccessRefused} `unknown` or `erased`; `not-allowed`: nobody joins anybody to themselves, no key does it, and whose role the
 * actor may not take is left alone; or `not-one`: only a person known by commits is joined to somebody with an account
 */
export function mergeMembers({ memberId, into, by, role, intoRole }: Merge, directory: MemberDirectory): MemberEvent[] {
  const [one, person] = [known(directory, memberId), known(directory, into)];
  if (by === person.memberId || by === one.memberId || by.startsWith('key:'))
    throw new AccessRefused(
      'not-allowed',
      'Nobody can say of themselves, or by a key, that somebody is them: ask another admin.',
    );
  if (!mayAssign(role, intoRole, 'member'))
    throw new AccessRefused('not-allowed', 'Only an owner joins anybody to an admin or owner.');
  if (one.memberId === person.memberId) return [];
  if (isProgram(one)) throw new AccessRefused('not-one', 'That is a program, and nobody’s past.');
  if (hasAccount(one)) throw new AccessRefused('not-one', 'They have an account of their own, and stay who they are.');
  if (!hasAccount(person))
    throw new AccessRefused(
      'not-one',
      'Only somebody who has signed in can be joined by others: merge into their account.',
    );
  if (one.access === 'invited')
    throw new AccessRefused('not-one', 'They are invited: decline the invitation first, or wait until it is taken.');
  return [{ type: 'MemberMerged', data: { memberId: one.memberId, into: person.memberId, by } }];
}

function known(directory: MemberDirectory, memberId: string): KnownMember {
  const member = presentMember(directory, memberId);
  if (!member) throw new AccessRefused('unknown', 'There is nobody of this id.');
  if (member.erased) throw new AccessRefused('erased', 'They were erased: nothing can be decided about them any more.');
  return member;
}
