import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  dayFromNumber,
  dayNumber,
  dayOf,
  daysBetween,
  daysFrom,
  endOfDay,
  isDay,
  isoWeekOf,
  isTimeZone,
  localTime,
  mondayOf,
  mondayOfWeek,
  monthOf,
  startOfDay,
  utcMonthOf,
  weekdayOf,
} from '../../domain/calendar.ts';

/** Offsets of half and quarter hours, skipped days, double transitions, DST at midnight, both hemispheres, local mean time. */
const ZONES = [
  'UTC',
  'Asia/Seoul',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Tehran',
  'Asia/Riyadh',
  'America/New_York',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'America/Caracas',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Africa/Monrovia',
  'Antarctica/Troll',
  'Europe/Dublin',
  'Europe/Lisbon',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
];
const seconds = (instant: string) => Temporal.Instant.from(instant).epochMilliseconds / 1000;
const zoned = (epochSeconds: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(epochSeconds * 1000).toZonedDateTimeISO(zone);

const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: seconds('1900-01-01T00:00:00Z'), max: seconds('2100-01-01T00:00:00Z') });
const days = fc
  .integer({ min: dayNumber('1900-01-02'), max: dayNumber('2099-12-30') })
  .map((number) => Temporal.PlainDate.from('1970-01-01').add({ days: number }).toString());

/** Instants next to a transition, where mistakes live. */
const edges = fc
  .tuple(zones, instants, fc.constantFrom(-3601, -3600, -1801, -1, 0, 1, 1799, 1800, 3599, 3600))
  .map(([zone, instant, distance]) => {
    const transition = zoned(instant, zone).getTimeZoneTransition('next');
    return { zone, instant: (transition ? transition.epochMilliseconds / 1000 : instant) + distance };
  });

