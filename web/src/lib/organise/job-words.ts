import type { Formats } from '#lib/i18n/formats.ts';
import type { OrganiseWords } from '#lib/i18n/organise.ko.ts';
import type { JobRunView, JobView } from '../../../../server/api/jobs-views.ts';

type Words = OrganiseWords['jobs'];

/** Jobs that may send something to people: they are asked for twice. */
export const sends = ({ name }: Pick<JobView, 'name'>): boolean => name === 'reminder' || name === 'motivation';

/** What a job is called; the season stands behind it where it is one's. */
export function jobName({ name, challenge }: Pick<JobView, 'name' | 'challenge'>, words: Words): string {
  const called = words.names[name] ?? name;
  return challenge ? `${called} · ${challenge.title}` : called;
}

/** `every Monday at 09:00` */
export function jobSchedule({ kind, at, weekday }: JobView['schedule'], words: Words, f: Formats): string {
  if (kind === 'hourly') return words.schedules.hourly;
  if (kind === 'daily') return words.schedules.daily(at ?? '');
  return words.schedules.weekly(f.weekday(weekday ?? 1, 'long'), at ?? '');
}

/** How long the last attempt of a run took, in words; null while it runs. */
export function jobDuration({ attemptAt, endedAt }: JobRunView, words: Words, f: Formats): string | null {
  if (endedAt === null) return null;
  const took = Math.max(0, Date.parse(endedAt) - Date.parse(attemptAt));
  if (took < 1_000) return words.milliseconds(f.number(took));
  if (took < 120_000) return words.seconds(f.number(Math.round(took / 1_000)));
  return words.minutes(f.number(Math.round(took / 60_000)));
}
