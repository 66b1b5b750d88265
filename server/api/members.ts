import { z } from 'zod';
import { addDays, dayOf, daysBetween } from '../../domain/calendar.ts';
import { activity, commitSpan } from '../../projections/commit-activity.ts';
import { identitiesOf, type Member } from '../../projections/members.ts';
import type { ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { isAdmin, maySeePrivate, type Caller } from '../identity/caller.ts';
import { asOf, servicesAsOf } from './as-of.ts';
import { bookView, challengeView, requireChallenge, scopeOf } from './book.ts';
import { challengeId, handle, requireMember } from './input.ts';
import type { Services } from './services.ts';
import { readProcedure, router } from './trpc.ts';
import type { ActivityView, ProfileView } from './views.ts';

/** What a calendar heatmap shows at least: a year in whole weeks. */
const HEATMAP_DAYS = 53 * 7;

export const membersRouter = router({
  profile: readProcedure
    .meta({ description: 'A member: attendance, streaks and when they commit.' })
    .input(z.object({ handle, challenge: challengeId.optional(), ...asOf }))
    .query(async ({ ctx, input }): Promise<ProfileView> => {
      const { caller } = ctx;
      const services = await servicesAsOf(ctx, input);
      const challenge = requireChallenge(services, input.challenge);
      const member = requireMember(services, input.handle, 'handle');
      const book = bookView({ services, caller }, challenge);
      return {
        member,
        identities: identitiesShown(caller, member.id, identitiesOf(services.model('members'), member.id)),
        challenge: challengeView(challenge),
        today: challenge.today,
        dates: book.dates,
        book: book.members.find(({ id }) => id === member.id) ?? null,
        activity: activityView(services, challenge, member),
      };
    }),
});

/** Addresses are for those they belong to, and for those who look after the server; a login is public. */
const identitiesShown = (caller: Caller, memberId: string, identities: ProfileView['identities']) =>
  identities.filter(
    ({ kind }) => kind === 'github' || (kind !== 'github-id' && (isAdmin(caller) || maySeePrivate(caller, memberId))),
  );

function activityView(services: Services, challenge: ChallengeSummary, member: Member): ActivityView {
  const model = services.model('commit-activity');
  const { start, end } = challenge.bounds;
  const to = end < challenge.today ? end : challenge.today;
  const from = daysBetween(start, to) < HEATMAP_DAYS ? addDays(to, 1 - HEATMAP_DAYS) : start;
  const { days, ...when } = activity(model, { ...scopeOf(challenge), from, to }, member.id);
  const span = commitSpan(model, member.id, challenge.repositories);
  return {
    ...when,
    days: [...days].map(([date, commits]) => ({ date, commits })),
    first: span && dayOf(span.first, challenge.timeZone),
    last: span && dayOf(span.last, challenge.timeZone),
  };
}
