import { describe, expect, test } from 'vitest';
import { IDLE_MS } from '../../domain/session.ts';
import { sessionOf, sessions, sessionsOf } from '../../projections/sessions.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const noon = '2026-11-21T12:00:00Z';
const one = '2026-11-21T13:00:00Z';
const refreshHash = 'a'.repeat(64);
const started = (sessionId: string, at = noon, memberId = 'kim'): GivenEvent => ({
  type: 'SessionStarted',
  data: { sessionId, memberId, at, refreshHash, client: `browser ${sessionId}` },
});
const refreshed = (sessionId: string, at = one): GivenEvent => ({
  type: 'SessionRefreshed',
  data: { sessionId, memberId: 'kim', at, refreshHash },
});
const revoked = (sessionId: string): GivenEvent => ({
  type: 'SessionRevoked',
  data: { sessionId, memberId: 'kim', at: one, by: 'kim', reason: 'sign-out' },
});

describe('sessions', () => {
  test('are there from their start to their end', () => {
    const row = { session_id: 's1', member_id: 'kim', client: 'browser s1', started_at: noon, refreshed_at: noon };
    const spec = projectionSpec(sessions).given([started('s1'), started('s2')]);
    spec
      .when([refreshed('s1'), revoked('s2'), refreshed('s2')], { numberOfTimes: 2 })
      .then({ sessions: [{ ...row, refreshed_at: one }] });
    expect(spec.query((model) => sessionOf(model, 's1', Date.parse(noon)))).toEqual({ memberId: 'kim' });
    expect(spec.query((model) => sessionOf(model, 's3', Date.parse(noon)))).toBeUndefined();
    expect(spec.when([revoked('s1')]).query((model) => sessionOf(model, 's1', Date.parse(noon)))).toBeUndefined();
  });

  test('are over after 30 days without a refresh', () => {
    const spec = projectionSpec(sessions).given([started('s1'), started('s2'), refreshed('s2')]);
    const end = Date.parse(noon) + IDLE_MS;
    expect(spec.query((model) => sessionOf(model, 's1', end))).toBeDefined();
    expect(spec.query((model) => sessionOf(model, 's1', end + 1))).toBeUndefined();
    expect(spec.query((model) => sessionOf(model, 's2', end + 1))).toBeDefined();
    expect(spec.query((model) => sessionsOf(model, 'kim', end + 1)).map(({ id }) => id)).toEqual(['s2']);
  });

  test('of a member are listed, the one refreshed last first', () => {
    const spec = projectionSpec(sessions).given([
      started('s1'),
      started('s2', '2026-11-21T12:30:00Z'),
      started('other', noon, 'lee'),
      refreshed('s1'),
    ]);
    expect(spec.query((model) => sessionsOf(model, 'kim', Date.parse(one)))).toEqual([
      { id: 's1', client: 'browser s1', startedAt: noon, refreshedAt: one },
      { id: 's2', client: 'browser s2', startedAt: '2026-11-21T12:30:00Z', refreshedAt: '2026-11-21T12:30:00Z' },
    ]);
  });

  test('of somebody erased are gone, and nobody else’s', () => {
    const erased: GivenEvent = {
      type: 'MemberErased',
      data: { memberId: 'kim', by: 'kim', at: one, identityIds: [] },
    };
    projectionSpec(sessions)
      .given([started('s1'), started('s2'), started('s3', noon, 'lee')])
      .when([erased, refreshed('s1')], { numberOfTimes: 2 })
      .then({
        sessions: [{ session_id: 's3', member_id: 'lee', client: 'browser s3', started_at: noon, refreshed_at: noon }],
      });
  });
});
