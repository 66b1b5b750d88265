import { describe, expect, test } from 'vitest';
import { identifyAuthors } from '../../domain/identify-authors.ts';
import type { Author } from '../../domain/identity.ts';
import {
  emptyDirectory,
  eraseMember,
  evolveDirectory,
  holderOf,
  presentMember,
  type Identity,
  type MemberDirectory,
  type MemberEvent,
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

describe('a member with an account', () => {
  const account = (directory: MemberDirectory, memberId: string, id: string) =>
    evolveDirectory(directory, [linked(memberId, 'github-id', id)]);
  const { after: two } = read(emptyDirectory, author('Kim <kim@old.org>'), author('Kim Minsu <kim@new.org>'));
  const NEW = 'id:email:kim@new.org';
  const mapped = [author('Kim Minsu <kim@new.org>', 'Kim <kim@old.org>'), author('Kim Minsu <kim@new.org>')];

  test('is not merged away: the other one is merged into them', () => {
    const joined = read(account(two, KIM, '42'), ...mapped);
    expect(joined.events).toContainEqual({ type: 'MemberMerged', data: { memberId: NEW, into: KIM } });
    expect(joined.memberIds).toEqual([KIM, KIM]);
    expect(read(joined.after, ...mapped)).toMatchObject({ events: [], memberIds: [KIM, KIM] });
  });
  test('takes in one person and not the next, whose address was put down to them', () => {
    const known = evolveDirectory(account(two, KIM, '42'), [linked(KIM, 'email', 'lee@laptop')]);
    const { after } = read(known, author('Lee <lee@x.kr>'));
    const joined = read(after, ...mapped, author('Lee <lee@x.kr>'), author('Lee <lee@x.kr>', 'lee <lee@laptop>'));
    expect(joined.events).toContainEqual({ type: 'MemberMerged', data: { memberId: NEW, into: KIM } });
    expect(joined.events).toContainEqual(linked('id:email:lee@x.kr', 'email', 'lee@laptop'));
    expect(joined.memberIds).toEqual([KIM, KIM, 'id:email:lee@x.kr', 'id:email:lee@x.kr']);
  });
  test('takes the other one in as ever', () => {
    const joined = read(account(two, NEW, '42'), ...mapped);
    expect(joined.events).toEqual([{ type: 'MemberMerged', data: { memberId: KIM, into: NEW } }]);
  });
  test('and another one with an account stay two: only the address is the other’s', () => {
    const joined = read(account(account(two, KIM, '42'), NEW, '43'), ...mapped);
    expect(joined.events).toEqual([linked(NEW, 'email', 'kim@old.org')]);
    expect(presentMember(joined.after, KIM)?.mergedInto).toBeNull();
    expect(read(joined.after, ...mapped).events).toEqual([]);
  });
});
