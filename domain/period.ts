/**
 * Stretches of a season that statistics are asked for, as they stand in an address: `period=2025-W11`, or `from=…&to=…`.
 * Nothing here knows what day it is: `today` comes with the question.
 */
import { addDays, daysBetween, isDay, isoWeekOf, mondayOf, mondayOfWeek, monthOf, type Day } from './calendar.ts';

export const LAST_DAYS = [7, 14, 30] as const;

export type Period =
  | { readonly kind: 'season' }
  | { readonly kind: 'this-week' }
  /** The last days, today included; of a season that is over, its last ones. */
  | { readonly kind: 'last'; readonly days: (typeof LAST_DAYS)[number] }
  /** `2025-03` */
  | { readonly kind: 'month'; readonly month: string }
  /** ISO 8601, `2025-W11` */
  | { readonly kind: 'week'; readonly week: string }
  /** An end that is not named is that of the season. */
  | { readonly kind: 'custom'; readonly from?: Day; readonly to?: Day };

/** First and last day, both counted. */
export type Stretch = { readonly start: Day; readonly end: Day };

/** A period as texts of an address; all of them absent: the whole season. */
export type PeriodText = {
  readonly period?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

/** Which text is at fault, and why. */
export class UnreadablePeriod extends Error {
  override readonly name = 'UnreadablePeriod';
  readonly field: keyof PeriodText;
  constructor(field: keyof PeriodText, message: string) {
    super(message);
    this.field = field;
  }
}

/** @throws {UnreadablePeriod} */
export function parsePeriod({ period = '', from = '', to = '' }: PeriodText): Period {
  if (period !== '') {
    if (from !== '' || to !== '') throw new UnreadablePeriod('period', 'Expected a period or its ends, not both.');
    return namedPeriod(period);
  }
  if (from === '' && to === '') return { kind: 'season' };
  demandDay('from', from);
  demandDay('to', to);
  if (from !== '' && to !== '' && from > to)
    throw new UnreadablePeriod('to', `The period ends (${to}) before it begins (${from}).`);
  return { kind: 'custom', ...(from !== '' && { from }), ...(to !== '' && { to }) };
}

function demandDay(field: 'from' | 'to', day: string): void {
  if (day !== '' && !isDay(day))
    throw new UnreadablePeriod(field, `Expected a day that exists, as YYYY-MM-DD, not "${day}".`);
}

function namedPeriod(text: string): Period {
  if (text === 'season' || text === 'this-week') return { kind: text };
  const days = LAST_DAYS.find((count) => text === `last-${count}`);
  if (days !== undefined) return { kind: 'last', days };
  if (/^\d{4}-\d{2}$/.test(text) && isDay(`${text}-01`)) return { kind: 'month', month: text };
  if (weekStart(text) !== null) return { kind: 'week', week: text };
  throw new UnreadablePeriod(
    'period',
    `Expected season, this-week, ${LAST_DAYS.map((count) => `last-${count}`).join(', ')}, a month (2025-03) or an ISO week (2025-W11), not "${text}".`,
  );
}

/** The period as it is written in an address; nothing for the whole season. */
export function printPeriod(period: Period): PeriodText {
  switch (period.kind) {
    case 'season':
      return {};
    case 'this-week':
      return { period: 'this-week' };
    case 'last':
      return { period: `last-${period.days}` };
    case 'month':
      return { period: period.month };
    case 'week':
      return { period: period.week };
    case 'custom': {
      const { from, to } = period;
      return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    }
  }
}

/** Monday of an ISO week; null for a text that names none (`2025-W53`: that year has 52). */
export function weekStart(week: string): Day | null {
  if (!/^\d{4}-W\d{2}$/.test(week)) return null;
  const monday = mondayOfWeek(week);
  return isoWeekOf(monday) === week ? monday : null;
}

const lastOfMonth = (month: string): Day => {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = number === 12 ? `${String(year + 1).padStart(4, '0')}-01` : `${month.slice(0, 5)}${two(number + 1)}`;
  return addDays(`${next}-01`, -1);
};
const two = (number: number) => String(number).padStart(2, '0');

/** The days of a period that lie in the season; null where none does. */
export function stretchOf(period: Period, season: Stretch, today: Day): Stretch | null {
  const { start, end } = wholeStretch(period, season, today);
  const cut = { start: start > season.start ? start : season.start, end: end < season.end ? end : season.end };
  return cut.start <= cut.end ? cut : null;
}

function wholeStretch(period: Period, season: Stretch, today: Day): Stretch {
  // Of a season that is over, or still to come, the day nearest to today.
  const last = today > season.end ? season.end : today < season.start ? season.start : today;
  switch (period.kind) {
    case 'season':
      return season;
    case 'this-week':
      return weekOf(last);
    case 'last':
      return { start: addDays(last, 1 - period.days), end: last };
    case 'month':
      return { start: `${period.month}-01`, end: lastOfMonth(period.month) };
    case 'week':
      return weekOf(weekStart(period.week) ?? last);
    case 'custom':
      return { start: period.from ?? season.start, end: period.to ?? season.end };
  }
}

function weekOf(day: Day): Stretch {
  const start = mondayOf(day);
  return { start, end: addDays(start, 6) };
}

export const lengthOf = ({ start, end }: Stretch): number => daysBetween(start, end) + 1;

/** As many days right before; null where they are not all days of the season: unequal stretches do not compare. */
export function stretchBefore(stretch: Stretch, season: Stretch): Stretch | null {
  const start = addDays(stretch.start, -lengthOf(stretch));
  return start >= season.start ? { start, end: addDays(stretch.start, -1) } : null;
}

/** A stretch by what it is called: an ISO week or a month, cut at the ends. */
export type NamedStretch = Stretch & { readonly name: string };

export const weeksOf = (stretch: Stretch): NamedStretch[] => split(stretch, isoWeekOf, (day) => weekOf(day).end);

export const monthsOf = (stretch: Stretch): NamedStretch[] =>
  split(stretch, monthOf, (day) => lastOfMonth(monthOf(day)));

function split({ start, end }: Stretch, nameOf: (day: Day) => string, lastOf: (day: Day) => Day): NamedStretch[] {
  const parts: NamedStretch[] = [];
  for (let first = start; first <= end;) {
    const last = lastOf(first);
    parts.push({ name: nameOf(first), start: first, end: last < end ? last : end });
    first = addDays(last, 1);
  }
  return parts;
}
