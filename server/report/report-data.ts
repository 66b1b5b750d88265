import type { DayState } from '../../domain/attendance.ts';
import { addDays, daysBetween, localTime, weekdayOf, type Day } from '../../domain/calendar.ts';
import type { GoalView } from '../api/community-views.ts';
import type { MemberSeasonDays } from './season-days.ts';
import { drawable } from './fonts.ts';
import { reportWords, type ReportLanguage, type ReportWords } from './words.ts';

type Figure = { label: string; value: string; unit: string; note: string; strong: boolean };
type CalendarDay = { number: string; state: DayState; commits: number; mark: string } | null;

/** What the template sets, in the reader's language; every text is written as it is to be read. */
export type ReportData = {
  language: ReportLanguage;
  title: string;
  name: string;
  season: string;
  range: string;
  made: string;
  words: {
    figures: string;
    calendar: string;
    calendarText: string;
    goals: string;
    noGoals: string;
    badges: string;
    noBadges: string;
    days: string;
  };
  notInSeason: string;
  /** null: they are not in the season. */
  figures: Figure[] | null;
  weekLabel: string;
  weekdays: string[];
  weeks: { label: string; days: CalendarDay[] }[];
  legend: { state: DayState; word: string; count: string }[];
  goals: { what: string; text: string; when: string; word: string; status: GoalView['status'] }[];
  badges: { name: string; day: string }[];
  columns: string[];
  days: {
    date: string;
    weekday: string;
    state: DayState;
    word: string;
    commits: number;
    first: string;
    last: string;
  }[];
};

/** Puts what a season says of a member into words. @param today the day it is made on */
export function reportData(
  season: MemberSeasonDays,
  { goals, language, today }: { goals: readonly GoalView[]; language: ReportLanguage; today: Day },
): ReportData {
  const words = reportWords(language);
  const { columns, states } = words;
  const written = writer(language);
  const { dates, zone } = season;
  const times = timesByDay(season.times, zone);
  const days = dates.map((date, index) => {
    const state = season.states[index] ?? 'outside';
    const { count = 0, first = '', last = '' } = times.get(date) ?? {};
    return { date, weekday: written.weekday(weekdayOf(date)), state, word: states[state], commits: count, first, last };
  });
  return {
    ...{
      language,
      title: words.report.title,
      name: drawable(season.name) || season.handle,
      season: drawable(season.title),
    },
    range: written.range(dates[0] ?? today, dates.at(-1) ?? today),
    ...{ made: words.report.made(written.day(today)), words: words.report, notInSeason: words.report.notInSeason },
    figures: season.line && figuresOf(season.line, words),
    ...{ weekLabel: '', weekdays: [1, 2, 3, 4, 5, 6, 7].map(written.weekday), weeks: weeksOf(days, written) },
    legend: legendOf(days, states),
    goals: goals.map((goal) => goalLine(goal, words, written)),
    badges: season.badges.map(({ id, day }) => ({ name: words.badges[id], day })),
    columns: [columns.date, columns.weekday, columns.state, columns.commits, columns.first, columns.last],
    days,
  };
}

/** When the commits of each local day began and ended, `23:59`, and how many there were. */
export function timesByDay(
  times: readonly number[],
  zone: string,
): Map<Day, { count: number; first: string; last: string }> {
  const byDay = new Map<Day, { count: number; first: string; last: string }>();
  const two = (number: number) => String(number).padStart(2, '0');
  for (const seconds of times) {
    const { day, hour, minute } = localTime(seconds, zone);
    const time = `${two(hour)}:${two(minute)}`;
    const known = byDay.get(day);
    byDay.set(day, { count: (known?.count ?? 0) + 1, first: known?.first ?? time, last: time });
  }
  return byDay;
}

function figuresOf(line: NonNullable<MemberSeasonDays['line']>, words: ReportWords): Figure[] {
  const plain = (label: string, value: string, unit = '', note = '') => ({ label, value, unit, note, strong: false });
  const days = (label: string, count: number) => plain(label, String(count), words.unit(count));
  const { rate, attended, countable, rank, members, current, longest, commits } = line;
  return [
    {
      ...plain(words.rate, rate === null ? '–' : `${rate}%`, '', words.rateOf(String(attended), String(countable))),
      strong: true,
    },
    plain(words.rank, String(rank), '', words.rankOf(String(rank), String(members))),
    days(words.current, current),
    days(words.longest, longest),
    plain(words.commits, String(commits)),
  ];
}

/** Monday to Sunday a row; days outside of the report are left empty. */
function weeksOf(days: ReportData['days'], written: Writer): ReportData['weeks'] {
  const [first] = days;
  const last = days.at(-1);
  if (!first || !last) return [];
  const monday = addDays(first.date, 1 - weekdayOf(first.date));
  const weeks = Math.floor(daysBetween(monday, last.date) / 7) + 1;
  const offset = daysBetween(monday, first.date);
  return Array.from({ length: weeks }, (_, week) => ({
    label: written.short(addDays(monday, week * 7)),
    days: Array.from({ length: 7 }, (__, weekday): CalendarDay => {
      const day = days[week * 7 + weekday - offset];
      if (!day) return null;
      const { date, state, commits } = day;
      return { number: String(Number(date.slice(8))), state, commits, mark: commits > 0 ? String(commits) : '' };
    }),
  }));
}

function legendOf(days: ReportData['days'], states: Readonly<Record<DayState, string>>): ReportData['legend'] {
  const order: DayState[] = ['present', 'absent', 'excused', 'not yet', 'unknown'];
  return order.flatMap((state) => {
    const count = days.filter((day) => day.state === state).length;
    return count > 0 ? [{ state, word: states[state], count: String(count) }] : [];
  });
}

function goalLine(goal: GoalView, words: ReportWords, written: Writer): ReportData['goals'][number] {
  const { kind, target, text, value, due, status } = goal;
  const counted = kind !== 'other' && target !== null;
  const unit = kind === 'rate' ? '%' : '';
  const soFar = counted && value !== null ? words.goal.soFar(`${value}${unit}`) : '';
  return {
    what: counted ? words.goal.kinds[kind](target) : drawable(text ?? ''),
    text: counted ? drawable(text ?? '') : '',
    when: [soFar, due === null ? '' : words.goal.due(written.short(due))].filter(Boolean).join(' · '),
    word: words.goal.status[status],
    status,
  };
}

type Writer = ReturnType<typeof writer>;
function writer(language: ReportLanguage) {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...options });
  const instant = (day: Day) => Date.parse(`${day}T00:00:00Z`);
  const [long, short, weekday] = [
    format({ dateStyle: 'long' }),
    format({ month: 'short', day: 'numeric' }),
    format({ weekday: 'short' }),
  ];
  return {
    day: (day: Day) => long.format(instant(day)),
    short: (day: Day) => short.format(instant(day)),
    range: (from: Day, to: Day) => long.formatRange(instant(from), instant(to)),
    /** 1 Monday … 7 Sunday; 2024-01-01 was a Monday. */
    weekday: (number: number) => weekday.format(Date.UTC(2024, 0, number)),
  };
}
