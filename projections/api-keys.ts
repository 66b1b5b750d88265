import { hasExpired, type Scope } from '../domain/api-key.ts';
import { defineProjection, table, type ReadModel } from './projection.ts';

type KeyRow = {
  key_id: string;
  member_id: string;
  name: string;
  scopes: readonly Scope[];
  hash: string;
  issued_at: string;
  expires_at: string | null;
  used_at: string | null;
  requests_per_minute: number | null;
};

/** Keys that nobody has revoked; an expired one is listed and opens nothing. */
export const apiKeys = defineProjection({
  name: 'api-keys',
  version: 1,
  tables: {
    keys: table<KeyRow>({
      key: ['key_id'],
      columns: {
        key_id: 'TEXT',
        member_id: 'TEXT',
        name: 'TEXT',
        scopes: 'JSON',
        hash: 'TEXT',
        issued_at: 'TEXT',
        expires_at: 'TEXT NULL',
        used_at: 'TEXT NULL',
        requests_per_minute: 'INTEGER NULL',
      },
      indexes: [['member_id']],
    }),
  },
  on: {
    ApiKeyIssued: ({ data }, { keys }) =>
      keys.put({
        key_id: data.keyId,
        member_id: data.memberId,
        name: data.name,
        scopes: data.scopes,
        hash: data.hash,
        issued_at: data.at,
        expires_at: data.expiresAt,
        used_at: null,
        requests_per_minute: data.requestsPerMinute,
      }),
    ApiKeyUsed: ({ data }, { keys }) => {
      const row = keys.get(data.keyId);
      if (row) keys.put({ ...row, used_at: data.at });
    },
    ApiKeyRevoked: ({ data }, { keys }) => keys.delete(data.keyId),
    MemberErased: ({ data }, { keys }) => {
      for (const { key_id } of keys.where('member_id', data.memberId)) keys.delete(key_id);
    },
  },
});

/** What authentication needs of a key. */
export type KnownKey = {
  readonly keyId: string;
  readonly memberId: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of its secret text, in hex. */
  readonly hash: string;
  readonly requestsPerMinute: number | null;
};

type StoredKey = Omit<KeyRow, 'scopes'> & { scopes: string };

/** A key that opens something; undefined when it was revoked, has expired or never was. @param now milliseconds since the epoch */
export function keyOf(model: ReadModel, keyId: string, now: number): KnownKey | undefined {
  const row = model.get<StoredKey>('SELECT * FROM keys WHERE key_id = ?', keyId);
  if (!row || hasExpired(row.expires_at, now)) return undefined;
  return {
    keyId: row.key_id,
    memberId: row.member_id,
    scopes: JSON.parse(row.scopes) as Scope[],
    hash: row.hash,
    requestsPerMinute: row.requests_per_minute,
  };
}

export type ListedKey = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly issuedAt: string;
  readonly expiresAt: string | null;
  /** To the hour; null: never. */
  readonly usedAt: string | null;
  readonly requestsPerMinute: number | null;
};

/** The keys of a member as they are shown: without what proves them, the newest first. */
export const keysOf = (model: ReadModel, memberId: string): ListedKey[] =>
  model
    .all<StoredKey>('SELECT * FROM keys WHERE member_id = ? ORDER BY issued_at DESC, key_id', memberId)
    .map((row) => ({
      id: row.key_id,
      name: row.name,
      scopes: JSON.parse(row.scopes) as Scope[],
      issuedAt: row.issued_at,
      expiresAt: row.expires_at,
      usedAt: row.used_at,
      requestsPerMinute: row.requests_per_minute,
    }));
