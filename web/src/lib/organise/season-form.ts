import { addDays, isPlainDay } from '#lib/calendar/plain-day.ts';
import type { SeasonView } from '../../../../server/api/season-views.ts';

/** What is written into the form of a season: texts, so that what is refused is shown again as it was. */
export type SeasonGiven = {
  title: string;
  start: string;
  days: string;
  zone: string;
  commits: string;
  excused: string;
  /** ISO weekdays, 1 Monday. */
  off: readonly number[];
  counts: 'members' | 'repositories';
  members: 'everyone' | 'nobody';
  joining: boolean;
};

/** What a new season is unless somebody says otherwise: the seed's hundred days, from the next day on. */
export const newSeason = (today: string, zone: string): SeasonGiven => ({
  title: '',
  start: addDays(today, 1),
  days: '100',
  zone,
  commits: '1',
  excused: '0',
  off: [],
  counts: 'members',
  members: 'everyone',
  joining: false,
});

const text = (form: FormData, field: string): string => {
  const value = form.get(field);
  return typeof value === 'string' ? value.trim() : '';
};

export const readSeasonForm = (form: FormData): SeasonGiven => ({
  title: text(form, 'title'),
  start: text(form, 'start_date'),
  days: text(form, 'days'),
  zone: text(form, 'time_zone'),
  commits: text(form, 'commits_per_day'),
  excused: text(form, 'excused_days'),
  off: form.getAll('excluded_weekdays').map(Number),
  counts: form.get('counts') === 'repositories' ? 'repositories' : 'members',
  members: form.get('members') === 'nobody' ? 'nobody' : 'everyone',
  joining: form.get('joining') === 'on',
});

/** A number as the API takes it; what is no number is refused there, with its field. */
const numberOf = (written: string): number => (written === '' ? Number.NaN : Number(written));

/** What a form says about any season, as the API takes it. */
export const revisionOf = ({ title, start, days, commits, excused, off }: SeasonGiven) => ({
  title,
  start_date: start,
  days: numberOf(days),
  commits_per_day: numberOf(commits),
  excused_days: numberOf(excused),
  excluded_weekdays: [...off],
});

/** What a form says about a season that is to be opened. */
export const openingOf = (given: SeasonGiven) => ({
  ...revisionOf(given),
  time_zone: given.zone,
  counts: given.counts,
  members: given.members,
  joining: given.joining,
});

/** The last day that counts; null while either is not written yet. */
export function lastDay(start: string, days: string | number | null): string | null {
  const count = Number(days);
  return isPlainDay(start) && Number.isInteger(count) && count > 0 && count <= 3_660 ? addDays(start, count - 1) : null;
}

/** The form of a season there is, filled with what it is. */
export const givenOf = (season: SeasonView): SeasonGiven => ({
  ...newSeason(season.start, season.timeZone),
  title: season.title,
  start: season.start,
  days: String(season.days),
  commits: String(season.commitsPerDay),
  excused: String(season.excusedDays),
  off: season.excludedWeekdays,
});
