import { z } from 'zod';
import { daySchema, defineEvent, type EventsOf } from './event.ts';

/**
 * Fixed: `days` days from `start`, as a challenge is announced (seed 002).
 * Rolling: the last `days` days; where they hold no commit, the `days` days that end with the last commit.
 */
export const seasonSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), start: daySchema, days: z.int().min(1).max(3660) }),
  z.object({ kind: z.literal('rolling'), days: z.int().min(1).max(3660) }),
]);
export type Season = z.infer<typeof seasonSchema>;

export const ruleSchema = z.object({
  commitsPerDay: z.int().min(1),
  /** ISO weekdays (1 Monday … 7 Sunday) that do not count. */
  excludedWeekdays: z.array(z.int().min(1).max(7)),
  /** How many days a member may be excused in the season. */
  excusedDays: z.int().min(0),
});
export type Rule = z.infer<typeof ruleSchema>;

const challengeId = z.string();
export const challengeEvents = {
  ChallengeOpened: defineEvent(
    z.object({ challengeId, title: z.string(), timeZone: z.string(), season: seasonSchema, rule: ruleSchema }),
  ),
  ChallengeRuleChanged: defineEvent(z.object({ challengeId, rule: ruleSchema })),
  /** The challenge counts commits of this repository: while it cannot be read, days are unknown. */
  RepositoryFollowed: defineEvent(z.object({ challengeId, repositoryId: z.string() })),
  MemberJoined: defineEvent(z.object({ challengeId, memberId: z.string() })),
  MemberLeft: defineEvent(z.object({ challengeId, memberId: z.string() })),
  ChallengeClosed: defineEvent(z.object({ challengeId })),
};
export type ChallengeEvent = EventsOf<typeof challengeEvents>;

export const challengeStream = (id: string) => `challenge-${id}`;
