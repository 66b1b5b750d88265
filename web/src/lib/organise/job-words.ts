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

type Said = keyof Words['said'];
/** What jobs say came of them, as the server writes it. */
const SAID: readonly (readonly [Said, RegExp])[] = [
  ['unsent', /^(\d+) messages could not be sent$/],
  ['collection', /^(\d+) commits of (\d+) members$/],
  ['unread', /^(\d+) could not be read$/],
  ['backup', /^(\d+) events, \d+ bytes, restored and read$/],
  ['unopened', /^(\d+) sealed texts do not open$/],
  ['reminder', /^organiser told by (\d+) channels, (\d+) of (\d+) reminded$/],
  ['motivation', /^(\d+) drafted, (\d+) sent$/],
];

/** What came of a run in the reader's language; null where it is told in words that are not known. */
export function jobSaid(said: string, words: Words, f: Formats): string | null {
  const parts = said.split('; ').map((part) => {
    for (const [name, pattern] of SAID) {
      const [, ...counts] = pattern.exec(part) ?? [];
      const [one = '', two = '', three = ''] = counts.map((count) => f.number(Number(count)));
      if (counts.length > 0) return words.said[name](one, two, three);
    }
    return null;
  });
  return parts.includes(null) ? null : parts.join(' · ');
}