describe('local time', () => {
  const expectAsTemporal = (instant: number, zone: string) => {
    const { hour, minute, dayOfWeek, ...wall } = wallClock(instant, zone);
    expect({ zone, instant, ...localTime(instant, zone) }).toEqual({ ...wall, hour, minute, weekday: dayOfWeek });
  };
  const wallClock = (instant: number, zone: string) => {
    const at = zoned(instant, zone);
    return {
      zone,
      instant,
      day: at.toPlainDate().toString(),
      hour: at.hour,
      minute: at.minute,
      dayOfWeek: at.dayOfWeek,
    };
  };

  test('is what Temporal says, at any instant in any zone', () => {
    fc.assert(
      fc.property(instants, zones, (instant, zone) => expectAsTemporal(instant, zone)),
      { numRuns: 2_000 },
    );
  });

  test('is what Temporal says around every kind of transition', () => {
    fc.assert(
      fc.property(edges, ({ instant, zone }) => expectAsTemporal(instant, zone)),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['1 s before midnight in Seoul', '2025-03-10T14:59:59Z', 'Asia/Seoul', '2025-03-10', 23],
    ['midnight in Seoul', '2025-03-10T15:00:00Z', 'Asia/Seoul', '2025-03-11', 0],
    ['after nine in Seoul the UTC day is the same', '2025-03-11T00:00:00Z', 'Asia/Seoul', '2025-03-11', 9],
    ['New York springs forward', '2025-03-09T07:00:00Z', 'America/New_York', '2025-03-09', 3],
    ['New York, the first 01:30', '2025-11-02T05:30:00Z', 'America/New_York', '2025-11-02', 1],
    ['New York, the second 01:30', '2025-11-02T06:30:00Z', 'America/New_York', '2025-11-02', 1],
    ['quarter to six ahead', '2025-01-01T18:15:00Z', 'Asia/Kathmandu', '2025-01-02', 0],
    ['Lord Howe moves half an hour', '2025-04-05T15:00:00Z', 'Australia/Lord_Howe', '2025-04-06', 1],
    ['Samoa, before the skipped day', '2011-12-30T09:59:59Z', 'Pacific/Apia', '2011-12-29', 23],
    ['Samoa, after the skipped day', '2011-12-30T10:00:00Z', 'Pacific/Apia', '2011-12-31', 0],
    ['Morocco in Ramadan goes back', '2025-02-23T02:00:00Z', 'Africa/Casablanca', '2025-02-23', 2],
    ['Feb 29', '2024-02-28T15:00:00Z', 'Asia/Seoul', '2024-02-29', 0],
    ['the last second of a leap day', '2024-02-29T14:59:59Z', 'Asia/Seoul', '2024-02-29', 23],
    ['the last second of a year', '2024-12-31T14:59:59Z', 'Asia/Seoul', '2024-12-31', 23],
    ['the first second of a year', '2024-12-31T15:00:00Z', 'Asia/Seoul', '2025-01-01', 0],
    ['the epoch', '1970-01-01T00:00:00Z', 'America/New_York', '1969-12-31', 19],
    ['before the epoch', '1969-12-31T23:59:59Z', 'UTC', '1969-12-31', 23],
    ['2099', '2099-12-31T23:59:59Z', 'Asia/Seoul', '2100-01-01', 8],
  ])('%s', (_what, instant, zone, day, hour) => {
    expect(localTime(seconds(instant), zone)).toMatchObject({ day, hour });
    expect(dayOf(seconds(instant), zone)).toBe(day);
  });

  test('parts of a second belong to the second they are in', () => {
    expect(dayOf(seconds('2025-03-10T14:59:59Z') + 0.999, 'Asia/Seoul')).toBe('2025-03-10');
    expect(dayOf(-0.001, 'UTC')).toBe('1969-12-31');
  });
});

describe('bounds of a local day', () => {
  test('are what Temporal says, and what is between them is that day', () => {
    fc.assert(
      fc.property(days, zones, (day, zone) => {
        const start = startOfDay(day, zone);
        expect(start).toBe(Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds / 1000);
        expect(endOfDay(day, zone)).toBe(startOfDay(addDays(day, 1), zone));
        // A day that a zone has skipped is empty.
        if (endOfDay(day, zone) === start) return;
        expect(dayOf(start, zone)).toBe(day);
        expect(dayOf(endOfDay(day, zone) - 1, zone)).toBe(day);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['Chile skips midnight', '2025-09-07', 'America/Santiago', '2025-09-07T04:00:00Z', 23],
    ['Lebanon skips midnight', '2025-03-30', 'Asia/Beirut', '2025-03-29T22:00:00Z', 23],
    ['Lebanon sees 23:00 twice', '2025-10-25', 'Asia/Beirut', '2025-10-24T21:00:00Z', 25],
    ['Cuba sees midnight twice', '2024-11-03', 'America/Havana', '2024-11-03T04:00:00Z', 25],
    ['New York, the short day', '2025-03-09', 'America/New_York', '2025-03-09T05:00:00Z', 23],
    ['New York, the long day', '2025-11-02', 'America/New_York', '2025-11-02T04:00:00Z', 25],
    ['Lord Howe, the half hour more', '2025-04-06', 'Australia/Lord_Howe', '2025-04-05T13:00:00Z', 24.5],
    ['Samoa, the day that never was', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00Z', 0],
    ['Seoul', '2025-03-10', 'Asia/Seoul', '2025-03-09T15:00:00Z', 24],
  ])('%s', (_what, day, zone, start, hours) => {
    expect(startOfDay(day, zone)).toBe(seconds(start));
    expect((endOfDay(day, zone) - startOfDay(day, zone)) / 3600).toBe(hours);
  });
});

describe('days', () => {
  test('count as Temporal counts', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -2_000, max: 2_000 }), (day, distance) => {
        const other = addDays(day, distance);
        expect(other).toBe(Temporal.PlainDate.from(day).add({ days: distance }).toString());
        expect(daysBetween(day, other)).toBe(distance);
        expect(dayFromNumber(dayNumber(day))).toBe(day);
        expect(weekdayOf(day)).toBe(Temporal.PlainDate.from(day).dayOfWeek);
      }),
    );
  });

  test('from one to another, both included', () => {
    expect(daysFrom('2024-02-28', '2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
    expect(daysFrom('2024-12-31', '2025-01-01')).toEqual(['2024-12-31', '2025-01-01']);
    expect(daysFrom('2025-01-01', '2025-01-01')).toEqual(['2025-01-01']);
    expect(daysFrom('2025-01-02', '2025-01-01')).toEqual([]);
  });

  test.each([
    ['2024-02-29', true],
    ['2025-02-29', false],
    ['2000-02-29', true],
    ['1900-02-29', false],
    ['2025-04-31', false],
    ['2025-13-01', false],
    ['2025-1-1', false],
    ['2025-01-01T00:00', false],
    [' 2025-01-01', false],
    ['', false],
  ])('is "%s" a day? %s', (text, expected) => expect(isDay(text)).toBe(expected));
});

describe('weeks and months', () => {
  test.each([
    ['2024-12-29', '2024-W52'],
    ['2024-12-30', '2025-W01'],
    ['2024-12-31', '2025-W01'],
    ['2025-12-28', '2025-W52'],
    ['2025-12-29', '2026-W01'],
    ['2020-12-31', '2020-W53'],
    ['2021-01-01', '2020-W53'],
    ['2021-01-03', '2020-W53'],
    ['2021-01-04', '2021-W01'],
    ['2022-01-01', '2021-W52'],
    ['2023-01-01', '2022-W52'],
    ['2024-02-29', '2024-W09'],
  ])('the ISO week of %s is %s', (day, week) => expect(isoWeekOf(day)).toBe(week));

  test('a week has the year of its Thursday', () => {
    fc.assert(
      fc.property(days, (day) => {
        const thursday = addDays(day, 4 - weekdayOf(day));
        expect(isoWeekOf(day).slice(0, 4)).toBe(thursday.slice(0, 4));
        expect(isoWeekOf(day)).toBe(isoWeekOf(thursday));
      }),
    );
  });

  test('the month of a day, and the UTC month of an instant', () => {
    expect(monthOf('2025-03-10')).toBe('2025-03');
    expect(utcMonthOf(seconds('2025-03-31T23:59:59Z'))).toBe('2025-03');
    expect(utcMonthOf(seconds('2025-04-01T00:00:00Z'))).toBe('2025-04');
    expect(utcMonthOf(-1)).toBe('1969-12');
  });
});

test.each([
  ['Asia/Seoul', true],
  ['UTC', true],
  ['Asia/Soul', false],
  ['', false],
  ['KST', false],
])('is "%s" a time zone? %s', (zone, expected) => expect(isTimeZone(zone)).toBe(expected));

test.each([
  ['2025-W01', '2024-12-30'],
  ['2025-W12', '2025-03-17'],
  ['2026-W53', '2026-12-28'],
  ['2027-W01', '2027-01-04'],
])('the Monday of %s is %s', (week, monday) => {
  expect(mondayOfWeek(week)).toBe(monday);
  for (let day = 0; day < 7; day += 1) expect(mondayOf(addDays(monday, day))).toBe(monday);
});
