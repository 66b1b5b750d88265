import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  apiKey,
  apiKeyEvents,
  hasExpired,
  issueKey,
  KeyRefused,
  noteUse,
  revokeKey,
  scopesInForce,
  scopesOf,
  type ApiKeyEvent,
  type KeyInput,
  type KeyRefusal,
  type Scope,
} from '../../domain/api-key.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(apiKey);

const ids = { keyId: 'k', memberId: 'kim' };
const input: KeyInput = {
  ...ids,
  name: 'night shift',
  scopes: ['read', 'log:write'],
  hash: createHash('sha256').update('secret').digest('hex'),
  expiresAt: null,
  requestsPerMinute: null,
  by: 'kim',
  at: '2026-11-21T12:00:00Z',
};
const issued = (change: Partial<KeyInput> = {}): ApiKeyEvent => ({
  type: 'ApiKeyIssued',
  data: { ...input, ...change, scopes: [...(change.scopes ?? input.scopes)] },
});
const used = (at: string): ApiKeyEvent => ({ type: 'ApiKeyUsed', data: { ...ids, at } });
const revoked: ApiKeyEvent = { type: 'ApiKeyRevoked', data: { ...ids, by: 'ada', at: '2026-12-01T00:00:00Z' } };

const all: readonly Scope[] = ['read', 'log:write', 'admin'];
const refusalOf = (change: Partial<KeyInput>, held = all): KeyRefusal | null => {
  try {
    issueKey({ ...input, ...change }, held, apiKey.initial);
    return null;
  } catch (error) {
    if (error instanceof KeyRefused) return error.reason;
    throw error;
  }
};

describe('issuing', () => {
  test('a key is issued once', () => {
    given([])
      .when((state) => issueKey(input, all, state))
      .then([issued()]);
    given([issued(), revoked])
      .when((state) => issueKey(input, all, state))
      .thenNothing();
  });
  test('its scopes are written each once, and its name fit to be shown', () =>
    given([])
      .when((state) =>
        issueKey({ ...input, scopes: ['admin', 'read', 'admin'], name: '  night\n\u202eshift ' }, all, state),
      )
      .then([issued({ scopes: ['read', 'admin'] })]));
  test('it has at least one scope, and a name', () => {
    expect(refusalOf({ scopes: [] })).toBe('no-scope');
    expect(refusalOf({ name: ' \u200f\n' })).toBe('no-name');
  });
  test('it grants no scope its maker lacks', () => {
    expect(refusalOf({ scopes: ['read', 'admin'] }, scopesOf('member'))).toBe('scope-not-held');
    expect(refusalOf({ scopes: ['log:write'] }, ['read'])).toBe('scope-not-held');
    expect(refusalOf({ scopes: ['admin'] }, scopesOf('admin'))).toBeNull();
    expect(refusalOf({ scopes: ['read'] }, scopesOf(null))).toBe('scope-not-held');
  });
  test.each([
    ['a second from now', '2026-11-21T12:00:01Z', null],
    ['a year from now', '2027-11-21T12:00:00Z', null],
    ['a year and a day from now', '2027-11-22T12:00:00Z', null],
    ['any later', '2027-11-22T12:00:00.001Z', 'expiry'],
    ['now', '2026-11-21T12:00:00Z', 'expiry'],
    ['in the past', '2025-11-21T12:00:00Z', 'expiry'],
  ] as const)('it may expire in the future, within a year: %s', (_what, expiresAt, refusal) =>
    expect(refusalOf({ expiresAt })).toBe(refusal),
  );
  test('a key that answers no request at all is none, and only a hash is written', () => {
    const { schema } = apiKeyEvents.ApiKeyIssued;
    expect(schema.safeParse(issued().data).success).toBe(true);
    expect(schema.safeParse({ ...issued().data, requestsPerMinute: 0 }).success).toBe(false);
    expect(schema.safeParse({ ...issued().data, hash: 's'.repeat(43) }).success).toBe(false);
  });
});

describe('scopes', () => {
  test('a member reads and writes; admins and owners do whatever an admin does', () => {
    expect(scopesOf('member')).toEqual(['read', 'log:write']);
    expect(scopesOf('admin')).toEqual(all);
    expect(scopesOf('owner')).toEqual(all);
    expect(scopesOf(null)).toEqual([]);
  });
  test('the key of somebody who was an admin is no longer good for that', () => {
    expect(scopesInForce(['read', 'admin'], 'member')).toEqual(['read']);
    expect(scopesInForce(['admin'], 'owner')).toEqual(['admin']);
    expect(scopesInForce(['read'], null)).toEqual([]);
  });
});

test('a key expires at its instant; one without never does', () => {
  const noon = Date.UTC(2026, 10, 21, 12);
  expect(hasExpired('2026-11-21T12:00:00Z', noon - 1)).toBe(false);
  expect(hasExpired('2026-11-21T12:00:00Z', noon)).toBe(true);
  expect(hasExpired(null, Date.UTC(9999, 0))).toBe(false);
});

describe('use', () => {
  test('is noted the first time, then at most once an hour', () => {
    given([issued()])
      .when((state) => noteUse('2026-11-21T12:30:00Z', state))
      .then([used('2026-11-21T12:30:00Z')]);
    given([issued(), used('2026-11-21T12:30:00Z')])
      .when((state) => noteUse('2026-11-21T13:29:59.999Z', state))
      .thenNothing();
    given([issued(), used('2026-11-21T12:30:00Z')])
      .when((state) => noteUse('2026-11-21T13:30:00Z', state))
      .then([used('2026-11-21T13:30:00Z')]);
  });
  test('of a key that is revoked, or was never issued, is not', () => {
    given([issued(), revoked])
      .when((state) => noteUse('2027-01-01T00:00:00Z', state))
      .thenNothing();
    given([])
      .when((state) => noteUse('2027-01-01T00:00:00Z', state))
      .thenNothing();
  });
  test('is decided by the newest event of a key alone', () =>
    expect(fold(apiKey, [used('2026-11-21T12:30:00Z')])).toEqual(
      fold(apiKey, [issued(), used('2026-11-21T12:30:00Z')]),
    ));
});

describe('revoking', () => {
  const revoking = (state: Parameters<typeof revokeKey>[1]) =>
    revokeKey({ by: 'ada', at: '2026-12-01T00:00:00Z' }, state);
  test('ends a key, once', () => {
    given([issued()]).when(revoking).then([revoked]);
    given([revoked]).when(revoking).thenNothing();
    given([]).when(revoking).thenNothing();
  });
  test('is for ever', () =>
    expect(fold(apiKey, [issued(), revoked, issued(), used('2027-01-01T00:00:00Z')])).toMatchObject({
      status: 'revoked',
    }));
});
