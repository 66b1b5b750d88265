import { describe, expect, test } from 'vitest';
import { apiKeys, keyOf, keysOf } from '../../projections/api-keys.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const noon = '2026-11-21T12:00:00Z';
const hash = 'b'.repeat(64);
type Issue = Partial<Extract<GivenEvent, { type: 'ApiKeyIssued' }>['data']>;
const issued = (keyId: string, change: Issue = {}): GivenEvent => ({
  type: 'ApiKeyIssued',
  data: {
    keyId,
    memberId: 'kim',
    at: noon,
    name: `key ${keyId}`,
    scopes: ['read', 'log:write'],
    hash,
    expiresAt: null,
    requestsPerMinute: 30,
    by: 'kim',
    ...change,
  },
});
const used = (keyId: string, at = noon): GivenEvent => ({ type: 'ApiKeyUsed', data: { keyId, memberId: 'kim', at } });
const revoked = (keyId: string): GivenEvent => ({
  type: 'ApiKeyRevoked',
  data: { keyId, memberId: 'kim', at: noon, by: 'ada' },
});
const row = (key_id: string) => ({
  key_id,
  member_id: 'kim',
  name: `key ${key_id}`,
  scopes: ['read', 'log:write'] as const,
  hash,
  issued_at: noon,
  expires_at: null,
  used_at: null,
  requests_per_minute: 30,
});

describe('API keys', () => {
  test('are there from their issue to their end', () =>
    projectionSpec(apiKeys)
      .given([issued('k1'), issued('k2')])
      .when([used('k1'), revoked('k2'), used('k2')], { numberOfTimes: 2 })
      .then({ keys: [{ ...row('k1'), used_at: noon }] }));

  test('open what they were issued for, until they are revoked or expire', () => {
    const spec = projectionSpec(apiKeys).given([
      issued('k1'),
      issued('k2', { expiresAt: '2026-11-21T13:00:00Z' }),
      issued('k3'),
      revoked('k3'),
    ]);
    const open = (keyId: string, now: number) => spec.query((model) => keyOf(model, keyId, now));
    const end = Date.parse('2026-11-21T13:00:00Z');
    expect(open('k1', end)).toEqual({
      keyId: 'k1',
      memberId: 'kim',
      scopes: ['read', 'log:write'],
      hash,
      requestsPerMinute: 30,
    });
    expect(open('k2', end - 1)).toBeDefined();
    expect(open('k2', end)).toBeUndefined();
    expect(open('k3', end)).toBeUndefined();
    expect(open('k4', end)).toBeUndefined();
  });

  test('of a member are listed, the newest first, without what proves them', () => {
    const spec = projectionSpec(apiKeys).given([
      issued('k1'),
      issued('k2', { at: '2026-11-21T13:00:00Z', expiresAt: '2026-11-22T13:00:00Z', requestsPerMinute: null }),
      issued('other', { memberId: 'lee' }),
      used('k1', '2026-11-21T14:00:00Z'),
    ]);
    const scopes = ['read', 'log:write'];
    expect(spec.query((model) => keysOf(model, 'kim'))).toEqual([
      {
        id: 'k2',
        name: 'key k2',
        scopes,
        issuedAt: '2026-11-21T13:00:00Z',
        expiresAt: '2026-11-22T13:00:00Z',
        usedAt: null,
        requestsPerMinute: null,
      },
      {
        id: 'k1',
        name: 'key k1',
        scopes,
        issuedAt: noon,
        expiresAt: null,
        usedAt: '2026-11-21T14:00:00Z',
        requestsPerMinute: 30,
      },
    ]);
  });

  test('of somebody erased are gone, and nobody else’s', () => {
    const erased: GivenEvent = {
      type: 'MemberErased',
      data: { memberId: 'kim', by: 'kim', at: noon, identityIds: [] },
    };
    projectionSpec(apiKeys)
      .given([issued('k1'), issued('k2'), issued('k3', { memberId: 'lee' })])
      .when([erased, used('k1')], { numberOfTimes: 2 })
      .then({ keys: [{ ...row('k3'), member_id: 'lee' }] });
  });
});
