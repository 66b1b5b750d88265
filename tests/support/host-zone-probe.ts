/**
 * Prints what the domain says of days, weeks, seasons and states, as JSON. Run on hosts whose own zone differs, it has to print
 * the same: `TZ=America/New_York node tests/support/host-zone-probe.ts`.
 */
import { stateOfDay } from '../../domain/attendance.ts';
import { attendedDays, monthsOf } from '../../domain/attended-days.ts';
import {
  addDays,
  dayNumber,
  daysFrom,
  endOfDay,
  isoWeekOf,
  localTime,
  startOfDay,
  utcMonthOf,
  weekdayOf,
} from '../../domain/calendar.ts';
import { everyDay, seasonBounds, type Season } from '../../domain/challenge.ts';
import { completeCollection } from '../../domain/repository.ts';

const ZONES = ['Asia/Seoul', 'America/New_York', 'UTC', 'America/Santiago', 'Australia/Lord_Howe', 'Pacific/Apia'];
const INSTANTS = [
  '1969-12-31T23:59:59Z',
  '1970-01-01T00:00:00Z',
  '2011-12-30T10:00:00Z',
  '2023-12-31T15:00:00Z',
  '2024-02-28T15:00:00Z',
  '2024-02-29T14:59:59Z',
  '2024-12-31T14:59:59Z',
  '2024-12-31T15:00:00Z',
  '2025-03-09T06:59:59Z',
  '2025-03-09T07:00:00Z',
  '2025-03-10T14:59:59Z',
  '2025-03-10T15:00:00Z',
  '2025-09-07T04:00:00Z',
  '2025-11-02T05:30:00Z',
  '2025-11-02T06:30:00Z',
  '2099-12-31T23:59:59Z',
];
const DAYS = ['2011-12-30', '2024-02-29', '2024-12-31', '2025-03-09', '2025-09-07', '2025-11-02'];
const commits = INSTANTS.map((authoredAt, index) => ({
  sha: String(index),
  repositoryId: 'garden',
  authoredAt,
  observedAt: '2026-01-01T00:00:00Z',
}));
const byDay = ({ day: a }: { day: string }, { day: b }: { day: string }) => (a < b ? -1 : 1);

const bookOf = (timeZone: string, season: Season) => {
  const bounds = seasonBounds(season, '2025-03-12', '2025-03-11');
  const attended = new Set(
    attendedDays(commits, { season, timeZone, rule: everyDay, repositories: new Set() }).map(({ day }) => day),
  );
  const circumstances = { bounds, rule: everyDay, today: '2025-03-12', coveredThrough: '2025-03-11', failing: false };
  return daysFrom(bounds.start, bounds.end).map(
    (day) => `${day} ${stateOfDay(day, attended.has(day) ? 'marked' : undefined, circumstances)}`,
  );
};

const says = {
  days: DAYS.map((day) => [
    day,
    isoWeekOf(day),
    weekdayOf(day),
    dayNumber(day),
    addDays(day, 1),
    [...monthsOf(day, day)],
  ]),
  months: INSTANTS.map((instant) => utcMonthOf(Date.parse(instant) / 1000)),
  zones: ZONES.map((timeZone) => ({
    timeZone,
    wallClocks: INSTANTS.map((instant) => localTime(Date.parse(instant) / 1000, timeZone)),
    bounds: DAYS.map((day) => [startOfDay(day, timeZone), endOfDay(day, timeZone)]),
    attended: attendedDays(commits, {
      season: { kind: 'rolling', days: 100 },
      timeZone,
      rule: everyDay,
      repositories: new Set(),
    }).sort(byDay),
    fixed: bookOf(timeZone, { kind: 'fixed', start: '2025-03-08', days: 7 }),
    rolling: bookOf(timeZone, { kind: 'rolling', days: 7 }),
    newDay: completeCollection(
      { source: 'local-git', sourceId: 'r', through: '2025-03-10T15:00:00Z', observed: 0, timeZone },
      { status: 'completed', through: '2025-03-10T14:59:59Z' },
    ).length,
  })),
};

process.stdout.write(JSON.stringify({ hostHourAtEpoch: new Date(0).getHours(), says }));
