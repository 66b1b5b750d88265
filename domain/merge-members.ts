import { AccessRefused } from './access.ts';
import { hasAccount, presentMember, type KnownMember, type MemberDirectory, type MemberEvent } from './member.ts';

export type Merge = {
  /** Who is known by commits, and turned out to be `into`. */
  readonly memberId: string;
  /** Who has an account. */
  readonly into: string;
  /** The actor. */
  readonly by: string;
};

/**
 * Joins two members whom an admin knows to be one, where signing in could not prove it: everything of the one who is known by commits
 * is the other's from now on, and cannot be parted again. Saying it again says nothing.
 * @throws {AccessRefused} `unknown` or `erased`, or `not-one`: only somebody known by commits is joined to somebody with an account
 */
export function mergeMembers({ memberId, into, by }: Merge, directory: MemberDirectory): MemberEvent[] {
  const [one, person] = [known(directory, memberId), known(directory, into)];
  if (one.memberId === person.memberId) return [];
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
