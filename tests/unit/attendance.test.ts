import { describe, expect, test } from 'vitest';
import {
  attendance,
  attendanceStream,
  correctDay,
  ExcuseBudgetSpent,
  excuseDay,
  markDays,
  withdrawExcuse,
  type Attendance,
  type AttendanceEvent,
} from '../../domain/attendance.ts';
import { everyDay } from '../../domain/challenge.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(attendance);

const place = { challengeId: 'gardeners', memberId: 'ada' };
const marked = (day: string, evidence = 'abc'): AttendanceEvent => ({
  type: 'AttendanceMarked',
  data: { ...place, day, evidence },
});
const excused = (day: string): AttendanceEvent => ({
  type: 'DayExcused',
  data: { ...place, day, reason: '예비군', by: 'organiser' },
});
type Correction = Extract<AttendanceEvent, { type: 'AttendanceCorrected' }>['data'];
const corrected = (day: string, verdict: Correction['verdict'], previous: Correction['previous']): AttendanceEvent => ({
  type: 'AttendanceCorrected',
  data: { ...place, day, verdict, previous, reason: 'the laptop was offline', by: 'organiser' },
});
const correction = (day: string, verdict: Correction['verdict']) => ({
  day,
  verdict,
  reason: 'the laptop was offline',
  by: 'organiser',
});
const excuse = (day: string) => ({ day, reason: '예비군', by: 'organiser' });
const D1 = '2025-03-10';
const D2 = '2025-03-11';

describe('marking days', () => {
  test('marks each day once', () => {
    const days = [D1, D2, D1].map((day) => ({ day, evidence: 'abc' }));
    given([])
      .when((state) => markDays(days, place, state))
      .then([marked(D1), marked(D2)]);
  });
  test('a day that is marked keeps its first evidence', () =>
    given([marked(D1)])
      .when((state) => markDays([{ day: D1, evidence: 'def' }], place, state))
      .thenNothing());
  test('a day an organiser has decided stays as decided, either way', () => {
    for (const verdict of ['present', 'absent'] as const)
      given([corrected(D1, verdict, 'none')])
        .when((state) => markDays([{ day: D1, evidence: 'abc' }], place, state))
        .thenNothing();
  });
  test('work done on an excused day counts', () =>
    given([excused(D1)])
      .when((state) => markDays([{ day: D1, evidence: 'abc' }], place, state))
      .then([marked(D1)]));
});

describe('correcting a day', () => {
  test.each<[string, AttendanceEvent[], Correction['previous']]>([
    ['nothing', [], 'none'],
    ['a mark', [marked(D1)], 'present'],
    ['an excuse', [excused(D1)], 'excused'],
    ['another correction', [corrected(D1, 'present', 'none')], 'present'],
  ])('says what it replaced: %s', (_what, history, previous) => {
    given(history)
      .when((state) => correctDay(correction(D1, 'absent'), place, state))
      .then([corrected(D1, 'absent', previous)]);
  });
  test('and back again', () =>
    given([corrected(D1, 'absent', 'present')])
      .when((state) => correctDay(correction(D1, 'present'), place, state))
      .then([corrected(D1, 'present', 'absent')]));
  test('the same verdict says nothing new', () =>
    given([corrected(D1, 'absent', 'none')])
      .when((state) => correctDay({ ...correction(D1, 'absent'), reason: 'once more' }, place, state))
      .thenNothing());
  test('a later mark or excuse changes nothing', () => {
    for (const verdict of ['absent', 'present'] as const) {
      const history = [corrected(D1, verdict, 'none'), marked(D1), excused(D1)];
      expect(fold(attendance, history).verdicts.get(D1)).toBe(`corrected ${verdict}`);
    }
  });
});

describe('excusing a day', () => {
  const rule = { ...everyDay, excusedDays: 2 };

  test('takes one of the days the rule allows', () =>
    given([excused(D1)])
      .when((state) => excuseDay(excuse(D2), place, rule, state))
      .then([excused(D2)]));
  test('a day that is decided already needs no excuse', () => {
    for (const history of [[marked(D1)], [excused(D1)], [corrected(D1, 'absent', 'none')]])
      given(history)
        .when((state) => excuseDay(excuse(D1), place, rule, state))
        .thenNothing();
  });
  test('more days than the rule allows are refused', () => {
    given([excused(D1), excused(D2)])
      .when((state) => excuseDay(excuse('2025-03-12'), place, rule, state))
      .thenRefuses(ExcuseBudgetSpent);
    given([])
      .when((state) => excuseDay(excuse(D1), place, everyDay, state))
      .thenRefuses(ExcuseBudgetSpent);
  });
  test('an excuse that work or a correction made needless is free again', () => {
    given([excused(D1), excused(D2), marked(D1)])
      .when((state) => excuseDay(excuse('2025-03-12'), place, rule, state))
      .then([excused('2025-03-12')]);
  });
  test('an excuse taken back is free again, and only where there is one', () => {
    const withdrawn: AttendanceEvent = { type: 'ExcuseWithdrawn', data: { ...place, day: D1, by: 'organiser' } };
    const withdraw = (state: Attendance) => withdrawExcuse({ day: D1, by: 'organiser' }, place, state);
    given([excused(D1)])
      .when(withdraw)
      .then([withdrawn]);
    given([excused(D1), withdrawn])
      .when(withdraw)
      .thenNothing();
    given([excused(D1), marked(D1)])
      .when(withdraw)
      .thenNothing();
    given([excused(D1), excused(D2), withdrawn])
      .when((state) => excuseDay(excuse('2025-03-12'), place, rule, state))
      .then([excused('2025-03-12')]);
    expect(fold(attendance, [excused(D1), withdrawn, marked(D1)]).verdicts.get(D1)).toBe('marked');
    expect(fold(attendance, [marked(D1), withdrawn]).verdicts.get(D1)).toBe('marked');
  });
  test('an excused day stays marked when the excuse came second', () =>
    expect(fold(attendance, [marked(D1), excused(D1)]).verdicts.get(D1)).toBe('marked'));
});

test('a fixed season has one stream a member, a rolling one a stream for each year', () => {
  const fixed = { kind: 'fixed', start: '2024-12-01', days: 100 } as const;
  expect(attendanceStream('c', 'm', fixed, '2025-01-01')).toBe('attendance-c-m');
  expect(attendanceStream('c', 'm', { kind: 'rolling', days: 100 }, '2024-12-31')).toBe('attendance-c-m-2024');
  expect(attendanceStream('c', 'm', { kind: 'rolling', days: 100 }, '2025-01-01')).toBe('attendance-c-m-2025');
});
