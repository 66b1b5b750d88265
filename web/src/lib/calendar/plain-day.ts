/** A local day of the challenge's zone, `YYYY-MM-DD`. It is counted and written as a UTC day: the browser's own zone never moves it. */
export type PlainDay = string;

const MS_PER_DAY = 86_400_000;

/** Days since 1970-01-01. */
export const dayNumber = (day: PlainDay): number => Math.floor(Date.parse(`${day}T00:00:00Z`) / MS_PER_DAY);

export const plainDay = (number: number): PlainDay => new Date(number * MS_PER_DAY).toISOString().slice(0, 10);

export const addDays = (day: PlainDay, days: number): PlainDay => plainDay(dayNumber(day) + days);

export const daysBetween = (from: PlainDay, to: PlainDay): number => dayNumber(to) - dayNumber(from);

/** 1 Monday … 7 Sunday (ISO 8601). 1970-01-01 was a Thursday. */
export const weekdayOf = (day: PlainDay): number => ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1;

/** A day that exists: not `2025-02-29`, not `tomorrow`. */
export const isPlainDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(dayNumber(text)) && plainDay(dayNumber(text)) === text;
