import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { isKeptOut } from '../../domain/access-status.ts';
import { badgeIds } from '../../domain/badges.ts';
import { localTime } from '../../domain/calendar.ts';
import { feedbackOf, type Finding } from '../../domain/feedback.ts';
import { accessOf } from '../../projections/access.ts';
import { publicationOf, publishedAt, type PublicProfile } from '../../projections/community.ts';
import { memberById } from '../../projections/members.ts';
import { challengeFor, challengeView, requireChallenge } from './book.ts';
import { decided } from './community-refusals.ts';
import type { InsightsView, SharedView, SharingView } from './community-views.ts';
import { challengeId, handle, requireMember } from './input.ts';
import { badgesFrom, deciderFor, factsOf, mayDecideFor, type MemberFacts } from './member-facts.ts';
import type { Services } from './services.ts';
import { openProcedure, personProcedure, readProcedure, router } from './trpc.ts';

export const profilesRouter = router({
  insights: readProcedure
    .meta({ description: "A member's badges; for themselves, also what the book says to them." })
    .input(z.strictObject({ handle, challenge: challengeId.optional() }))
    .query(({ ctx: { services, caller }, input }): InsightsView => {
      const member = requireMember(services, input.handle, 'handle');
      const facts = factsOf(services, requireChallenge(services, input.challenge), member.id);
      const badges = badgesFrom(facts);
      const has = new Set(badges.map(({ id }) => id));
      const missing = badgeIds.filter((id) => !has.has(id));
      return { badges, missing, feedback: mayDecideFor(caller, member.id) ? findings(facts) : null };
    }),

  sharing: personProcedure
    .meta({ description: 'What a member shows to everybody, for themselves to see.' })
    .input(z.strictObject({ handle: handle.optional() }))
    .query(({ ctx: { services, caller }, input }): SharingView => {
      const memberId = deciderFor(services, caller, input.handle);
      const published = publicationOf(services.model('community'), memberId);
      const name = memberById(services.model('members'), memberId)?.name ?? '';
      if (!published) return { published: null, name };
      const season = challengeFor(services, published.challengeId ?? undefined)?.title ?? null;
      return { published: { token: published.token, name: published.name, season, since: published.at }, name };
    }),

  publish: personProcedure
    .meta({ description: 'Shows name, rate, streaks and badges of a season to whoever knows the address.' })
    .input(z.strictObject({ name: z.string().max(200), challenge: challengeId.optional(), handle: handle.optional() }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const memberId = deciderFor(services, caller, input.handle);
      const { id } = requireChallenge(services, input.challenge);
      await decided(services.community.publish({ memberId, name: input.name, challengeId: id }));
      return { token: publicationOf(services.model('community'), memberId)?.token ?? null };
    }),

  unpublish: personProcedure
    .meta({ description: 'Takes it back: the address leads nowhere from now on.' })
    .input(z.strictObject({ handle: handle.optional() }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      await services.community.unpublish(deciderFor(services, caller, input.handle));
      return { published: false };
    }),

  shared: openProcedure
    .meta({ description: 'What somebody shows to everybody, by its token.' })
    .input(z.strictObject({ token: z.string().min(1).max(100) }))
    .query(({ ctx: { services }, input }): SharedView => {
      const shared = sharedAt(services, input.token);
      if (shared) return shared;
      throw new TRPCError({ code: 'NOT_FOUND', message: 'There is nothing here, or not any more.' });
    }),
});

function findings({ line, dates, states, times, challenge }: MemberFacts): Finding[] {
  if (!line) return [];
  const hours = new Array<number>(24).fill(0);
  for (const seconds of times) {
    const { hour } = localTime(seconds, challenge.timeZone);
    hours[hour] = (hours[hour] ?? 0) + 1;
  }
  return feedbackOf({ dates, states, current: line.current, longest: line.longest, hours });
}

/** null: it was never published, was taken back, or its season is gone. */
export function sharedAt(services: Services, token: string): SharedView | null {
  const published: PublicProfile | undefined = publishedAt(services.model('community'), token);
  const member = published && memberById(services.model('members'), published.memberId);
  if (!published || !member) return null;
  // Whoever was shown out shows nothing through this server, either.
  if (isKeptOut(accessOf(services.model('access'), member.id)?.status)) return null;
  try {
    const challenge = challengeFor(services, published.challengeId ?? undefined);
    return challenge && sharedView(published.name, factsOf(services, challenge, member.id));
  } catch (thrown) {
    if (thrown instanceof TRPCError && thrown.code === 'NOT_FOUND') return null;
    throw thrown;
  }
}

/** What is public of a member's season: nothing of single commits, of why a day was missed, or of what it is known by. */
export function sharedView(name: string, facts: MemberFacts): SharedView | null {
  const { line, states, challenge } = facts;
  if (!line) return null;
  const { title, start, end, days, elapsed, kind } = challengeView(challenge);
  const { rate, attended, countable, current: currentStreak, longest: longestStreak } = line;
  return {
    ...{ name, season: { title, start, end, days, elapsed, kind } },
    ...{ rate, attended, countable, currentStreak, longestStreak },
    days: states.map((state) => (state === 'present' ? 'p' : '-')).join(''),
    badges: badgesFrom(facts),
  };
}
