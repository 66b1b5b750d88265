import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DayState } from '../../domain/attendance.ts';
import {
  declareGoal,
  dropGoal,
  goalKinds,
  GoalRefused,
  goals,
  MOST_OPEN_GOALS,
  progressOf,
  reachGoal,
  type GoalEvent,
  type GoalFacts,
  type GoalInput,
  type GoalRefusal,
} from '../../domain/goal.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(goals);
const at = '2025-03-20T00:00:00Z';
const input: GoalInput = {
  ...{ memberId: 'kim', goalId: 'g1', at, challengeId: 'garden' },
  ...{ kind: 'streak', target: 30, text: null, due: '2025-04-30' },
};
const season = { today: '2025-03-20', end: '2025-06-17' };
const declared = (change: Partial<GoalInput> = {}): GoalEvent => ({
  type: 'GoalDeclared',
  data: { ...input, ...change },
});
const inWords = { kind: 'other', target: null, text: '책 한 권' } as const;
const about = { memberId: 'kim', goalId: 'g1', at };
const reached: GoalEvent = { type: 'GoalReached', data: about };
const dropped: GoalEvent = { type: 'GoalDropped', data: about };
const many = (count: number): GoalEvent[] => Array.from({ length: count }, (_, n) => declared({ goalId: `old-${n}` }));

const refusalOf = (decide: () => unknown): GoalRefusal | null => {
  try {
    decide();
    return null;
  } catch (error) {
    if (error instanceof GoalRefused) return error.reason;
    throw error;
  }
};
const declaring = (change: Partial<GoalInput>, history: GoalEvent[] = [], done = new Set<string>()) =>
  refusalOf(() => declareGoal({ ...input, ...change }, season, done, fold(goals, history)));

describe('setting a goal', () => {
  test('says it, once', () =>
    given([])
      .when((state) => declareGoal(input, season, new Set(), state))
      .then([declared()]));
  test('keeps its words as they are read, and needs none where it counts', () =>
    given([])
      .when((state) => declareGoal({ ...input, text: '  매일 한 줄 ' }, season, new Set(), state))
      .then([declared({ text: '매일 한 줄' })]));
  test('in words has no target, and needs words', () => {
    given([])
      .when((state) => declareGoal({ ...input, ...inWords, target: 7 }, season, new Set(), state))
      .then([declared(inWords)]);
    expect(declaring({ kind: 'other', text: ' \n' })).toBe('text');
  });
  test.each([
    ['rate', 100, null],
    ['rate', 101, 'target'],
    ['rate', 0, 'target'],
    ['streak', 1, null],
    ['streak', 1.5, 'target'],
    ['commits', 100_001, 'target'],
    ['days', null, 'target'],
  ] as const)('to a target that can be counted: %s %s', (kind, target, refusal) =>
    expect(declaring({ kind, target })).toBe(refusal),
  );
  test('for a day that is still to come, in the season', () => {
    expect(declaring({ due: '2025-03-19' })).toBe('due');
    expect(declaring({ due: '2025-03-20' })).toBeNull();
    expect(declaring({ due: '2025-06-17' })).toBeNull();
    expect(declaring({ due: '2025-06-18' })).toBe('due');
    expect(declaring({ due: null })).toBeNull();
  });
  test('is refused while too many are open; those the book says are reached are not', () => {
    expect(declaring({}, many(MOST_OPEN_GOALS - 1))).toBeNull();
    expect(declaring({}, many(MOST_OPEN_GOALS))).toBe('too-many');
    expect(declaring({}, many(MOST_OPEN_GOALS), new Set(['old-3']))).toBeNull();
    expect(
      declaring({}, [...many(MOST_OPEN_GOALS), { type: 'GoalDropped', data: { ...about, goalId: 'old-0' } }]),
    ).toBeNull();
  });
});

