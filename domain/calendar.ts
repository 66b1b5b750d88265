/**
 * Local days of an explicit zone, ISO weeks, months. A day is the text `YYYY-MM-DD`, so that days compare and sort as text;
 * an instant is a number of seconds since the epoch (git's own unit).
 */

export type Day = string;
export type TimeZone = string;

const SECONDS_A_DAY = 86_400;
const plain = (day: Day) => Temporal.PlainDate.from(day);

/** Is this an IANA time zone this platform knows, such as `Asia/Seoul`? */
export function isTimeZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

/** Is this text a day that exists? `2025-02-29` is not. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

/** The local day of an instant. */
export const dayOf = (epochSeconds: number, zone: TimeZone): Day => localTime(epochSeconds, zone).day;

export type LocalTime = {
  day: Day;
  /** 0–23 */
  hour: number;
  minute: number;
  /** ISO: 1 Monday … 7 Sunday. */
  weekday: number;
};

/** Day, hour and weekday that a wall clock in the zone shows at an instant. */
export function localTime(epochSeconds: number, zone: TimeZone): LocalTime {
  const local = Math.floor(epochSeconds) + offsetAt(epochSeconds, zone);
  const dayNumber = Math.floor(local / SECONDS_A_DAY);
  const secondOfDay = local - dayNumber * SECONDS_A_DAY;
  return {
    day: dayFromNumber(dayNumber),
    hour: Math.floor(secondOfDay / 3600),
    minute: Math.floor((secondOfDay % 3600) / 60),
    weekday: weekdayOfNumber(dayNumber),
  };
}

/** Seconds since the epoch at which the local day begins (where midnight is skipped by DST: the first instant of the day). */
export const startOfDay = (day: Day, zone: TimeZone): number =>
  plain(day).toZonedDateTime(zone).epochMilliseconds / 1000;

/** Seconds since the epoch at which the local day is over. */
export const endOfDay = (day: Day, zone: TimeZone): number => startOfDay(addDays(day, 1), zone);

export const addDays = (day: Day, days: number): Day => dayFromNumber(dayNumber(day) + days);

/** Whole days from `from` to `to`; 0 when they are the same. */
export const daysBetween = (from: Day, to: Day): number => dayNumber(to) - dayNumber(from);

/** Every day from `from` to `to`, both included; none when `to` is before `from`. */
export const daysFrom = (from: Day, to: Day): Day[] =>
  Array.from({ length: Math.max(0, daysBetween(from, to) + 1) }, (_, index) => addDays(from, index));

/** ISO: 1 Monday … 7 Sunday. */
export const weekdayOf = (day: Day): number => weekdayOfNumber(dayNumber(day));

/** ISO 8601 week, `2025-W01`: the year is that of the week's Thursday. */
export function isoWeekOf(day: Day): string {
  const date = plain(day);
  return `${date.yearOfWeek}-W${String(date.weekOfYear).padStart(2, '0')}`;
}

/** The Monday of the ISO week a day lies in. */
export const mondayOf = (day: Day): Day => addDays(day, 1 - weekdayOf(day));

/** The Monday of an ISO week such as `2025-W12`: the week that holds 4 January is the first of its year (ISO 8601). */
export const mondayOfWeek = (week: string): Day =>
  addDays(mondayOf(`${week.slice(0, 4)}-01-04`), 7 * (Number(week.slice(6)) - 1));

/** `2025-03`. */
export const monthOf = (day: Day): string => day.slice(0, 7);

/** The UTC month of an instant, `2025-03`: the partition of commit streams. */
export const utcMonthOf = (epochSeconds: number): string =>
  monthOf(dayFromNumber(Math.floor(epochSeconds / SECONDS_A_DAY)));

/** Days since 1970-01-01. */
export const dayNumber = (day: Day): number => {
  let number = recentNumbers.get(day);
  if (number === undefined) {
    number = Date.parse(`${day}T00:00:00Z`) / 86_400_000;
    if (recentNumbers.size >= 20_000) recentNumbers.clear();
    recentNumbers.set(day, number);
  }
  return number;
};

export const dayFromNumber = (number: number): Day => {
  let day = recentDays.get(number);
  if (day === undefined) {
    day = Temporal.PlainDate.from('1970-01-01').add({ days: number }).toString();
    if (recentDays.size >= 20_000) recentDays.clear();
    recentDays.set(number, day);
  }
  return day;
};
const recentDays = new Map<number, Day>();
/** A book of a thousand members and a year asks for the same days a thousand times. */
const recentNumbers = new Map<Day, number>();

const weekdayOfNumber = (number: number) => ((((number + 3) % 7) + 7) % 7) + 1;

/**
 * Offset from UTC in seconds. Folding reads hundreds of thousands of instants, and asking Temporal for each costs microseconds:
 * so the stretch between two transitions of a zone is remembered.
 */
function offsetAt(epochSeconds: number, zone: TimeZone): number {
  let stretches = knownStretches.get(zone);
  if (!stretches) knownStretches.set(zone, (stretches = []));
  for (const stretch of stretches) if (epochSeconds >= stretch.from && epochSeconds < stretch.to) return stretch.offset;
  const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(epochSeconds) * 1000).toZonedDateTimeISO(zone);
  const edge = (direction: 'next' | 'previous') => at.getTimeZoneTransition(direction)?.epochMilliseconds;
  const offset = at.offsetNanoseconds / 1e9;
  // A transition exactly now is not "previous": start the stretch here then.
  const startsHere = Temporal.Instant.fromEpochMilliseconds(Math.floor(epochSeconds) * 1000 - 1).toZonedDateTimeISO(
    zone,
  );
  const from =
    startsHere.offsetNanoseconds / 1e9 === offset ? (edge('previous') ?? -Infinity) / 1000 : Math.floor(epochSeconds);
  stretches.unshift({ from, to: (edge('next') ?? Infinity) / 1000, offset });
  return offset;
}
const knownStretches = new Map<TimeZone, { from: number; to: number; offset: number }[]>();
