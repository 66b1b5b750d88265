import { describe, expect, test } from 'vitest';
import { identifyAuthors } from '../../domain/identify-authors.ts';
import type { Author } from '../../domain/identity.ts';
import {
  emptyDirectory,
  eraseMember,
  evolveDirectory,
  holderOf,
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
const by = { by: 'local', at: '2025-11-05T09:00:00Z' };
const KIM = 'id:email:kim@old.org';
const erase = (directory: MemberDirectory, memberId: string) => {
  const events = eraseMember({ memberId, ...by }, directory, idOf);
  return { events, after: evolveDirectory(directory, events) };
};
const linked = (memberId: string, kind: Identity['kind'], value: string): MemberEvent => ({
  type: 'IdentityLinked',
  data: { memberId, kind, value },
});

describe('erasing a member', () => {
  const { after: kim } = read(emptyDirectory, author('Kim <kim@old.org>'), author('Lee <lee@x.kr>'));

  test('says so, with what they would be registered as', () => {
    expect(erase(kim, KIM).events).toEqual([
      { type: 'MemberErased', data: { memberId: KIM, identityIds: [KIM], ...by } },
    ]);
  });
  test('again says nothing, and of nobody neither', () => {
    expect(erase(erase(kim, KIM).after, KIM).events).toEqual([]);
    expect(erase(kim, 'nobody').events).toEqual([]);
  });
  test('erases everybody they were known as, whichever of them is named', () => {
    const merged = evolveDirectory(kim, [{ type: 'MemberMerged', data: { memberId: KIM, into: 'id:email:lee@x.kr' } }]);
    for (const named of [KIM, 'id:email:lee@x.kr']) {
      const { events } = erase(merged, named);
      expect(events.map(({ data }) => data.memberId).toSorted()).toEqual([KIM, 'id:email:lee@x.kr']);
      for (const { data } of events) expect(data.identityIds.toSorted()).toEqual([KIM, 'id:email:lee@x.kr']);
    }
  });
  test('broken off half-way is ended by erasing again', () => {
    const merged = evolveDirectory(kim, [{ type: 'MemberMerged', data: { memberId: KIM, into: 'id:email:lee@x.kr' } }]);
    const [first, second] = erase(merged, KIM).events;
    const half = evolveDirectory(merged, first ? [first] : []);
    expect(erase(half, KIM).events.map(({ data }) => data.memberId)).toEqual([second?.data.memberId]);
  });
  test('leaves others alone, and forgets the name, the handle and the addresses', () => {
    const { after } = erase(kim, KIM);
    expect(after.members.get(KIM)).toMatchObject({ name: '', handle: '', identities: [] });
    expect(after.handles).toEqual(new Set(['lee']));
    expect(holderOf(after, { kind: 'email', value: 'kim@old.org' })).toBeUndefined();
    expect(holderOf(after, { kind: 'email', value: 'lee@x.kr' })?.name).toBe('Lee');
  });
});

describe('erasing whoever was known by an address that another account has proven since', () => {
  const known = evolveDirectory(emptyDirectory, [
    { type: 'MemberRegistered', data: { memberId: 'm', handle: 'm', name: 'M', bot: false } },
    linked('m', 'email', 'm@evil.example'),
    linked('m', 'email', 'kim@old.org'),
    { type: 'MemberRegistered', data: { memberId: 'kim', handle: 'kim', name: 'Kim', bot: false } },
    linked('kim', 'github-id', '7'),
    linked('kim', 'email', 'kim@old.org'),
  ]);
  test('leaves it to that account', () => {
    const { events, after } = erase(known, 'm');
    expect(events).toMatchObject([{ data: { memberId: 'm', identityIds: ['id:email:m@evil.example'] } }]);
    expect(read(after, author('Kim <kim@old.org>'))).toMatchObject({ memberIds: ['kim'], erased: [false] });
  });
  test('leaves it to them also where it was proven after, or erased by an older rule', () => {
    const said = { memberId: 'm', identityIds: ['id:email:m@evil.example', KIM], ...by };
    const after = evolveDirectory(known, [{ type: 'MemberErased', data: said }]);
    expect(read(after, author('Kim <kim@old.org>'))).toMatchObject({ memberIds: ['kim'], erased: [false] });
    expect(read(after, author('M <m@evil.example>'))).toMatchObject({ memberIds: [null], erased: [true] });
  });
});

describe('somebody erased', () => {
  const { after: known } = read(emptyDirectory, author('Kim <kim@old.org>'), author('Lee <lee@x.kr>'));
  const { after: gone } = erase(known, KIM);

  test('is not registered again by the next reading', () => {
    const again = read(gone, author('Kim <KIM@old.org>'), author('Lee <lee@x.kr>'));
    expect(again).toMatchObject({ memberIds: [null, 'id:email:lee@x.kr'], erased: [true, false], events: [] });
  });
  test('is not registered by an address that a mailmap gives them later', () => {
    const mapped = author('Kim <kim@new.org>', 'kim <kim@old.org>');
    const again = read(gone, mapped, author('Kim <kim@new.org>'));
    expect(again).toMatchObject({ memberIds: [null, null], erased: [true, true], events: [] });
  });
  test('is not put down to somebody else whom a mailmap takes them for', () => {
    const again = read(gone, author('Lee <lee@x.kr>', 'Kim <kim@old.org>'), author('Lee <lee@x.kr>'));
    expect(again).toMatchObject({ memberIds: [null, 'id:email:lee@x.kr'], erased: [true, false], events: [] });
  });
  test('and back with an address nobody has seen is somebody new', () => {
    const again = read(gone, author('Kim <kim@another.org>'));
    expect(again).toMatchObject({ memberIds: ['id:email:kim@another.org'], erased: [false] });
  });
  test('is erased also where the log was read again without the key: everything about them is empty', () => {
    const nobody = evolveDirectory(emptyDirectory, [
      { type: 'MemberRegistered', data: { memberId: 'm1', handle: '', name: '', bot: false } },
      linked('m1', 'email', ''),
      { type: 'MemberErased', data: { memberId: 'm1', identityIds: [KIM], ...by } },
    ]);
    expect([nobody.handles.size, nobody.holders.size]).toEqual([0, 0]);
    expect(read(nobody, author('Kim <kim@old.org>'), author('Lee <>'))).toMatchObject({ erased: [true, false] });
  });
});

describe('who had an account when erased', () => {
  const at = by.at;
  const account = (...said: PersonEvent[]): PersonEvent[] => [
    { type: 'MemberRegistered', data: { memberId: 'kim', handle: 'kim', name: 'Kim', bot: false } },
    linked('kim', 'github-id', '7'),
    linked('kim', 'github', 'garden-kim'),
    linked('kim', 'email', 'kim@old.org'),
    ...said,
  ];
  const who = { memberId: 'kim', by: 'ada', at };
  const granted: PersonEvent = { type: 'AccessGranted', data: { ...who, role: 'member' } };
  const requested: PersonEvent = { type: 'AccessRequested', data: { memberId: 'kim', at } };
  const declined: PersonEvent = { type: 'AccessDeclined', data: who };
  const deactivated: PersonEvent = { type: 'MemberDeactivated', data: who };
  const reactivated: PersonEvent = { type: 'MemberReactivated', data: who };
  const accountIds = ['id:github-id:7', 'id:github:garden-kim'];
  const erasing = (history: readonly PersonEvent[]) => erase(evolveDirectory(emptyDirectory, history), 'kim');

  test('is known by what the account has proven, not by all that is blocked', () =>
    expect(erasing(account(granted)).events).toMatchObject([{ data: { accountIds, barred: false } }]));
  test.each([
    ['declined', [requested, declined], true],
    ['deactivated', [granted, deactivated], true],
    ['reactivated', [granted, deactivated, reactivated], false],
    ['declined, then let in', [requested, declined, granted], false],
    ['waiting', [requested], false],
  ] as const)('%s: whether they were kept out is said', (_what, said, barred) => {
    const { events, after } = erasing(account(...said));
    expect(events).toMatchObject([{ data: { barred } }]);
    expect([...after.barred]).toEqual(barred ? accountIds : []);
  });
  test('does not get rid of it by being erased once more while waiting, but by being let in', () => {
    const again = [...account(deactivated), ...erasing(account(deactivated)).events].concat(
      [...account(requested)].map((event) => ({ ...event, data: { ...event.data, memberId: 'kim 2' } }) as PersonEvent),
    );
    const waiting = evolveDirectory(emptyDirectory, again);
    expect(erase(waiting, 'kim 2').events).toMatchObject([{ data: { memberId: 'kim 2', barred: true } }]);
    const letIn = evolveDirectory(waiting, [
      { type: 'AccessGranted', data: { ...who, memberId: 'kim 2', role: 'member' } },
    ]);
    const { events, after } = erase(letIn, 'kim 2');
    expect(events).toMatchObject([{ data: { barred: false } }]);
    expect(after.barred.size).toBe(0);
  });
});
