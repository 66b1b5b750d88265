import { z } from 'zod';
import { hasRole, type Role } from './access.ts';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';
import { displayName } from './identity.ts';
import { actorSchema } from './member.ts';
import { secretHashSchema } from './session.ts';

/** What a key may be used for. `admin` is whatever an admin may do, the others what a member may. */
export const scopes = ['read', 'log:write', 'admin'] as const;
export const scopeSchema = z.enum(scopes);
export type Scope = z.infer<typeof scopeSchema>;

/** Said of a key at most once in this time (milliseconds): every request would be an event otherwise. */
export const USE_NOTED_EVERY_MS = 3_600_000;
/** Longest a key with an end may live: a year and a day, so that "a year from now" fits whatever the year. */
const LONGEST_LIFE_MS = 366 * 86_400_000;
const LONGEST_NAME = 100;

const key = { keyId: z.string(), memberId: z.string(), at: instantSchema };

export const apiKeyEvents = {
  ApiKeyIssued: defineEvent(
    z.object({
      ...key,
      name: z.string().min(1).max(LONGEST_NAME),
      scopes: z.array(scopeSchema).min(1),
      hash: secretHashSchema,
      /** null: until it is revoked. */
      expiresAt: instantSchema.nullable(),
      /** null: as many as anybody. */
      requestsPerMinute: z.int().min(1).nullable(),
      by: actorSchema,
    }),
    { personal: ['name'] },
  ),
  ApiKeyUsed: defineEvent(z.object(key)),
  ApiKeyRevoked: defineEvent(z.object({ ...key, by: actorSchema })),
};
export type ApiKeyEvent = EventsOf<typeof apiKeyEvents>;

export const apiKeyStream = (keyId: string) => `apiKey-${keyId}`;

export type ApiKey =
  | { readonly status: 'none' }
  | {
      readonly status: 'active' | 'revoked';
      readonly keyId: string;
      readonly memberId: string;
      readonly usedAt: string | null;
    };

export const apiKey = {
  initial: { status: 'none' } as ApiKey,
  /** A key may be used for years: its newest event says enough to decide. */
  evolve(state: ApiKey, { type, data }: ApiKeyEvent): ApiKey {
    const { keyId, memberId } = data;
    if (state.status === 'revoked') return state;
    switch (type) {
      case 'ApiKeyIssued':
        return { status: 'active', keyId, memberId, usedAt: null };
      case 'ApiKeyUsed':
        return { status: 'active', keyId, memberId, usedAt: data.at };
      case 'ApiKeyRevoked':
        return { status: 'revoked', keyId, memberId, usedAt: state.status === 'none' ? null : state.usedAt };
      default:
        return (type satisfies never, state);
    }
  },
};

export type KeyRefusal = 'no-name' | 'no-scope' | 'scope-not-held' | 'expiry';

/** A key is not made as asked for, and the one who asks can mend it. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
  readonly reason: KeyRefusal;
  constructor(reason: KeyRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** What a role may do, as scopes. */
export const scopesOf = (role: Role | null): readonly Scope[] =>
  role === null ? [] : scopes.filter((scope) => scope !== 'admin' || hasRole(role, 'admin'));

/** What a key is good for now: its owner's role may have changed since it was made. */
export const scopesInForce = (granted: readonly Scope[], role: Role | null): readonly Scope[] => {
  const held = scopesOf(role);
  return granted.filter((scope) => held.includes(scope));
};

export type KeyInput = {
  readonly keyId: string;
  readonly memberId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly hash: string;
  readonly expiresAt: string | null;
  readonly requestsPerMinute: number | null;
  readonly by: string;
  readonly at: string;
};

/**
 * @param held scopes of whoever makes the key (`scopesOf` their role, or those of the key they use): it can grant no other
 * @throws {KeyRefused}
 */
export function issueKey(input: KeyInput, held: readonly Scope[], state: ApiKey): ApiKeyEvent[] {
  if (state.status !== 'none') return [];
  const name = displayName(input.name).slice(0, LONGEST_NAME).toWellFormed();
  if (name === '') throw new KeyRefused('no-name', 'Give the key a name that says what it is for.');
  const granted = scopes.filter((scope) => input.scopes.includes(scope));
  if (granted.length === 0) throw new KeyRefused('no-scope', `Choose at least one scope: ${scopes.join(', ')}.`);
  const missing = granted.filter((scope) => !held.includes(scope));
  if (missing.length > 0)
    throw new KeyRefused('scope-not-held', `A key grants only what its maker may do: not ${missing.join(', ')}.`);
  if (input.expiresAt !== null && !isWithinReach(input.expiresAt, input.at))
    throw new KeyRefused('expiry', 'A key expires in the future and within a year, or not at all.');
  return [{ type: 'ApiKeyIssued', data: { ...input, name, scopes: granted } }];
}

function isWithinReach(expiresAt: string, at: string): boolean {
  const life = Date.parse(expiresAt) - Date.parse(at);
  return life > 0 && life <= LONGEST_LIFE_MS;
}

/** Whether the time of a key is over. @param now milliseconds since the epoch */
export const hasExpired = (expiresAt: string | null, now: number): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= now;

/** Says that a key is in use, at most once an hour. */
export function noteUse(at: string, state: ApiKey): ApiKeyEvent[] {
  if (state.status !== 'active') return [];
  const { keyId, memberId, usedAt } = state;
  if (usedAt !== null && Date.parse(at) - Date.parse(usedAt) < USE_NOTED_EVERY_MS) return [];
  return [{ type: 'ApiKeyUsed', data: { keyId, memberId, at } }];
}

export function revokeKey({ by, at }: { by: string; at: string }, state: ApiKey): ApiKeyEvent[] {
  if (state.status !== 'active') return [];
  const { keyId, memberId } = state;
  return [{ type: 'ApiKeyRevoked', data: { keyId, memberId, by, at } }];
}
