import { z } from 'zod';
import { rateOf, tally, type DayState } from './attendance.ts';
import type { Day } from './calendar.ts';
import { daySchema, defineEvent, instantSchema, type EventsOf } from './event.ts';
import type { Streak } from './streak.ts';

/** What a goal is measured by; `other` is in words only, and whoever set it says when it is reached. */
export const goalKinds = ['rate', 'streak', 'commits', 'days', 'other'] as const;
export const goalKindSchema = z.enum(goalKinds);
export type GoalKind = z.infer<typeof goalKindSchema>;

/** Goals somebody may have at once that are neither reached nor dropped. */
export const MOST_OPEN_GOALS = 20;
export const LONGEST_GOAL = 200;
const HIGHEST: Record<Exclude<GoalKind, 'other'>, number> = { rate: 100, streak: 3660, commits: 100_000, days: 3660 };

const goal = { memberId: z.string(), goalId: z.string(), at: instantSchema };

export const goalEvents = {
  GoalDeclared: defineEvent(
    z.object({
      ...goal,
      /** The season it is measured in; null: the one the server shows by itself. */
      challengeId: z.string().nullable(),
      kind: goalKindSchema,
      /** Percent, days or commits; null where there is nothing to count. */
      target: z.int().min(1).nullable(),
      text: z.string().max(LONGEST_GOAL).nullable(),
      /** The last day for it; null: the end of the season. */
      due: daySchema.nullable(),
    }),
    { personal: ['text'], keptSealed: ['text'] },
  ),
  /** Of a goal in words: its member says that it is reached. What can be counted is never said: it is read from the book. */
  GoalReached: defineEvent(z.object(goal)),
  GoalDropped: defineEvent(z.object(goal)),
};
export type GoalEvent = EventsOf<typeof goalEvents>;
export type Goal = Omit<Extract<GoalEvent, { type: 'GoalDeclared' }>['data'], 'memberId'>;

export const goalStream = (memberId: string) => `goals-${memberId}`;

type Known = { readonly kind: GoalKind; readonly status: 'open' | 'reached' | 'dropped' };
/** By id. */
export type Goals = ReadonlyMap<string, Known>;

const none: Goals = new Map();
export const goals = {
  initial: none,
  /** The map is the fold's own from the first event on, so it grows in place: somebody may set and drop goals for years. */
  evolve(state: Goals, { type, data }: GoalEvent): Goals {
    const known = state.get(data.goalId);
    const own = state === none ? new Map<string, Known>() : (state as Map<string, Known>);
    if (type === 'GoalDeclared') return own.set(data.goalId, { kind: data.kind, status: 'open' });
    return known ? own.set(data.goalId, { ...known, status: type === 'GoalReached' ? 'reached' : 'dropped' }) : state;
  },
};

export type GoalRefusal = 'too-many' | 'target' | 'text' | 'due' | 'counted' | 'unknown';

/** A goal is not set as asked for, and the one who asks can mend it. */
export class GoalRefused extends Error {
  override readonly name = 'GoalRefused';
  readonly reason: GoalRefusal;
  constructor(reason: GoalRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

export type GoalInput = Goal & { readonly memberId: string };

/**
 * Sets oneself a goal. A goal that counts has a target and no need of words; one in words has no target.
 * @param season today there, and its last day (null: it has none); a goal that is over before it begins is refused
 * @param reached goals that the book says are reached: they are not open any more
 * @throws {GoalRefused}
 */
export function declareGoal(
  input: GoalInput,
  season: { readonly today: Day; readonly end: Day | null },
  reached: ReadonlySet<string>,
  state: Goals,
): GoalEvent[] {
  if (state.has(input.goalId)) return [];
  const open = [...state].filter(([id, one]) => one.status === 'open' && !reached.has(id)).length;
  if (open >= MOST_OPEN_GOALS)
    throw new GoalRefused('too-many', `You have ${MOST_OPEN_GOALS} open goals: drop one you do not pursue.`);
  const { kind, due } = input;
  const text = input.text?.trim() ? input.text.trim().slice(0, LONGEST_GOAL).toWellFormed() : null;
  const target = kind === 'other' ? null : input.target;
  if (kind === 'other' && text === null) throw new GoalRefused('text', 'Say in words what the goal is.');
  if (kind !== 'other') refuseTarget(kind, target);
  if (due !== null && due < season.today) throw new GoalRefused('due', `The goal would be over already: ${due}.`);
  if (due !== null && season.end !== null && due > season.end)
    throw new GoalRefused('due', `The season ends on ${season.end}, before the goal does.`);
  return [{ type: 'GoalDeclared', data: { ...input, text, target } }];
}

function refuseTarget(kind: Exclude<GoalKind, 'other'>, target: number | null): void {
  if (target !== null && Number.isInteger(target) && target >= 1 && target <= HIGHEST[kind]) return;
  throw new GoalRefused('target', `Expected a whole number from 1 to ${HIGHEST[kind]}.`);
}

type About = { readonly memberId: string; readonly goalId: string; readonly at: string };

/** @throws {GoalRefused} for a goal that is counted, and for none at all */
export function reachGoal(input: About, state: Goals): GoalEvent[] {
  const known = state.get(input.goalId);
  if (!known) throw new GoalRefused('unknown', 'You have no such goal.');
  if (known.kind !== 'other')
    throw new GoalRefused('counted', 'This goal is counted from the book: nobody has to say that it is reached.');
  return known.status === 'open' ? [{ type: 'GoalReached', data: input }] : [];
}

/** Gives a goal up, or puts away one that is reached. */
export const dropGoal = (input: About, state: Goals): GoalEvent[] =>
  (state.get(input.goalId)?.status ?? 'dropped') === 'dropped' ? [] : [{ type: 'GoalDropped', data: input }];

/** What of the book and the commits a goal is measured by. */
export type GoalFacts = {
  /** The member's days of the season up to today and the goal's last day, in order. */
  readonly states: readonly DayState[];
  readonly current: Streak | null;
  readonly longest: Streak | null;
  /** Commits from the season's first day (a rolling season: from the day the goal was set) to the goal's last. */
  readonly commits: number;
  /** The local day on which the goal was set. */
  readonly since: Day;
  /** The goal's last day is over. */
  readonly over: boolean;
};

export type GoalProgress = {
  /** Percent, days or commits so far; null where nothing can be told yet, and for goals in words. */
  readonly value: number | null;
  /** `missed`: its last day is over. A rate counts on that day only. */
  readonly status: 'open' | 'reached' | 'missed';
};

/** How far a goal has come. @param said its member has said that it is reached */
export function progressOf(
  { kind, target }: Pick<Goal, 'kind' | 'target'>,
  facts: GoalFacts,
  said: boolean,
): GoalProgress {
  if (kind === 'other' || target === null)
    return { value: null, status: said ? 'reached' : facts.over ? 'missed' : 'open' };
  const value = valueOf(kind, facts);
  const is = value !== null && value >= target && (kind !== 'rate' || facts.over);
  return { value, status: is ? 'reached' : facts.over ? 'missed' : 'open' };
}

function valueOf(kind: Exclude<GoalKind, 'other'>, { states, current, longest, commits, since }: GoalFacts) {
  switch (kind) {
    case 'rate':
      return rateOf(tally(states));
    case 'days':
      return tally(states).attended;
    case 'commits':
      return commits;
    case 'streak':
      // One that was over before the goal was set does not reach it.
      return Math.max(current?.days ?? 0, longest && longest.end >= since ? longest.days : 0);
    default:
      return (kind satisfies never, null);
  }
}
