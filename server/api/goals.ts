import { z } from 'zod';
import { dayOf } from '../../domain/calendar.ts';
import { goalKindSchema, LONGEST_GOAL, progressOf, type GoalFacts } from '../../domain/goal.ts';
import { streaks } from '../../domain/streak.ts';
import { findChallenge, type ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { goalsOf, type KeptGoal } from '../../projections/community.ts';
import { challengeFor, requireChallenge } from './book.ts';
import { decided } from './community-refusals.ts';
import type { GoalsView, GoalView } from './community-views.ts';
import { fieldError } from './errors.ts';
import { challengeId, day, handle, requireMember } from './input.ts';
import { deciderFor, factsOf, mayDecideFor, type MemberFacts } from './member-facts.ts';
import type { Services } from './services.ts';
import { personProcedure, readProcedure, router } from './trpc.ts';

const about = z.strictObject({ id: z.string().min(1).max(100), handle: handle.optional() });

export const goalsRouter = router({
  of: readProcedure
    .meta({ description: "A member's goals and how far they have come." })
    .input(z.strictObject({ handle }))
    .query(({ ctx: { services, caller }, input }): GoalsView => {
      const member = requireMember(services, input.handle, 'handle');
      return { goals: goalViews(services, member.id), own: mayDecideFor(caller, member.id) && !member.bot };
    }),

  set: personProcedure
    .meta({ description: 'Sets oneself a goal in a season.' })
    .input(
      z.strictObject({
        kind: goalKindSchema,
        target: z.int().min(0).max(1_000_000).nullable(),
        text: z.string().max(LONGEST_GOAL).nullable(),
        due: day.nullable().default(null),
        challenge: challengeId.optional(),
        handle: handle.optional(),
      }),
    )
    .mutation(async ({ ctx: { services, caller }, input: { challenge: wanted, handle: whose, ...wish } }) => {
      const memberId = deciderFor(services, caller, whose);
      const challenge = requireChallenge(services, wanted);
      const { id, season, bounds, today } = challenge;
      if (season.kind === 'fixed' && today > bounds.end)
        throw fieldError('challenge', `The season ended on ${bounds.end}.`, 'CONFLICT');
      const done = goalViews(services, memberId).filter(({ status }) => status !== 'open');
      const declaring = services.community.declareGoal(
        { ...wish, memberId, challengeId: id },
        { today, end: season.kind === 'fixed' ? bounds.end : null },
        new Set(done.map((goal) => goal.id)),
      );
      return { id: await decided(declaring) };
    }),

  reach: personProcedure
    .meta({ description: 'Says that a goal in words is reached.' })
    .input(about)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const goal = ownGoal(services, deciderFor(services, caller, input.handle), input.id);
      await decided(services.community.reachGoal(goal.setBy, goal.goalId));
      return { id: input.id };
    }),

  drop: personProcedure
    .meta({ description: 'Gives a goal up, or puts away one that is over.' })
    .input(about)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const goal = ownGoal(services, deciderFor(services, caller, input.handle), input.id);
      await services.community.dropGoal(goal.setBy, goal.goalId);
      return { id: input.id };
    }),
});

/** @throws NOT_FOUND */
function ownGoal(services: Services, memberId: string, id: string): KeptGoal {
  const goal = goalsOf(services.model('community'), memberId).find(({ goalId }) => goalId === id);
  if (goal) return goal;
  throw fieldError('id', 'You have no such goal.', 'NOT_FOUND');
}

const ORDER = { open: 0, reached: 1, missed: 2 } as const;

/** A member's goals as they are shown: the open ones first, each group in the order in which they were set. */
export function goalViews(services: Services, memberId: string): GoalView[] {
  const seasons = new Map<string | null, MemberFacts | null>();
  const factsIn = (id: string | null): MemberFacts | null => {
    const known = seasons.get(id);
    if (known !== undefined) return known;
    const challenge = id === null ? challengeFor(services) : (seasonOf(services, id) ?? null);
    const facts = challenge && factsOf(services, challenge, memberId);
    seasons.set(id, facts);
    return facts;
  };
  return goalsOf(services.model('community'), memberId)
    .map((goal) => goalView(services, goal, factsIn(goal.challengeId)))
    .toSorted((a, b) => ORDER[a.status] - ORDER[b.status]);
}

const seasonOf = (services: Services, id: string): ChallengeSummary | undefined =>
  findChallenge(services.model('attendance-book'), id, Math.floor(services.now() / 1000));

function goalView(services: Services, goal: KeptGoal, season: MemberFacts | null): GoalView {
  const { goalId: id, kind, target, reachedAt, at } = goal;
  const text = goal.text === null ? '' : services.openText('GoalDeclared.text', goal.text);
  const facts = season ? goalFacts(goal, season) : NOTHING;
  return {
    ...{ id, kind, target, text: text === '' ? null : text, season: season?.challenge.title ?? null },
    ...{ due: facts.last, setOn: at, ...progressOf(goal, facts, reachedAt !== null) },
  };
}

type Measured = GoalFacts & { readonly last: string | null };
const NOTHING: Measured = {
  ...{ states: [], current: null, longest: null, commits: 0, since: '0000-01-01', over: false, last: null },
};

/** What the season says about a goal, up to its last day. */
function goalFacts({ at, due }: KeptGoal, { challenge, dates, states, times }: MemberFacts): Measured {
  const { season, bounds, timeZone, today } = challenge;
  const rolling = season.kind === 'rolling';
  const last = due ?? (rolling ? null : bounds.end);
  const since = dayOf(Date.parse(at) / 1000, timeZone);
  // A season without a beginning of its own is counted from the day on which the goal was set.
  const from = rolling ? since : bounds.start;
  const upTo = last === null || last >= today ? dates.length : dates.filter((date) => date <= last).length;
  const isWithin = (date: string) => date >= from && (last === null || date <= last);
  return {
    ...{ since, last, over: last !== null && today > last },
    states: states.slice(0, upTo).filter((_, index) => isWithin(dates[index] ?? '')),
    commits: times.filter((seconds) => isWithin(dayOf(seconds, timeZone))).length,
    ...streaks(dates.slice(0, states.length === 0 ? 0 : upTo), (index) => states[index] ?? 'outside'),
  };
}
