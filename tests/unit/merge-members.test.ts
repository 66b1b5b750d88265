import { describe, expect, test } from 'vitest';
import { AccessRefused } from '../../domain/access.ts';
import {
  emptyDirectory,
  evolveDirectory,
  holderOf,
  type Identity,
  type MemberEvent,
  type PersonEvent,
} from '../../domain/member.ts';
import { mergeMembers, type Merge } from '../../domain/merge-members.ts';

const at = '2026-11-21T12:00:00Z';
const registered = (memberId: string): MemberEvent => ({
  type: 'MemberRegistered',
  data: { memberId, handle: memberId, name: memberId, bot: false },
});
const linked = (memberId: string, kind: Identity['kind'], value: string): MemberEvent => ({
  type: 'IdentityLinked',
  data: { memberId, kind, value },
});
const erased = (memberId: string): MemberEvent => ({
  type: 'MemberErased',
  data: { memberId, identityIds: [], by: 'ada', at },
});
const known: PersonEvent[] = [
  ...[registered('kim'), linked('kim', 'github-id', '7')],
  ...[registered('bo'), linked('bo', 'github-id', '8')],
  ...[registered('author'), linked('author', 'email', 'kim@old.org')],
  ...[registered('guest'), linked('guest', 'github', 'guest')],
  { type: 'MemberInvited', data: { memberId: 'guest', by: 'ada', at, role: 'member', login: 'guest' } },
];
const asked = { by: 'ada', role: 'admin', intoRole: 'member' } as const;
const merging = (memberId: string, into: string, ...since: PersonEvent[]) => mergingAs(asked, memberId, into, ...since);
type Asked = Pick<Merge, 'by' | 'role' | 'intoRole'>;
const mergingAs = (actor: Asked, memberId: string, into: string, ...since: PersonEvent[]) => {
  const directory = evolveDirectory(emptyDirectory, [...known, ...since]);
  const events = mergeMembers({ ...actor, memberId, into }, directory);
  return { events, after: evolveDirectory(directory, events) };
};
const refusalOf = (...asked: Parameters<typeof merging>) => {
  try {
    return merging(...asked).events;
  } catch (error) {
    if (error instanceof AccessRefused) return error.reason;
    throw error;
  }
};
const joined: MemberEvent = { type: 'MemberMerged', data: { memberId: 'author', into: 'kim', by: 'ada' } };

describe('joining somebody known by commits to an account', () => {
  test('says so, and by whom; what they signed with is the account’s', () => {
    const { events, after } = merging('author', 'kim');
    expect(events).toEqual([joined]);
    expect(holderOf(after, { kind: 'email', value: 'kim@old.org' })?.memberId).toBe('kim');
  });
  test('again says nothing', () => expect(merging('author', 'kim', joined).events).toEqual([]));
  test.each([
    ['somebody who has an account', 'bo', 'kim', 'not-one'],
    ['to somebody without an account', 'author', 'guest', 'not-one'],
    ['somebody whose invitation is open', 'guest', 'kim', 'not-one'],
    ['somebody unknown', 'nobody', 'kim', 'unknown'],
    ['to somebody unknown', 'author', 'nobody', 'unknown'],
  ] as const)('is refused: %s', (_what, memberId, into, reason) => expect(refusalOf(memberId, into)).toBe(reason));
  test.each([
    ['by whom they would be', { by: 'kim', role: 'owner', intoRole: 'owner' }],
    ['by a key', { by: 'key:1', role: 'admin', intoRole: 'member' }],
    ['by a member', { by: 'bo', role: 'member', intoRole: 'member' }],
    ['by an admin, to an owner', { by: 'ada', role: 'admin', intoRole: 'owner' }],
  ] as const)('is refused %s', (_what, actor) => {
    expect(() => mergingAs(actor, 'author', 'kim')).toThrow(
      expect.objectContaining({ reason: 'not-allowed' }) as Error,
    );
  });
  test('is refused of a program, unless it is one by a name that anybody can write', () => {
    const bot = (value: string): MemberEvent[] => [
      { type: 'MemberRegistered', data: { memberId: 'bot', handle: 'bot', name: 'x [bot]', bot: true } },
      linked('bot', 'email', value),
    ];
    expect(refusalOf('bot', 'kim', ...bot('bot@renovateapp.com'))).toBe('not-one');
    expect(merging('bot', 'kim', ...bot('kim@old.example')).events).toHaveLength(1);
  });
  test('is refused where either was erased', () => {
    expect(refusalOf('author', 'kim', erased('author'))).toBe('erased');
    expect(refusalOf('author', 'kim', erased('kim'))).toBe('erased');
  });
});
