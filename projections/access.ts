import { access, accessEvents, type Access, type AccessEvent, type AccessStatus, type Role } from '../domain/access.ts';
import type { Recorded } from '../domain/event-registry.ts';
import { defineProjection, table, type ReadModel, type Rows } from './projection.ts';

type PersonRow = {
  member_id: string;
  status: AccessStatus;
  role: Role | null;
  invited_by: string | null;
  /** The instant at which `status` became what it is. */
  since: string;
  requested_at: string | null;
  /** What the token connected opens; null: none is. */
  token_scopes: readonly string[] | null;
  exported_at: string | null;
};

type Told = Recorded<AccessEvent['type']>;

function enter({ type, data }: Told | Recorded<'MemberErased'>, { people }: { people: Rows<PersonRow> }) {
  const row = people.get(data.memberId);
  if (type === 'MemberErased' && !row) return; // never more than an author of commits
  const before = row ? toState(row) : access.initial;
  const after = access.evolve(before, { type, data } as AccessEvent);
  people.put({
    member_id: data.memberId,
    status: after.status,
    role: after.role,
    invited_by: after.invitedBy,
    since: row && before.status === after.status ? row.since : data.at,
    requested_at: type === 'AccessRequested' ? data.at : (row?.requested_at ?? null),
    token_scopes: after.token?.scopes ?? null,
    exported_at: after.exportedAt,
  });
}

const toState = (row: PersonRow): Access => ({
  status: row.status,
  role: row.role,
  invitedBy: row.invited_by,
  // Asked of the stream when somebody signs in; nothing here hangs on it.
  invitedAs: null,
  token: row.token_scopes && { provider: 'github', scopes: row.token_scopes },
  exportedAt: row.exported_at,
});

const types = ['MemberErased', ...Object.keys(accessEvents)];

/** Who may come in and as what: the streams of all members, each folded by the rule that decides on it. */
export const accessList = defineProjection({
  name: 'access',
  version: 1,
  tables: {
    people: table<PersonRow>({
      key: ['member_id'],
      columns: {
        member_id: 'TEXT',
        status: 'TEXT',
        role: 'TEXT NULL',
        invited_by: 'TEXT NULL',
        since: 'TEXT',
        requested_at: 'TEXT NULL',
        token_scopes: 'JSON',
        exported_at: 'TEXT NULL',
      },
    }),
  },
  on: {
    ...(Object.fromEntries(types.map((type) => [type, enter])) as Record<Told['type'] | 'MemberErased', typeof enter>),
    // Who has an account is merged into nobody; who is invited only by the sign-in that takes the invitation.
    MemberMerged: ({ data }, { people }) => people.delete(data.memberId),
  },
});

export type PersonAccess = {
  readonly memberId: string;
  readonly status: AccessStatus;
  readonly role: Role | null;
  readonly invitedBy: string | null;
  readonly since: string;
  readonly requestedAt: string | null;
  readonly tokenScopes: readonly string[] | null;
};

type StoredPerson = Omit<PersonRow, 'token_scopes'> & { token_scopes: string };

const toAccess = (row: StoredPerson): PersonAccess => ({
  memberId: row.member_id,
  status: row.status,
  role: row.role,
  invitedBy: row.invited_by,
  since: row.since,
  requestedAt: row.requested_at,
  tokenScopes: JSON.parse(row.token_scopes) as string[] | null,
});

/** What a member may do; undefined for who is known by commits only. */
export function accessOf(model: ReadModel, memberId: string): PersonAccess | undefined {
  const row = model.get<StoredPerson>('SELECT * FROM people WHERE member_id = ?', memberId);
  return row && toAccess(row);
}

/** Everybody who was invited, asked for access or has or had it, but for the erased; the longest in their state first. */
export const listAccess = (model: ReadModel): PersonAccess[] =>
  model
    .all<StoredPerson>("SELECT * FROM people WHERE status NOT IN ('none', 'erased') ORDER BY since, member_id")
    .map(toAccess);

/** Ids of the owners who can sign in. */
export const activeOwners = (model: ReadModel): string[] =>
  model
    .all<{ member_id: string }>("SELECT member_id FROM people WHERE status = 'active' AND role = 'owner'")
    .map(({ member_id }) => member_id);
