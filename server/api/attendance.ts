import { z } from 'zod';
import type { Day } from '../../domain/calendar.ts';
import { rateOf } from '../../domain/attendance.ts';
import type { Book, ChallengeSummary } from '../../projections/attendance-book.ts';
import { activity, commitsOfDay, countByMember } from '../../projections/commit-activity.ts';
import { listMembers } from '../../projections/members.ts';
import {
  answer,
  bookOf,
  bookView,
  challengeFor,
  challengeView,
  dailyRates,
  elapsedDays,
  indexOfDay,
  requireChallenge,
} from './book.ts';
import { commitView } from './commits.ts';
import { fieldError } from './errors.ts';
import { challengeId, day, handle, orderedRange, requireMember } from './input.ts';
import type { Services } from './services.ts';
import { answers, publicProcedure, router } from './trpc.ts';
import type { DayView } from './views.ts';

const rate = z
  .int()
  .min(0)
  .max(100)
  .nullable()
  .meta({ description: 'Whole percents, rounded half up; null before anything counts.' });
const state = z.enum(['present', 'absent', 'excused', 'not yet', 'unknown', 'outside']).meta({ id: 'DayState' });

const userSchema = z
  .object({
    github_id: z.string(),
    attendance_rate: rate,
    attended_count: z.int(),
    total_days: z.int().meta({ description: 'Elapsed days that count for this member.' }),
    attendance: z.array(z.boolean()).meta({ description: 'One for each of `dates`.' }),
    states: z.array(state).meta({ description: 'One for each of `dates`.' }),
    rank: z.int(),
    current_streak: z.int(),
    longest_streak: z.int(),
  })
  .meta({ id: 'AttendanceUser' });

const statsSchema = z
  .object({
    start_date: z.string(),
    end_date: z.string(),
    days_completed: z.int(),
    total_days: z.int(),
    is_completed: z.boolean(),
    dates: z.array(z.string()).meta({ description: 'The elapsed days, in order.' }),
    users: z.array(userSchema),
    daily_rates: z.array(z.object({ date: z.string(), rate })),
    total_present: z.int(),
    total_absent: z.int(),
    overall_attendance_rate: rate,
  })
  .meta({ id: 'AttendanceStats' });

const dayStatsSchema = z
  .object({
    date: z.string(),
    total_users: z.int(),
    present_count: z.int(),
    attendance_rate: rate,
    present_users: z.array(z.string()),
  })
  .meta({ id: 'AttendanceOfDay' });

const resultSchema = z
  .object({ github_id: z.string(), commit_count: z.int(), is_attended: z.boolean(), state })
  .meta({ id: 'AttendanceResult' });

const rankingSchema = z
  .object({
    ranking: z.array(userSchema.omit({ attendance: true, states: true }).meta({ id: 'RankedUser' })),
  })
  .meta({ id: 'AttendanceRanking' });

const tags = ['attendance'];
const inChallenge = { challenge: challengeId.optional() };
const notFound = [404] as const;

export const attendanceRouter = router({
  book: publicProcedure
    .meta({ description: 'The attendance book as the main page shows it; null where there is none yet.' })
    .input(z.object(inChallenge))
    .query(({ ctx, input }) => {
      const challenge = challengeFor(ctx.services, input.challenge);
      return challenge && bookView(ctx.services, challenge);
    }),

  day: publicProcedure
    .meta({ description: "Everybody's state and commits on a day." })
    .input(z.object({ ...inChallenge, date: day }))
    .query(({ ctx, input }) => dayView(ctx.services, requireChallenge(ctx.services, input.challenge), input.date)),

  stats: publicProcedure
    .meta({
      description: 'Attendance of a season, or of a part of it.',
      rest: { method: 'GET', path: '/api/attendance/stats', summary: 'Attendance statistics', tags, errors: notFound },
    })
    .input(z.object({ ...inChallenge, start_date: day.optional(), end_date: day.optional() }))
    .output(answers(statsSchema))
    .query(({ ctx, input }) => {
      const challenge = requireChallenge(ctx.services, input.challenge);
      const range = orderedRange(input.start_date, input.end_date, 'end_date');
      refuseOutside(challenge, range);
      return answer(ctx.services, challenge, range, 'stats', (book) => statistics(challenge, book));
    }),

  statsOfDay: publicProcedure
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
    .input(z.object({ ...inChallenge, date: day }))
    .output(answers(dayStatsSchema))
    .query(({ ctx, input }) => {
      const book = bookOf(ctx.services, requireChallenge(ctx.services, input.challenge));
      const index = indexOfDay(book, input.date);
      const present = book.members.filter(({ states }) => states[index] === 'present');
      const absent = book.members.filter(({ states }) => states[index] === 'absent').length;
      return {
        date: input.date,
        total_users: book.members.length,
        present_count: present.length,
        attendance_rate: rateOf({ attended: present.length, absent }),
        present_users: present.map((member) => member.handle),
      };
    }),

  history: publicProcedure
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
    .input(z.object({ ...inChallenge, github_id: handle, start_date: day.optional(), end_date: day.optional() }))
    .output(
      answers(
        z.object({
          github_id: z.string(),
          history: z.array(resultSchema.omit({ github_id: true }).extend({ date: z.string() })),
        }),
      ),
    )
    .query(({ ctx, input }) => {
      const { services } = ctx;
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

  ranking: publicProcedure
    .meta({
      description: 'Members by attendance rate; equal rates share a rank.',
      rest: { method: 'GET', path: '/api/attendance/ranking', summary: 'Ranking', tags, errors: notFound },
    })
    .input(z.object(inChallenge))
    .output(answers(rankingSchema))
    .query(({ ctx, input }) => {
      const challenge = requireChallenge(ctx.services, input.challenge);
      return answer(ctx.services, challenge, {}, 'ranking', (book) => ({
        ranking: book.members.map((member) => numbersOf(member)),
      }));
    }),

  hourlyCommits: publicProcedure
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
      return answer(ctx.services, challenge, {}, 'hours', () =>
        activity(ctx.services.model('commit-activity'), { from, to, zone: challenge.timeZone }).hours.map(
          (count, hour) => ({ hour, count }),
        ),
      );
    }),

  onDate: publicProcedure
    .meta({
      description: "Everybody's state on a day.",
      rest: { method: 'GET', path: '/api/attendance/{date}', summary: 'Attendance of a day', tags, errors: notFound },
    })
    .input(z.object({ ...inChallenge, date: day }))
    .output(answers(z.object({ status: z.literal('success'), date: z.string(), results: z.array(resultSchema) })))
    .query(({ ctx, input }) => {
      const challenge = requireChallenge(ctx.services, input.challenge);
      const book = bookOf(ctx.services, challenge);
      const index = indexOfDay(book, input.date);
      const counts = countByMember(ctx.services.model('commit-activity'), {
        from: input.date,
        to: input.date,
        zone: challenge.timeZone,
      });
      const results = book.members.map(({ id, handle: github_id, states }) => {
        const { date: _date, ...line } = result(input.date, states[index] ?? 'outside', counts.get(id) ?? 0);
        return { github_id, ...line };
      });
      return { status: 'success' as const, date: input.date, results };
    }),
});

