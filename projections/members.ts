import { erasedHandle, personOf, type Identity } from '../domain/member.ts';
import { defineProjection, table, type ReadModel } from './projection.ts';

type MemberRow = {
  member_id: string;
  handle: string;
  name: string;
  bot: number;
  /** The member this one turned out to be, or null. */
  merged_into: string | null;
  erased: number;
  /** Somebody has signed in as this member. */
  account: number;
};
type IdentityRow = {
  member_id: string;
  kind: string;
  value: string;
  /** Where in the log it was linked. */
  linked: number;
  /** A login that GitHub has said is their account's; what commits or an invitation say is not. */
  proven: number;
};

export const members = defineProjection({
  name: 'members',
  version: 5,
  tables: {
    members: table<MemberRow>({
      key: ['member_id'],
      columns: {
        member_id: 'TEXT',
        handle: 'TEXT',
        name: 'TEXT',
        bot: 'INTEGER',
        merged_into: 'TEXT NULL',
        erased: 'INTEGER',
        account: 'INTEGER',
      },
      indexes: [['handle']],
    }),
    identities: table<IdentityRow>({
      key: ['kind', 'value'],
      columns: { member_id: 'TEXT', kind: 'TEXT', value: 'TEXT', linked: 'INTEGER', proven: 'INTEGER' },
      indexes: [['member_id']],
    }),
  },
  on: {
    MemberRegistered: ({ data }, { members }) => {
      // Said twice, it brings back nobody who was merged or erased since.
      if (members.get(data.memberId)) return;
      members.put({
        member_id: data.memberId,
        handle: data.handle,
        name: data.name,
        bot: data.bot ? 1 : 0,
        merged_into: null,
        erased: 0,
        account: 0,
      });
    },
    MemberRenamed: ({ data }, { members }) => {
      const member = members.get(data.memberId);
      if (member) members.put({ ...member, name: data.name });
    },
    IdentityLinked: ({ data: { memberId, kind, value }, position }, { members, identities }) => {
      const member = members.get(memberId);
      if (member && kind === 'github-id') members.put({ ...member, account: 1 });
      // Nothing but signing in links anything to who has an account.
      const proven = kind === 'github' ? (member?.account ?? 0) : 0;
      identities.put({ member_id: memberId, kind, value, linked: Number(position), proven });
    },
    MemberMerged: ({ data }, { members, identities }) => {
      const member = members.get(data.memberId);
      if (member) members.put({ ...member, merged_into: data.into });
      identities.replace('member_id', data.memberId, data.into);
    },
    MemberErased: ({ data: { memberId } }, { members, identities }) => {
      const member = members.get(memberId);
      const handle = erasedHandle(memberId);
      if (member) members.put({ ...member, handle, name: handle, erased: 1, account: 0 });
      for (const { kind, value } of identities.where('member_id', memberId)) identities.delete(kind, value);
    },
  },
});

export type Member = { id: string; handle: string; name: string; bot: boolean };

const toMember = (row: MemberRow): Member => ({
  id: row.member_id,
  handle: row.handle,
  name: row.name,
  bot: row.bot === 1,
});

/** Everybody known, people before bots, by name; members merged into another, and erased ones, are left out. */
export const listMembers = (model: ReadModel): Member[] =>
  model
    .all<MemberRow>('SELECT * FROM members WHERE merged_into IS NULL AND erased = 0 ORDER BY bot, name, handle')
    .map(toMember);

/** A member by handle; the handle of somebody merged leads to the member they are now. */
export function findMember(model: ReadModel, handle: string): Member | undefined {
  const named = model.get<MemberRow>('SELECT * FROM members WHERE handle = ?', handle.toLowerCase());
  if (!named) return undefined;
  const member = (id: string) => model.get<MemberRow>('SELECT * FROM members WHERE member_id = ?', id);
  return toMember(member(personOf(named.member_id, (id) => member(id)?.merged_into)) ?? named);
}

/** How many people were erased. */
export const countErased = (model: ReadModel): number =>
  model.get<{ erased: number }>('SELECT count(*) AS erased FROM members WHERE erased = 1')?.erased ?? 0;

/** Addresses and logins that are this member. */
export const identitiesOf = (model: ReadModel, memberId: string): { kind: string; value: string }[] =>
  model.all('SELECT kind, value FROM identities WHERE member_id = ? ORDER BY kind, value', memberId);

/** The GitHub login of a member: the one their account had last, else the one they were last known by; null: none. */
export function loginOf(model: ReadModel, memberId: string): string | null {
  const sql = `SELECT value FROM identities WHERE member_id = ? AND kind = 'github'
    ORDER BY proven DESC, linked DESC, value LIMIT 1`;
  return model.get<{ value: string }>(sql, memberId)?.value ?? null;
}

/** Who a member is now; undefined when they are erased or never were. */
export function memberById(model: ReadModel, memberId: string): Member | undefined {
  const row = (id: string) => model.get<MemberRow>('SELECT * FROM members WHERE member_id = ?', id);
  const present = row(personOf(memberId, (id) => row(id)?.merged_into));
  return present && present.erased === 0 ? toMember(present) : undefined;
}

/** Whom an address, a login or an account's number leads to. */
export function holderOfIdentity(model: ReadModel, kind: Identity['kind'], value: string): Member | undefined {
  const sql = 'SELECT member_id FROM identities WHERE kind = ? AND value = ?';
  const held = model.get<{ member_id: string }>(sql, kind, value);
  return held && memberById(model, held.member_id);
}

/** The ids of everybody who turned out to be this member, through any number of mergers. */
export function membersMergedInto(model: ReadModel, memberId: string): string[] {
  const sql = `WITH RECURSIVE former (id) AS (
      SELECT member_id FROM members WHERE merged_into = ?
      UNION SELECT member_id FROM members JOIN former ON merged_into = former.id
    ) SELECT id FROM former WHERE id <> ? ORDER BY id`;
  return model.all<{ id: string }>(sql, memberId, memberId).map(({ id }) => id);
}
