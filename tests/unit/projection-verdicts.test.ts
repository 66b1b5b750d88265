import { describe, expect, test } from 'vitest';
import type { ReadModel } from '../../projections/projection.ts';
import { decisionsOn, verdicts } from '../../projections/verdicts.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const day = '2025-03-10';
const place = (memberId: string) => ({ challengeId: 'hundred', memberId });
const corrected = (memberId: string, verdict: 'present' | 'absent', previous: 'absent' | 'present'): GivenEvent => ({
  type: 'AttendanceCorrected',
  data: { ...place(memberId), day, verdict, previous, reason: '=it was seen', by: 'lee' },
});
const excused: GivenEvent = { type: 'DayExcused', data: { ...place('ada'), day, reason: '=ill', by: 'local' } };
const withdrawn: GivenEvent = { type: 'ExcuseWithdrawn', data: { ...place('ada'), day, by: 'lee' } };
const joined: GivenEvent = { type: 'MemberJoined', data: { ...place('ada'), from: '2025-03-09' } };
const left: GivenEvent = { type: 'MemberLeft', data: { ...place('ada'), by: 'ada' } };

const of = (memberId: string) => (model: ReadModel) =>
  decisionsOn(model, 'hundred', memberId, day).map(({ recordedAt: _at, ...decision }) => decision);
const nothing = { verdict: null, previous: null, reason: '' };

describe('what was decided about a day', () => {
  const said = projectionSpec(verdicts).when(
    [joined, excused, withdrawn, corrected('ada', 'present', 'absent'), corrected('ada', 'absent', 'present'), left],
    { numberOfTimes: 2 },
  );

  test('is kept in order, also what a correction replaced', () => {
    expect(said.query(of('ada'))).toEqual([
      { ...nothing, kind: 'joined', day: '2025-03-09', actor: null },
      { ...nothing, kind: 'excused', day, reason: '=ill', actor: 'local' },
      { ...nothing, kind: 'withdrawn', day, actor: 'lee' },
      { kind: 'corrected', day, verdict: 'present', previous: 'absent', reason: '=it was seen', actor: 'lee' },
      { kind: 'corrected', day, verdict: 'absent', previous: 'present', reason: '=it was seen', actor: 'lee' },
      { ...nothing, kind: 'left', day: null, actor: 'ada' },
    ]);
  });

  test('says nothing of another day but who came and went', () => {
    const kinds = said.query((model) => decisionsOn(model, 'hundred', 'ada', '2025-03-11').map(({ kind }) => kind));
    expect(kinds).toEqual(['joined', 'left']);
  });

  test('goes with somebody who turned out to be somebody else', () => {
    const merged = said.when([{ type: 'MemberMerged', data: { memberId: 'ada', into: 'bo' } }]);
    expect(merged.query(of('ada'))).toEqual([]);
    expect(merged.query(of('bo'))).toHaveLength(6);
  });

  test('keeps of somebody erased that it was decided, not why', () => {
    const data = { memberId: 'ada', identityIds: [], by: 'local' as const, at: '2025-03-20T00:00:00Z' };
    const erased = said
      .when([corrected('bo', 'present', 'absent')])
      .when([{ type: 'MemberErased', data }], { numberOfTimes: 2 });
    expect(erased.query(of('ada')).map(({ reason }) => reason)).toEqual(['', '', '', '', '', '']);
    expect(erased.query(of('ada'))[3]).toMatchObject({ verdict: 'present', previous: 'absent', actor: 'lee' });
    expect(erased.query(of('bo'))[0]).toMatchObject({ reason: '=it was seen' });
  });
});
