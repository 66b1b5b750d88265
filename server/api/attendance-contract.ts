/** The attendance contract: what its routes answer with, in the field names clients were written against. */
import { z } from 'zod';
import type { Day } from '../../domain/calendar.ts';
import type { Book, ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { dailyRates, elapsedDays, overallRate } from './book.ts';

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

export const statsSchema = z
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

export const dayStatsSchema = z
  .object({
    date: z.string(),
    total_users: z.int(),
    present_count: z.int(),
    attendance_rate: rate,
    present_users: z.array(z.string()),
  })
  .meta({ id: 'AttendanceOfDay' });

export const resultSchema = z
  .object({ github_id: z.string(), commit_count: z.int(), is_attended: z.boolean(), state })
  .meta({ id: 'AttendanceResult' });

export const rankingSchema = z
  .object({
    ranking: z.array(userSchema.omit({ attendance: true, states: true }).meta({ id: 'RankedUser' })),
  })
  .meta({ id: 'AttendanceRanking' });

/** A member's day. */
export const result = (date: Day, dayState: z.infer<typeof state>, commit_count: number) => ({
  date,
  commit_count,
  is_attended: dayState === 'present',
  state: dayState,
});

/** A member's figures over the book's days. */
export const numbersOf = (member: Book['members'][number]) => ({
  github_id: member.handle,
  attendance_rate: member.rate,
  attended_count: member.attended,
  total_days: member.countable,
  rank: member.rank,
  current_streak: member.current?.days ?? 0,
  longest_streak: member.longest?.days ?? 0,
});

/** Everybody's days and figures, elapsed days only. */
export function statistics({ today, bounds }: ChallengeSummary, book: Book): z.infer<typeof statsSchema> {
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
    overall_attendance_rate: overallRate(book, { attended: total_present, absent: total_absent }),
  };
}