describe('the end of a goal', () => {
  test('in words is said by whoever set it, once', () => {
    given([declared(inWords)])
      .when((state) => reachGoal(about, state))
      .then([reached]);
    given([declared(inWords), reached])
      .when((state) => reachGoal(about, state))
      .thenNothing();
  });
  test('that is counted is not said by anybody', () => {
    expect(refusalOf(() => reachGoal(about, fold(goals, [declared()])))).toBe('counted');
    expect(refusalOf(() => reachGoal(about, goals.initial))).toBe('unknown');
  });
  test('to drop it says so once', () => {
    expect(dropGoal(about, fold(goals, [declared(), dropped]))).toEqual([]);
    expect(dropGoal(about, fold(goals, [declared(inWords), reached, dropped]))).toEqual([]);
  });
  test('many times, one after the other, takes no longer for the last than for the first', () => {
    const history = Array.from({ length: 20_000 }, (_, n): GoalEvent[] => [
      declared({ goalId: `old-${n}` }),
      { type: 'GoalDropped', data: { ...about, goalId: `old-${n}` } },
    ]).flat();
    const began = performance.now();
    expect(declaring({}, history)).toBeNull();
    expect(performance.now() - began).toBeLessThan(2_000);
  });
  test('may be to drop it; what is not there cannot be dropped', () => {
    expect(dropGoal(about, fold(goals, [declared()]))).toEqual([dropped]);
    expect(dropGoal(about, fold(goals, [declared(inWords), reached]))).toEqual([dropped]);
    expect(dropGoal(about, goals.initial)).toEqual([]);
  });
});

const streak = (days: number, end: string) => ({ days, start: '2025-03-10', end });
const facts = (change: Partial<GoalFacts> = {}): GoalFacts => ({
  ...{ states: [], current: null, longest: null, commits: 0, since: '2025-03-20', over: false },
  ...change,
});
const days = (text: string): DayState[] => [...text].map((one) => (one === 'p' ? 'present' : 'absent'));

describe('progress', () => {
  test('to a rate counts on the last day only', () => {
    const goal = { kind: 'rate', target: 75 } as const;
    expect(progressOf(goal, facts({ states: days('pppa') }), false)).toEqual({ value: 75, status: 'open' });
    expect(progressOf(goal, facts({ states: days('pppa'), over: true }), false).status).toBe('reached');
    expect(progressOf(goal, facts({ states: days('ppaa'), over: true }), false)).toEqual({
      value: 50,
      status: 'missed',
    });
    expect(progressOf(goal, facts(), false)).toEqual({ value: null, status: 'open' });
  });
  test('of days and commits is reached as soon as there are enough', () => {
    expect(progressOf({ kind: 'days', target: 2 }, facts({ states: days('pap') }), false).status).toBe('reached');
    expect(progressOf({ kind: 'days', target: 3 }, facts({ states: days('pap') }), false).status).toBe('open');
    expect(progressOf({ kind: 'commits', target: 9 }, facts({ commits: 9 }), false).status).toBe('reached');
    expect(progressOf({ kind: 'commits', target: 9 }, facts({ commits: 8, over: true }), false).status).toBe('missed');
  });
  test('of a streak is that of the present one, or the best since the goal was set', () => {
    const goal = { kind: 'streak', target: 7 } as const;
    expect(progressOf(goal, facts({ current: streak(3, '2025-03-20') }), false).value).toBe(3);
    expect(progressOf(goal, facts({ longest: streak(9, '2025-03-19') }), false)).toEqual({ value: 0, status: 'open' });
    expect(progressOf(goal, facts({ longest: streak(9, '2025-03-20') }), false).status).toBe('reached');
  });
  test('in words is what its member said', () => {
    const goal = { kind: 'other', target: null } as const;
    expect(progressOf(goal, facts(), false)).toEqual({ value: null, status: 'open' });
    expect(progressOf(goal, facts({ over: true }), true).status).toBe('reached');
    expect(progressOf(goal, facts({ over: true }), false).status).toBe('missed');
  });
  test('is open until it is over, and never reached below its target', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...goalKinds),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.constantFrom<DayState>('present', 'absent', 'excused', 'unknown', 'outside')),
        fc.nat(150),
        fc.boolean(),
        (kind, target, states, commits, over) => {
          const { value, status } = progressOf({ kind, target }, facts({ states, commits, over }), false);
          if (!over) expect(status).not.toBe('missed');
          if (over) expect(status).not.toBe('open');
          if (status === 'reached') expect(value).toBeGreaterThanOrEqual(target);
        },
      ),
    ));
});
