import { z } from 'zod';
import type { Day } from '../../domain/calendar.ts';
import type { ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { activity } from '../../projections/commit-activity.ts';
import {
  dayStatsSchema,
  numbersOf,
  rankingSchema,
  result,
  resultSchema,
  statistics,
  statsSchema,
} from './attendance-contract.ts';
import { asOf, servicesAsOf } from './as-of.ts';
import { answer, bookOf, bookView, challengeFor, dailyRates, indexOfDay, requireChallenge, scopeOf } from './book.ts';
import { dayView } from './day.ts';
import { check, checkMember, dayResults, dayResultsSchema } from './check.ts';
import { fieldError } from './errors.ts';
import { challengeId, day, handle, orderedRange, requireMember } from './input.ts';
import type { Services } from './services.ts';
import { answers, readProcedure, router } from './trpc.ts';

const tags = ['attendance'];
const inChallenge = { challenge: challengeId.optional() };
const notFound = [404] as const;

export const attendanceRouter = router({
  book: readProcedure
    .meta({ description: 'The attendance book as the main page shows it; null where there is none yet.' })
    .input(z.object({ ...inChallenge, ...asOf }))
    .query(async ({ ctx, input }) => {
      const services = await servicesAsOf(ctx, input);
      const challenge = challengeFor(services, input.challenge);
      return challenge && bookView({ ...ctx, services }, challenge);
    }),

  day: readProcedure
    .meta({ description: "Everybody's state and commits on a day." })
    .input(z.object({ ...inChallenge, date: day, ...asOf }))
    .query(async ({ ctx, input }) => {
      const services = await servicesAsOf(ctx, input);
      return dayView({ ...ctx, services }, requireChallenge(services, input.challenge), input.date);
    }),

  stats: readProcedure
    .meta({
      description: 'Attendance of a season, or of a part of it.',
      rest: { method: 'GET', path: '/api/attendance/stats', summary: 'Attendance statistics', tags, errors: notFound },
    })
    .input(z.object({ ...inChallenge, start_date: day.optional(), end_date: day.optional(), ...asOf }))
    .output(answers(statsSchema))
    .query(async ({ ctx, input }) => {
      const services = await servicesAsOf(ctx, input);
      const challenge = requireChallenge(services, input.challenge);
      const range = orderedRange(input.start_date, input.end_date, 'end_date');
      refuseOutside(challenge, range);
      return answer(services, challenge, range, 'stats', (book) => statistics(challenge, book));
    }),

  statsOfDay: readProcedure
    .meta({
      description: 'Who attended on a day.',
      rest: {
        method: 'GET',
        path: '/api/attendance/stats/{date}',
        summary: 'Statistics of a day',
        tags,
        errors: notFound,
      },
    })
    .input(z.object({ ...inChallenge, date: day, ...asOf }))
    .output(answers(dayStatsSchema))
    .query(async ({ ctx, input }) => {
      const services = await servicesAsOf(ctx, input);
      const book = bookOf(services, requireChallenge(services, input.challenge));
      const index = indexOfDay(book, input.date);
      const present = book.members.filter(({ states }) => states[index] === 'present');
      return {
        date: input.date,
        total_users: book.members.length,
        present_count: present.length,
        attendance_rate: dailyRates(book, book.challenge.today)[index]?.rate ?? null,
        present_users: present.map((member) => member.handle),
      };
    }),

  history: readProcedure
    .meta({
      description: "A member's days, oldest first.",
      rest: {
        method: 'GET',
        path: '/api/attendance/history/{github_id}',
        summary: 'Attendance of a member',
        tags,
        errors: notFound,
      },
    })
    .input(
      z.object({ ...inChallenge, github_id: handle, start_date: day.optional(), end_date: day.optional(), ...asOf }),
    )
    .output(
      answers(
        z.object({
          github_id: z.string(),
          history: z.array(resultSchema.omit({ github_id: true }).extend({ date: z.string() })),
        }),
      ),
    )
    .query(async ({ ctx, input }) => {
      const services = await servicesAsOf(ctx, input);
      const challenge = requireChallenge(services, input.challenge);
      const range = orderedRange(input.start_date, input.end_date, 'end_date');
      refuseOutside(challenge, range);
      const member = requireMember(services, input.github_id, 'github_id');
      const book = bookOf(services, challenge, range);
      const states = book.members.find(({ id }) => id === member.id)?.states;
      const elapsed = book.dates.filter((date) => date <= challenge.today);
      const counts = countsByDay(services, challenge, elapsed, member.id);
      const history = elapsed.map((date, index) => result(date, states?.[index] ?? 'outside', counts.get(date) ?? 0));
      return { github_id: member.handle, history };
    }),

  ranking: readProcedure
    .meta({
      description: 'Members by attendance rate; equal rates share a rank.',
      rest: { method: 'GET', path: '/api/attendance/ranking', summary: 'Ranking', tags, errors: notFound },
    })
    .input(z.object({ ...inChallenge, ...asOf }))
    .output(answers(rankingSchema))
    .query(async ({ ctx, input }) => {
      const services = await servicesAsOf(ctx, input);
      const challenge = requireChallenge(services, input.challenge);
      return answer(services, challenge, {}, 'ranking', (book) => ({
        ranking: book.members.map((member) => numbersOf(member)),
      }));
    }),

  hourlyCommits: readProcedure
    .meta({
      description: "Commits of the season by the hour of the challenge's zone.",
      rest: {
        method: 'GET',
        path: '/api/attendance/hourly-commits',
        summary: 'Commits by hour',
        tags,
        errors: notFound,
      },
    })
    .input(z.object(inChallenge))
    .output(answers(z.array(z.object({ hour: z.int(), count: z.int() })).length(24)))
    .query(({ ctx, input }) => {
      const challenge = requireChallenge(ctx.services, input.challenge);
      const { start: from, end: to } = challenge.bounds;
      const model = ctx.services.model('commit-activity');
      return answer(ctx.services, challenge, {}, 'hours', ({ members }) => {
        const ids = members.map(({ id }) => id);
        return activity(model, { ...scopeOf(challenge), from, to }, ids).hours.map((count, hour) => ({ hour, count }));
      });
    }),

  onDate: readProcedure
    .meta({
      description: "Everybody's state on a day.",
      rest: { method: 'GET', path: '/api/attendance/{date}', summary: 'Attendance of a day', tags, errors: notFound },
    })
    .input(z.object({ ...inChallenge, date: day, ...asOf }))
    .output(answers(dayResultsSchema))
    .query(async ({ ctx, input }) => {
      const services = await servicesAsOf(ctx, input);
      return dayResults(services, requireChallenge(services, input.challenge), input.date);
    }),

  check,
  checkMember,
});

function refuseOutside({ bounds }: ChallengeSummary, { from, to }: { from?: Day; to?: Day }) {
  const outside = (field: string, date: Day) =>
    fieldError(field, `${date} is outside the season ${bounds.start} to ${bounds.end}.`, 'NOT_FOUND');
  if (from !== undefined && from > bounds.end) throw outside('start_date', from);
  if (to !== undefined && to < bounds.start) throw outside('end_date', to);
}

function countsByDay(
  services: Services,
  challenge: ChallengeSummary,
  days: readonly Day[],
  memberId: string,
): Map<Day, number> {
  const from = days[0];
  const to = days.at(-1);
  if (from === undefined || to === undefined) return new Map();
  return activity(services.model('commit-activity'), { ...scopeOf(challenge), from, to }, memberId).days;
}
