import { addDays, dayOf, isoWeekOf, mondayOf, type Day } from '../../domain/calendar.ts';
import type { ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import type { BackupReport } from '../backup/backup.ts';
import type { Job, Progress } from './job.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type OnProgress = (progress: Progress) => void;

/** What the hourly job asks of whatever reads members' accounts elsewhere. */
export type Collecting = {
  collectAll(
    signal: AbortSignal,
    onProgress?: (progress: Progress) => void,
  ): Promise<{ readonly members: number; readonly failed: number; readonly observed: number }>;
};

/** Every hour; of hours that were missed the last one makes up for all. */
export const collectionJob = (collector: Collecting): Job => ({
  name: 'collection',
  schedule: { kind: 'hourly' },
  catchUp: { periods: 'last', within: DAY },
  run: async (_slot, signal, onProgress) => {
    const { members, failed, observed } = await collector.collectAll(signal, ({ done, total }) =>
      onProgress({ done, total }),
    );
    return `${observed} commits of ${members} members${failed > 0 ? `; ${failed} could not be read` : ''}`;
  },
});

/** At midnight; of nights that were missed the last one makes up for all. */
export const backupJob = (
  zone: string,
  makeBackup: (signal: AbortSignal, onProgress: OnProgress) => Promise<BackupReport>,
): Job => ({
  name: 'backup',
  schedule: { kind: 'daily', at: '00:00', zone },
  catchUp: { periods: 'last', within: 7 * DAY },
  run: async (_slot, signal, onProgress) => {
    const { events, bytes, unopened } = await makeBackup(signal, onProgress);
    const lost = unopened > 0 ? `; ${unopened} sealed texts do not open` : '';
    return `${events} events, ${bytes} bytes, restored and read${lost}`;
  },
});

/** What is done for a season, in its zone. */
export type SeasonWork = {
  remind(about: { challengeId: string; day: Day }, signal: AbortSignal): Promise<string>;
  motivate(about: { challengeId: string; week: string }, signal: AbortSignal): Promise<string>;
};

type Season = Pick<ChallengeSummary, 'id' | 'title' | 'timeZone' | 'season' | 'closed' | 'bounds' | 'today'>;

/** The jobs of the seasons that people have agreed on and that are under way; a rolling book is nobody's agreement. */
export const seasonJobs = (seasons: readonly Season[], work: SeasonWork): Job[] =>
  seasons
    .filter(({ season, closed, bounds, today }) => season.kind === 'fixed' && !closed && isUnderWay(bounds, today))
    .flatMap((season) => [reminderJob(season, work), motivationJob(season, work)]);

/** From the Monday of its first week to its last day. */
const isUnderWay = ({ start, end }: Season['bounds'], today: Day): boolean => today >= mondayOf(start) && today <= end;

/** At 22:00 of each day of the season, and later only as long as the day lasts. */
function reminderJob({ id, title, timeZone: zone, bounds }: Season, work: SeasonWork): Job {
  return {
    name: 'reminder',
    challenge: { id, title },
    schedule: { kind: 'daily', at: '22:00', zone },
    catchUp: { periods: 'last', within: 3 * HOUR },
    matters: (day, now) => day === dayOf(now / 1000, zone) && day >= bounds.start && day <= bounds.end,
    run: ({ period: day }, signal) => work.remind({ challengeId: id, day }, signal),
  };
}

/** On Mondays at 09:00, and later as long as the week lasts. */
function motivationJob({ id, title, timeZone: zone, bounds }: Season, work: SeasonWork): Job {
  return {
    name: 'motivation',
    challenge: { id, title },
    schedule: { kind: 'weekly', weekday: 1, at: '09:00', zone },
    catchUp: { periods: 'last', within: 7 * DAY },
    matters: (week, now) => {
      const today = dayOf(now / 1000, zone);
      const monday = mondayOf(today);
      return week === isoWeekOf(today) && monday <= bounds.end && addDays(monday, 6) >= bounds.start;
    },
    run: ({ period: week }, signal) => work.motivate({ challengeId: id, week }, signal),
  };
}
