import { describe, expect, test } from 'vitest';
import { eventRegistry, type EventType } from '../../domain/event-registry.ts';
import { audit, audited, auditTrail } from '../../projections/audit-trail.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const noon = '2026-11-21T12:00:00Z';
const granted = (memberId: string): GivenEvent => ({
  type: 'AccessGranted',
  data: { memberId, by: 'ada', at: noon, role: 'admin' },
});
const corrected: GivenEvent = {
  type: 'AttendanceCorrected',
  data: {
    challengeId: 'gardeners',
    memberId: 'kim',
    day: '2025-03-11',
    verdict: 'present',
    previous: 'absent',
    reason: 'The server was down while Kim was in hospital.',
    by: 'bo',
  },
  recordedAt: Date.UTC(2025, 2, 12),
};

describe('the audit trail', () => {
  test('says who did what to whom, and when', () =>
    projectionSpec(audit)
      .given([granted('kim')])
      .when([corrected, { type: 'AccessRequested', data: { memberId: 'lee', at: noon } }], { numberOfTimes: 2 })
      .then({
        entries: [
          { position: 10, at: noon, actor: 'ada', action: 'AccessGranted', subject: 'kim', detail: { role: 'admin' } },
          {
            position: 20,
            at: '2025-03-12T00:00:00Z',
            actor: 'bo',
            action: 'AttendanceCorrected',
            subject: 'kim',
            detail: { challengeId: 'gardeners', day: '2025-03-11', verdict: 'present', previous: 'absent' },
          },
          { position: 30, at: noon, actor: 'lee', action: 'AccessRequested', subject: 'lee', detail: {} },
        ],
      }));

  test('is read the latest first, page by page, or for one member', () => {
    const spec = projectionSpec(audit).given([
      granted('kim'),
      granted('lee'),
      { type: 'JoiningOpened', data: { challengeId: 'gardeners', by: 'kim', at: noon } },
      granted('kim'),
    ]);
    const positions = (page: Parameters<typeof auditTrail>[1]) =>
      spec.query((model) => auditTrail(model, page)).map(({ position }) => position);
    expect(positions({ limit: 2 })).toEqual([40, 30]);
    expect(positions({ limit: 2, before: 30 })).toEqual([20, 10]);
    expect(positions({ limit: 9, subject: 'kim' })).toEqual([40, 10]);
    expect(positions({ limit: 9, subject: 'kim', before: 40 })).toEqual([10]);
    expect(spec.query((model) => auditTrail(model, { limit: 1, before: 31 }))).toEqual([
      {
        position: 30,
        at: noon,
        actor: 'kim',
        action: 'JoiningOpened',
        subject: null,
        detail: { challengeId: 'gardeners' },
      },
    ]);
  });

  test('says who joined two members, and nothing of what a mailmap joins', () =>
    projectionSpec(audit)
      .given([{ type: 'MemberMerged', data: { memberId: 'kim', into: 'lee' } }])
      .when([{ type: 'MemberMerged', data: { memberId: 'kim', into: 'lee', by: 'ada' }, recordedAt: Date.parse(noon) }])
      .then({
        entries: [
          { position: 20, at: noon, actor: 'ada', action: 'MemberMerged', subject: 'kim', detail: { into: 'lee' } },
        ],
      }));

  test('keeps what was done when a member is erased', () =>
    projectionSpec(audit)
      .given([granted('kim')])
      .when([{ type: 'MemberErased', data: { memberId: 'kim', by: 'kim', at: noon, identityIds: ['i'] } }])
      .then({
        entries: [
          { position: 10, at: noon, actor: 'ada', action: 'AccessGranted', subject: 'kim', detail: { role: 'admin' } },
          { position: 20, at: noon, actor: 'kim', action: 'MemberErased', subject: 'kim', detail: {} },
        ],
      }));

  test('tells nothing personal, and nothing that proves who somebody is', () => {
    for (const [type, fields] of Object.entries(audited) as [EventType, readonly string[]][]) {
      expect(
        eventRegistry[type].personal.filter((field) => fields.includes(field)),
        type,
      ).toEqual([]);
      expect(fields, type).not.toContain('hash');
      expect(fields, type).not.toContain('refreshHash');
    }
  });

  test('has whatever somebody is named to have done', () => {
    // `by` of a run is the machine that runs it.
    const named = Object.entries(eventRegistry).filter(
      ([type, { schema }]) => 'by' in schema.shape && !['JobStarted', 'JobContinued'].includes(type),
    );
    expect(named.length).toBeGreaterThan(10);
    for (const [type] of named) expect(Object.keys(audited)).toContain(type);
  });
});
