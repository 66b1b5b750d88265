import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { addDays, type Day } from '../../domain/calendar.ts';
import { participantIn, type ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { actorOf, isAdmin, memberOf, type Caller } from '../identity/caller.ts';
import { requireChallenge } from './book.ts';
import { correctionHistory } from './correction-history.ts';
import { fieldError } from './errors.ts';
import { challengeId, day, handle, requireMember } from './input.ts';
import type { Services } from './services.ts';
import { adminProcedure, answers, personProcedure, router } from './trpc.ts';

const tags = ['admin'];
const place = { challenge: challengeId.optional(), github_id: handle, date: day };
const reason = z
  .string()
  .trim()
  .min(1, { error: 'Say why: the reason stays with the day.' })
  .max(500)
  .meta({ description: 'Stays with the day; shown to the member and to admins.' });
const decided = z.object({ challenge: z.string(), github_id: z.string(), date: z.string() }).meta({ id: 'DayDecided' });
type Place = { challenge?: string | undefined; github_id: string; date: Day };

/** What people decide about days: it stands beside what commits say, which stays in the history. */
export const correctionsRouter = router({
  list: correctionHistory,

  correct: adminProcedure
    .meta({
      description: 'Decides a day, with a reason. No later collection changes it; a further correction does.',
      rest: {
        ...{ method: 'POST', path: '/api/admin/corrections', status: 201 },
        ...{ summary: 'Correct a day', tags, errors: [403, 404, 409] },
      },
    })
    .input(z.strictObject({ ...place, verdict: z.enum(['present', 'absent']), reason }))
    .output(answers(decided))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { challenge, member, of } = placeOf(services, input);
      if (input.date > challenge.today) throw fieldError('date', `${input.date} has not come yet.`);
      const { date, verdict } = input;
      await services.seasons.correct(of, { day: date, verdict, reason: input.reason, by: actorOf(caller) });
      return { challenge: challenge.id, github_id: member.handle, date };
    }),

  excuse: personProcedure
    .meta({
      description:
        "Excuses a day of one's own, from yesterday on; admins excuse any day of anybody. 409: the budget is spent.",
    })
    .input(z.strictObject({ ...place, reason }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { challenge, member, of } = placeOf(services, input);
      demandOwn(caller, member.id);
      if (!isAdmin(caller) && input.date < addDays(challenge.today, -1))
        throw fieldError('date', 'Days before yesterday are excused by the organiser: ask them.');
      const excuse = { day: input.date, reason: input.reason, by: actorOf(caller) };
      await services.seasons.excuse(of, challenge.rule, excuse);
      return { challenge: challenge.id, github_id: member.handle, date: input.date };
    }),

  withdrawExcuse: personProcedure
    .meta({ description: 'The day counts again as its commits say, and is free for another excuse.' })
    .input(z.strictObject(place))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { challenge, member, of } = placeOf(services, input);
      demandOwn(caller, member.id);
      await services.seasons.withdrawExcuse(of, { day: input.date, by: actorOf(caller) });
      return { challenge: challenge.id, github_id: member.handle, date: input.date };
    }),
});

function demandOwn(caller: Caller, memberId: string): void {
  if (isAdmin(caller) || memberOf(caller) === memberId) return;
  throw new TRPCError({ code: 'FORBIDDEN', message: 'Only admins decide about the days of others.' });
}

/** @throws NOT_FOUND for a day outside the season, and for who does not take part */
function placeOf(services: Services, { challenge: wanted, github_id, date }: Place) {
  const challenge = requireChallenge(services, wanted);
  refuseClosed(challenge);
  const member = requireMember(services, github_id, 'github_id');
  if (!participantIn(services.model('attendance-book'), challenge.id, member.id))
    throw fieldError('github_id', `"${github_id}" does not take part in this season.`, 'NOT_FOUND');
  const { start, end } = challenge.bounds;
  if (date < start || date > end)
    throw fieldError('date', `${date} is outside the season ${start} to ${end}.`, 'NOT_FOUND');
  return { challenge, member, of: { challengeId: challenge.id, memberId: member.id, season: challenge.season } };
}

function refuseClosed({ closed }: ChallengeSummary): void {
  if (closed) throw new TRPCError({ code: 'CONFLICT', message: 'The season was closed: its days stay as they are.' });
}
