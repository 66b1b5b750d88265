import { addDays, daysBetween, weekdayOf, type PlainDay } from '#lib/calendar/plain-day.ts';

export type CalendarDay = { date: PlainDay; commits: number; level: Level };
export type Level = 0 | 1 | 2 | 3 | 4;
/** Weeks from Monday to Sunday, oldest first; days outside of the range are null. */
export type CalendarWeek = {
  start: PlainDay;
  days: (CalendarDay | null)[];
  /** A day of the month whose name stands above this week; null where none does. */
  month: PlainDay | null;
};

/**
 * How full a day's mark is: none, then four steps. The steps divide the days with commits into quarters, so that a quiet
 * year and a busy one both show their shape (fixed steps would paint one of them flat).
 */
export function levels(counts: readonly number[]): (commits: number) => Level {
  const known = counts.filter((count) => count > 0).sort((a, b) => a - b);
  const quarter = (part: number) => known[Math.floor((known.length - 1) * part)] ?? 1;
  const steps = [quarter(0.25), quarter(0.5), quarter(0.75)] as const;
  return (commits) => {
    if (commits <= 0) return 0;
    if (commits <= steps[0]) return 1;
    if (commits <= steps[1]) return 2;
    return commits <= steps[2] ? 3 : 4;
  };
}

/** The weeks that hold the days from `from` to `to`, both included. */
export function calendarWeeks(
  activity: readonly { date: PlainDay; commits: number }[],
  from: PlainDay,
  to: PlainDay,
): CalendarWeek[] {
  const commitsOn = new Map(activity.map(({ date, commits }) => [date, commits]));
  const levelOf = levels(activity.map(({ commits }) => commits));
  const weeks: CalendarWeek[] = [];
  let named = '';
  for (let start = addDays(from, 1 - weekdayOf(from)); start <= to; start = addDays(start, 7)) {
    const days = Array.from({ length: 7 }, (_, weekday) => {
      const date = addDays(start, weekday);
      const commits = commitsOn.get(date) ?? 0;
      return date < from || date > to ? null : { date, commits, level: levelOf(commits) };
    });
    const first = start < from ? from : start;
    // A name is wider than a week: the last two weeks have no room for one.
    const month = first.slice(0, 7) !== named && daysBetween(start, to) >= 14 ? first : null;
    if (month) named = first.slice(0, 7);
    weeks.push({ start, days, month });
  }
  return weeks;
}

/** Whole weeks a year takes. */
const WEEKS = 53;

/** What the calendar shows: the season, and before it as much as fills a year. */
export function calendarRange(
  season: { start: PlainDay; end: PlainDay },
  today: PlainDay,
): { from: PlainDay; to: PlainDay } {
  const to = today < season.end ? today : season.end;
  const last = to < season.start ? season.start : to;
  const year = addDays(last, 1 - WEEKS * 7);
  return { from: season.start < year ? season.start : year, to: last };
}

/** The day an arrow key leads to, kept inside the calendar; null for any other key. */
export function dayByKey(key: string, day: PlainDay, { from, to }: { from: PlainDay; to: PlainDay }): PlainDay | null {
  const steps: Record<string, number> = {
    ArrowUp: -1,
    ArrowDown: 1,
    ArrowLeft: -7,
    ArrowRight: 7,
    PageUp: -28,
    PageDown: 28,
  };
  if (key === 'Home') return from;
  if (key === 'End') return to;
  const step = steps[key];
  if (step === undefined) return null;
  const next = addDays(day, step);
  return next < from || next > to ? day : next;
}