function refuseOutside({ bounds }: ChallengeSummary, { from, to }: { from?: Day; to?: Day }) {
  const outside = (field: string, date: Day) =>
    fieldError(field, `${date} is outside the season ${bounds.start} to ${bounds.end}.`, 'NOT_FOUND');
  if (from !== undefined && from > bounds.end) throw outside('start_date', from);
  if (to !== undefined && to < bounds.start) throw outside('end_date', to);
}

const result = (date: Day, dayState: z.infer<typeof state>, commit_count: number) => ({
  date,
  commit_count,
  is_attended: dayState === 'present',
  state: dayState,
});

function countsByDay(
  services: Services,
  challenge: ChallengeSummary,
  days: readonly Day[],
  memberId: string,
): Map<Day, number> {
  const from = days[0];
  const to = days.at(-1);
  if (from === undefined || to === undefined) return new Map();
  return activity(services.model('commit-activity'), { from, to, zone: challenge.timeZone }, memberId).days;
}

const numbersOf = (member: Book['members'][number]) => ({
  github_id: member.handle,
  attendance_rate: member.rate,
  attended_count: member.attended,
  total_days: member.countable,
  rank: member.rank,
  current_streak: member.current?.days ?? 0,
  longest_streak: member.longest?.days ?? 0,
});

function statistics({ today, bounds }: ChallengeSummary, book: Book): z.infer<typeof statsSchema> {
  const dates = book.dates.filter((date) => date <= today);
  const total_present = book.members.reduce((sum, { attended }) => sum + attended, 0);
  const total_absent = book.members.reduce((sum, { attended, countable }) => sum + countable - attended, 0);
  const last = book.dates.at(-1) ?? bounds.end;
  return {
    start_date: book.dates[0] ?? bounds.start,
    end_date: last,
    days_completed: book.dates[0] === undefined ? 0 : elapsedDays({ start: book.dates[0], end: last }, today),
    total_days: book.dates.length,
    is_completed: today > last,
    dates,
    users: book.members.map((member) => {
      const states = member.states.slice(0, dates.length);
      return { ...numbersOf(member), attendance: states.map((one) => one === 'present'), states };
    }),
    daily_rates: dailyRates(book, today).map(({ date, rate: percent }) => ({ date, rate: percent })),
    total_present,
    total_absent,
    overall_attendance_rate: rateOf({ attended: total_present, absent: total_absent }),
  };
}

function dayView(services: Services, challenge: ChallengeSummary, date: Day): DayView {
  const book = bookOf(services, challenge);
  const index = indexOfDay(book, date);
  const everybody = listMembers(services.model('members'));
  const commits = Map.groupBy(
    commitsOfDay(services.model('commit-activity'), date, challenge.timeZone),
    (commit) => commit.memberId,
  );
  const { present = 0, countable = 0, rate: percent = null } = dailyRates(book, challenge.today)[index] ?? {};
  return {
    date,
    challenge: challengeView(challenge),
    present,
    countable,
    rate: percent,
    members: book.members.map(({ id, handle: name, states, ...member }) => ({
      handle: name,
      name: member.name,
      state: states[index] ?? 'outside',
      commits: (commits.get(id) ?? []).map((commit) =>
        commitView(
          commit,
          everybody.find((one) => one.id === id) ?? { handle: name, name: member.name },
          challenge.timeZone,
        ),
      ),
    })),
  };
}
