import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identifyAuthors } from '../../domain/identify-authors.ts';
import type { Author } from '../../domain/identity.ts';
import {
  emptyDirectory,
  evolveDirectory,
  holderOf,
  isSettled,
  type Identity,
  type MemberDirectory,
  type MemberEvent,
  type PersonEvent,
} from '../../domain/member.ts';

const idOf = ({ kind, value }: Identity) => `id:${kind}:${value}`;
const parts = (signature: string) => /^(.*?)\s*<(.*)>$/.exec(signature)?.slice(1) ?? [signature, ''];
/** `Kim <kim@example.org>`; with a second one: what the commit says itself. */
const author = (mapped: string, raw = mapped): Author => {
  const [name = '', email = ''] = parts(mapped);
  const [rawName = '', rawEmail = ''] = parts(raw);
  return { name, email, rawName, rawEmail };
};
const read = (directory: MemberDirectory, ...authors: Author[]) => {
  const found = identifyAuthors(directory, authors, idOf);
  return { ...found, after: evolveDirectory(directory, found.events) };
};
const registered = (memberId: string, name = memberId): MemberEvent => ({
  type: 'MemberRegistered',
  data: { memberId, handle: memberId, name, bot: false },
});
const linked = (memberId: string, kind: Identity['kind'], value: string): MemberEvent => ({
  type: 'IdentityLinked',
  data: { memberId, kind, value },
});
const invited = (memberId: string, login: string): PersonEvent => ({
  type: 'MemberInvited',
  data: { memberId, by: 'ada', at: '2026-11-21T12:00:00Z', role: 'owner', login },
});

const BOB = { kind: 'github', value: 'bob' } as const;
const invitedBob = [registered('bob'), linked('bob', 'github', 'bob'), invited('bob', 'bob')];
const bobWithAccount = [
  registered('bob', 'Bob'),
  linked('bob', 'github-id', '6'),
  linked('bob', 'github', 'bob'),
  linked('bob', 'email', 'bob@x.kr'),
];

describe.each([
  ['invited', invitedBob],
  ['with an account', bobWithAccount],
] as const)('somebody %s', (_what, history) => {
  const known = evolveDirectory(emptyDirectory, history);
  const [{ name = '' } = {}] = known.members.values();
  const untouched = (after: MemberDirectory) => {
    expect(after.members.get('bob')).toEqual(known.members.get('bob'));
    expect(holderOf(after, BOB)?.memberId).toBe('bob');
  };

  test('is not paired with an address by a name that anybody can write', () => {
    const { events, after } = read(known, author(`${name} <mallory@evil.example>`));
    expect(events.map(({ data }) => data.memberId)).not.toContain('bob');
    untouched(after);
  });
  test('is not taken for whoever a mailmap says they are', () => {
    const { memberIds, after } = read(
      known,
      author('M <m@evil.example>'),
      author('M <m@evil.example>', 'Bob <bob@users.noreply.github.com>'),
    );
    expect(memberIds).toEqual(['id:email:m@evil.example', 'bob']);
    untouched(after);
  });
  test('is not made out of whoever a mailmap says is them', () => {
    const { after: two } = read(known, author('M <m@evil.example>'));
    const { memberIds, events, after } = read(two, author('Bob <bob@users.noreply.github.com>', 'M <m@evil.example>'));
    expect([memberIds, events]).toEqual([['bob'], []]);
    untouched(after);
  });
  test('is not renamed', () => {
    const { memberIds, events } = read(known, author('Somebody Else <6+bob@users.noreply.github.com>'));
    expect([memberIds, events]).toEqual([['bob'], []]);
  });
  test('is credited with what is signed by exactly their login, also where a mailmap gives it to several people', () => {
    const shared = { ...author('M <m@evil.example>', 'Bob <bob@users.noreply.github.com>'), sharedAddress: true };
    expect(read(known, shared).memberIds).toEqual(['bob']);
  });
});

