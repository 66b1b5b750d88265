import { personOf } from '../domain/member.ts';
import { defineProjection, table, type ReadModel } from './projection.ts';

type MemberRow = {
  member_id: string;
  handle: string;
  name: string;
  bot: number;
  /** The member this one turned out to be, or null. */
  merged_into: string | null;
};
type IdentityRow = { member_id: string; kind: string; value: string };

export const members = defineProjection({
  name: 'members',
  version: 1,
  tables: {
    members: table<MemberRow>({
      key: ['member_id'],
      columns: { member_id: 'TEXT', handle: 'TEXT', name: 'TEXT', bot: 'INTEGER', merged_into: 'TEXT NULL' },
      indexes: [['handle']],
    }),
    identities: table<IdentityRow>({
      key: ['kind', 'value'],
      columns: { member_id: 'TEXT', kind: 'TEXT', value: 'TEXT' },
      indexes: [['member_id']],
    }),
  },
  on: {
    MemberRegistered: ({ data }, { members }) =>
      members.put({
        member_id: data.memberId,
        handle: data.handle,
        name: data.name,
        bot: data.bot ? 1 : 0,
        merged_into: null,
      }),
    MemberRenamed: ({ data }, { members }) => {
      const member = members.get(data.memberId);
      if (member) members.put({ ...member, name: data.name });
    },
    IdentityLinked: ({ data }, { identities }) =>
      identities.put({ member_id: data.memberId, kind: data.kind, value: data.value }),
    MemberMerged: ({ data }, { members, identities }) => {
      const member = members.get(data.memberId);
      if (member) members.put({ ...member, merged_into: data.into });
      identities.replace('member_id', data.memberId, data.into);
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

/** Everybody known, people before bots, by name; members merged into another are left out. */
export const listMembers = (model: ReadModel): Member[] =>
  model.all<MemberRow>('SELECT * FROM members WHERE merged_into IS NULL ORDER BY bot, name, handle').map(toMember);

/** A member by handle; the handle of somebody merged leads to the member they are now. */
export function findMember(model: ReadModel, handle: string): Member | undefined {
  const named = model.get<MemberRow>('SELECT * FROM members WHERE handle = ?', handle.toLowerCase());
  if (!named) return undefined;
  const member = (id: string) => model.get<MemberRow>('SELECT * FROM members WHERE member_id = ?', id);
  return toMember(member(personOf(named.member_id, (id) => member(id)?.merged_into)) ?? named);
}

/** Addresses and logins that are this member. */
export const identitiesOf = (model: ReadModel, memberId: string): { kind: string; value: string }[] =>
  model.all('SELECT kind, value FROM identities WHERE member_id = ? ORDER BY kind, value', memberId);
