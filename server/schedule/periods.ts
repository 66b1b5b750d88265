import { Cron } from 'croner';
import { isoWeekOf } from '../../domain/calendar.ts';
import type { CatchUp, Schedule } from './job.ts';

/** A period and the instant it falls due at, in milliseconds since the epoch. */
export type Due = { readonly period: string; readonly at: number };

const HOUR = 3_600_000;
const LENGTH: Readonly<Record<Schedule['kind'], number>> = { hourly: HOUR, daily: 24 * HOUR, weekly: 7 * 24 * HOUR };
/** Nobody wants more made up for than a year of days. */
const MOST_PERIODS = 400;

/** Patterns are parsed once. Few: jobs differ by zone and time only. */
const crons = new Map<string, Cron>();

function cronOf(schedule: Schedule): Cron {
  const pattern = patternOf(schedule);
  const timezone = zoneOf(schedule);
  const key = `${pattern} ${timezone}`;
  const known = crons.get(key) ?? new Cron(pattern, { timezone, paused: true });
  crons.set(key, known);
  return known;
}

function patternOf(schedule: Schedule): string {
  if (schedule.kind === 'hourly') return '0 * * * *';
  const [hour = 0, minute = 0] = schedule.at.split(':').map(Number);
  return `${minute} ${hour} * * ${schedule.kind === 'weekly' ? schedule.weekday % 7 : '*'}`;
}

/** The zone whose clock a schedule goes by. */
export const zoneOf = (schedule: Schedule): string => (schedule.kind === 'hourly' ? 'UTC' : schedule.zone);

/** The period an instant (milliseconds since the epoch) lies in: `2025-03-10T14`, `2025-03-10` or `2025-W11`. */
export function periodOf(schedule: Schedule, at: number): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zoneOf(schedule));
  const day = local.toPlainDate().toString();
  if (schedule.kind === 'daily') return day;
  return schedule.kind === 'weekly' ? isoWeekOf(day) : `${day}T${String(local.hour).padStart(2, '0')}`;
}

/**
 * Periods that fell due by now and are made up for, the oldest first. A time that summer time skips is due when the gap ends, one
 * that it repeats at the first of the two; each period is there once.
 */
export function duePeriods(schedule: Schedule, { periods, within }: CatchUp, now: number): Due[] {
  const count = periods === 'each' ? Math.min(MOST_PERIODS, Math.ceil(within / LENGTH[schedule.kind]) + 1) : 1;
  // What is due this very second is due: croner looks strictly before.
  const due = cronOf(schedule)
    .previousRuns(count, new Date((Math.floor(now / 1_000) + 1) * 1_000))
    .map((date) => ({ period: periodOf(schedule, date.getTime()), at: date.getTime() }))
    .filter(({ at }) => at <= now && now - at <= within);
  return [...new Map(due.map((one) => [one.period, one])).values()].toSorted((a, b) => a.at - b.at);
}

/** The period before the one that fell due at an instant. */
export function periodBefore(schedule: Schedule, at: number): string | null {
  const [date] = cronOf(schedule).previousRuns(1, new Date(at));
  return date ? periodOf(schedule, date.getTime()) : null;
}

/** When the next period falls due, in milliseconds since the epoch; null: never. */
export const nextDue = (schedule: Schedule, now: number): number | null =>
  cronOf(schedule).nextRun(new Date(now))?.getTime() ?? null;