describe('a no-reply address with a number', () => {
  const numbered = (number: number, login = 'bob') => author(`Bob <${number}+${login}@users.noreply.github.com>`);
  const known = evolveDirectory(emptyDirectory, bobWithAccount);
  test('is the account’s of this number, whichever login is in it', () => {
    expect(read(known, numbered(6), numbered(6, 'once-bob'))).toMatchObject({ memberIds: ['bob', 'bob'], events: [] });
  });
  test('is not of whoever has the login in it by now', () => {
    const { memberIds, after } = read(known, numbered(7), author('Bob <bob@users.noreply.github.com>'));
    expect(memberIds).toEqual(['id:email:7+bob@users.noreply.github.com', 'bob']);
    expect(after.members.get(memberIds[0] ?? '')).toMatchObject({ handle: 'bob-2' });
  });
  test('is not of whoever was seen by the login with another number, in one reading or two', () => {
    const [one, other] = ['id:github:bob', 'id:email:7+bob@users.noreply.github.com'];
    expect(read(emptyDirectory, numbered(6), numbered(7)).memberIds).toEqual([one, other]);
    const { after } = read(emptyDirectory, numbered(6));
    expect(read(after, numbered(7), numbered(6)).memberIds).toEqual([other, one]);
  });
  test('of an account erased is read no more, whichever login is in it', () => {
    const data = { memberId: 'bob', identityIds: ['id:github-id:6'], by: 'bob', at: '2026-11-21T12:00:00Z' };
    const after = evolveDirectory(known, [{ type: 'MemberErased', data }]);
    expect(read(after, numbered(6, 'once-bob'))).toMatchObject({ memberIds: [null], erased: [true], events: [] });
  });
});

describe('a mailmap', () => {
  test('does not join two who have accounts, nor move an address from one to the other', () => {
    const known = evolveDirectory(emptyDirectory, [
      ...bobWithAccount,
      registered('kim'),
      linked('kim', 'github-id', '7'),
      linked('kim', 'email', 'kim@x.kr'),
    ]);
    const joining = author('Kim <kim@x.kr>', 'Bob <bob@x.kr>');
    expect(read(known, joining, author('Kim <kim@x.kr>'))).toMatchObject({ memberIds: ['bob', 'kim'], events: [] });
  });
  test('still joins those who are known by commits', () => {
    const { after: known } = read(emptyDirectory, author('Kim <kim@old.org>'), author('Kim Minsu <kim@new.org>'));
    const { events } = read(known, author('Kim Minsu <kim@new.org>', 'Kim <kim@old.org>'), author('K <kim@new.org>'));
    expect(events).toContainEqual({
      type: 'MemberMerged',
      data: { memberId: 'id:email:kim@old.org', into: 'id:email:kim@new.org' },
    });
  });
});

test('whatever is signed and mapped, nothing about who somebody settled is changes, and what they sign is theirs', () => {
  const name = fc.constantFrom('Bob', 'bob', 'Kim', '');
  const email = fc.constantFrom(
    ...['a@x.kr', 'bob@x.kr', 'm@evil.example', ''],
    ...['bob@users.noreply.github.com', '1+kim@users.noreply.github.com', 'mallory@users.noreply.github.com'],
  );
  const anyAuthor = fc.record({ name, email, rawName: name, rawEmail: email, sharedAddress: fc.boolean() });
  const authors = fc.array(anyAuthor, { maxLength: 8 });
  const settling = fc.constantFrom(invitedBob, bobWithAccount);
  fc.assert(
    fc.property(authors, settling, authors, authors, (before, settled, between, after) => {
      let directory = evolveDirectory(read(emptyDirectory, ...before).after, settled);
      const known = directory.members.get('bob');
      expect(known && isSettled(known)).toBe(true);
      for (const signed of [between, after]) {
        const found = read(directory, ...signed);
        directory = found.after;
        expect(directory.members.get('bob')).toEqual(known);
        expect(holderOf(directory, BOB)?.memberId).toBe('bob');
        signed.forEach(({ rawEmail }, index) => {
          if (rawEmail.startsWith('bob@users')) expect(found.memberIds[index]).toBe('bob');
        });
        expect(read(directory, ...signed).events).toEqual([]);
      }
    }),
    { numRuns: 1_000 },
  );
});
