import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { Day } from '../../domain/calendar.ts';
import type { ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { countByMember } from '../../projections/commit-activity.ts';
import { isAdmin, memberOf } from '../identity/caller.ts';
import { result, resultSchema } from './attendance-contract.ts';
import { bookOf, indexOfDay, requireChallenge, scopeOf } from './book.ts';
import { fieldError } from './errors.ts';
import { challengeId, day, handle, requireMember } from './input.ts';
import type { Services } from './services.ts';
import { adminProcedure, answers, readProcedure } from './trpc.ts';

const tags = ['attendance'];
const asked = {
  challenge: challengeId.optional(),
  check_date: day.optional().meta({ description: 'The day to tell; today unless it is named.' }),
};
const query = ['challenge', 'check_date'] as const;

/** The day of everybody, or of one: what `/api/attendance/check` and `/api/attendance/{date}` answer with. */
export const dayResultsSchema = z
  .object({ status: z.literal('success'), date: z.string(), results: z.array(resultSchema) })
  .meta({ id: 'AttendanceCheck' });

/** Everybody's state on a day. @throws NOT_FOUND for a day outside the season */
export function dayResults(services: Services, challenge: ChallengeSummary, date: Day) {
  const book = bookOf(services, challenge);
  const index = indexOfDay(book, date);
  const counts = countByMember(services.model('commit-activity'), { ...scopeOf(challenge), from: date, to: date });
  const results = book.members.map(({ id, handle: github_id, states }) => {
    const { date: _date, ...line } = result(date, states[index] ?? 'outside', counts.get(id) ?? 0);
    return { github_id, ...line };
  });
  return { status: 'success' as const, date, results };
}

/** Reads all commits now, and tells everybody's day. */
export const check = adminProcedure
  .meta({
    description: 'Reads the commits of everybody now; answers when they have been read.',
    rest: {
      ...{ method: 'POST', path: '/api/attendance/check', summary: 'Check everybody', query, tags },
      errors: [403, 404],
    },
  })
  .input(z.strictObject(asked))
  .output(answers(dayResultsSchema))
  .mutation(async ({ ctx: { services }, input }) => {
    const { challenge, date } = placeOf(services, input);
    await services.collectNow();
    return dayResults(services, challengeNow(services, challenge), date);
  });

/** Reads somebody's commits now, and tells their day. */
export const checkMember = readProcedure
  .meta({
    description: "Reads the commits of a member now; answers when they have been read. Others' are for admins.",
    rest: {
      ...{ method: 'POST', path: '/api/attendance/check/{github_id}', summary: 'Check a member', query, tags },
      errors: [403, 404],
    },
  })
  .input(z.strictObject({ ...asked, github_id: handle }))
  .output(answers(dayResultsSchema))
  .mutation(async ({ ctx: { services, caller }, input }) => {
    const member = requireMember(services, input.github_id, 'github_id');
    const isThemselves = caller.kind !== 'key' && memberOf(caller) === member.id;
    if (!isAdmin(caller) && !isThemselves)
      throw new TRPCError({ code: 'FORBIDDEN', message: 'Only admins check others.' });
    const { challenge, date } = placeOf(services, input);
    if (challenge.repositories.length > 0) await services.collectNow();
    else {
      await services.collections.collector.collectMember(member.id);
      await services.collections.shown();
    }
    const { results, ...told } = dayResults(services, challengeNow(services, challenge), date);
    return { ...told, results: results.filter(({ github_id }) => github_id === member.handle) };
  });

/** Before anything is read: what is asked for must be there. */
function placeOf(services: Services, input: { challenge?: string | undefined; check_date?: Day | undefined }) {
  const challenge = requireChallenge(services, input.challenge);
  const { today, bounds } = challenge;
  const date = input.check_date ?? (today > bounds.end ? bounds.end : today);
  if (date < bounds.start || date > bounds.end)
    throw fieldError('check_date', `${date} is outside the season ${bounds.start} to ${bounds.end}.`, 'NOT_FOUND');
  return { challenge, date };
}

/** As it is after reading: the days of a repository's book may have moved. */
const challengeNow = (services: Services, { id }: ChallengeSummary): ChallengeSummary => requireChallenge(services, id);
