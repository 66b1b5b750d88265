import { dayNumber, type PlainDay } from '#lib/calendar/plain-day.ts';
import type { Language } from './language.ts';

/** How numbers, days and instants are written in a language. Plain days are written as UTC days, instants in the zone given. */
export type Formats = {
  number(value: number): string;
  percent(value: number | null): string;
  /** 2025년 5월 21일 수요일 */
  fullDay(day: PlainDay): string;
  /** 2025년 5월 21일 */
  day(day: PlainDay): string;
  /** 5월 21일 (수) */
  shortDay(day: PlainDay): string;
  /** 5/21 */
  tinyDay(day: PlainDay): string;
  month(day: PlainDay): string;
  monthAndYear(day: PlainDay): string;
  dayRange(start: PlainDay, end: PlainDay): string;
  tinyRange(start: PlainDay, end: PlainDay): string;
  /** 1 Monday … 7 Sunday */
  weekday(weekday: number, width?: 'short' | 'narrow' | 'long'): string;
  time(instant: string, timeZone: string): string;
};

const made = new Map<Language, Formats>();

export function formatsOf(language: Language): Formats {
  const known = made.get(language) ?? makeFormats(language);
  made.set(language, known);
  return known;
}

const utcDay = (day: PlainDay) => dayNumber(day) * 86_400_000;
/** 2024-01-01 was a Monday. */
const weekdayDate = (weekday: number) => Date.UTC(2024, 0, weekday);

function makeFormats(language: Language): Formats {
  const written = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...options });
  const full = written({ dateStyle: 'full' });
  const long = written({ dateStyle: 'long' });
  const short = written({ month: 'short', day: 'numeric', weekday: 'short' });
  /** 5/21: the one form both languages read, and short enough for a table. */
  const tiny = (day: PlainDay) => `${Number(day.slice(5, 7))}/${Number(day.slice(8, 10))}`;
  const month = written({ month: 'short' });
  const monthAndYear = written({ year: 'numeric', month: 'long' });
  const weekdays = {
    short: written({ weekday: 'short' }),
    narrow: written({ weekday: 'narrow' }),
    long: written({ weekday: 'long' }),
  };
  const plain = new Intl.NumberFormat(language);
  const clock = (timeZone: string) =>
    new Intl.DateTimeFormat(language, {
      timeZone,
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });

  return {
    number: (value) => plain.format(value),
    percent: (value) => (value === null ? '–' : `${plain.format(value)}%`),
    fullDay: (day) => full.format(utcDay(day)),
    day: (day) => long.format(utcDay(day)),
    shortDay: (day) => short.format(utcDay(day)),
    tinyDay: tiny,
    month: (day) => month.format(utcDay(day)),
    monthAndYear: (day) => monthAndYear.format(utcDay(day)),
    dayRange: (start, end) => long.formatRange(utcDay(start), utcDay(end)),
    tinyRange: (start, end) => (start === end ? tiny(start) : `${tiny(start)} – ${tiny(end)}`),
    weekday: (weekday, width = 'short') => weekdays[width].format(weekdayDate(weekday)),
    time: (instant, timeZone) => clock(timeZone).format(new Date(instant)),
  };
}
