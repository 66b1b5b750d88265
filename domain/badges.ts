import { rateOf, tally, type DayState } from './attendance.ts';
import { addDays, daysBetween, weekdayOf, type Day } from './calendar.ts';
import { streaks } from './streak.ts';

/** What badges are earned by, all of it in the book: nobody gives them, and nobody takes them away. */
export type BadgeFacts = {
  /** The season's days up to today, in order, and what each was for the member. */
  readonly dates: readonly Day[];
  readonly states: readonly DayState[];
  readonly season: {
    readonly start: Day;
    readonly end: Day;
    /** Rolling seasons have no end of their own. */ rolling: boolean;
  };
  readonly today: Day;
  /** Days with a commit between these local hours. */
  readonly earlyDays: readonly Day[];
  readonly lateDays: readonly Day[];
};

/** 05:00–07:59 and 00:00–03:59 in the season's zone. */
export const EARLY_HOURS = { from: 5, to: 8 } as const;
export const LATE_HOURS = { from: 0, to: 4 } as const;
/** Days with such a commit that make an early bird, or a night owl. */
const HABIT_DAYS = 10;
/** Who comes to this rate of a season that is over has finished it (percent). */
export const FINISHER_RATE = 80;
/** A whole week or month is one of at least so many days attended: days off do not make one by themselves. */
const FEWEST = { week: 5, month: 20 } as const;
/** Days missed in a row, and days attended in a row after them. */
const COMEBACK = { missed: 3, attended: 7 } as const;

type Rule = (facts: BadgeFacts) => Day | null;

/** Every badge there is, in the order in which they are shown, and the day on which it was earned. */
export const badgeRules = {
  'first-commit': ({ dates, states }) => dates[states.indexOf('present')] ?? null,
  'streak-7': streakOf(7),
  'streak-30': streakOf(30),
  'streak-50': streakOf(50),
  'streak-100': streakOf(100),
  'perfect-week': (facts) => firstPerfect(facts, weeksOf(facts), FEWEST.week),
  'perfect-month': (facts) => firstPerfect(facts, monthsOf(facts), FEWEST.month),
  'early-bird': ({ earlyDays }) => earlyDays[HABIT_DAYS - 1] ?? null,
  'night-owl': ({ lateDays }) => lateDays[HABIT_DAYS - 1] ?? null,
  comeback: comebackDay,
  finisher: ({ season, today, states }) => {
    const rate = rateOf(tally(states));
    return !season.rolling && today > season.end && rate !== null && rate >= FINISHER_RATE ? season.end : null;
  },
} as const satisfies Record<string, Rule>;

export type BadgeId = keyof typeof badgeRules;
export const badgeIds = Object.keys(badgeRules) as BadgeId[];
export type Badge = { readonly id: BadgeId; readonly day: Day };

/** The badges a member has, each with the day it was earned on. */
export const badgesOf = (facts: BadgeFacts): Badge[] =>
  badgeIds.flatMap((id) => {
    const day = badgeRules[id](facts);
    return day === null ? [] : [{ id, day }];
  });

/** The day on which a streak first had so many days: of all beginnings of the season, the shortest whose longest streak has them. */
function streakOf(days: number): Rule {
  return ({ dates, states }) => {
    const longest = (count: number) =>
      streaks(dates.slice(0, count), (index) => states[index] ?? 'outside').longest?.days ?? 0;
    if (longest(dates.length) < days) return null;
    let [low, high] = [days, dates.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (longest(middle) >= days) high = middle;
      else low = middle + 1;
    }
    return dates[high - 1] ?? null;
  };
}

/** Where a stretch of days begins and ends in `dates`, both included. */
type Stretch = { readonly first: number; readonly last: number };

/** Whole ISO weeks inside the season that are over or end today. */
function weeksOf({ dates }: BadgeFacts): Stretch[] {
  const stretches: Stretch[] = [];
  dates.forEach((day, first) => {
    if (weekdayOf(day) === 1 && dates[first + 6] !== undefined) stretches.push({ first, last: first + 6 });
  });
  return stretches;
}

/** Whole calendar months inside the season that are over or end today. */
function monthsOf({ dates }: BadgeFacts): Stretch[] {
  const stretches: Stretch[] = [];
  dates.forEach((day, first) => {
    if (!day.endsWith('-01')) return;
    const next = `${addDays(day, 31).slice(0, 7)}-01`;
    const last = first + daysBetween(day, next) - 1;
    if (dates[last] !== undefined) stretches.push({ first, last });
  });
  return stretches;
}

/** Every day that counts was attended: days off are passed over, an excused or unknown day is not a day attended. */
function firstPerfect({ dates, states }: BadgeFacts, stretches: readonly Stretch[], fewest: number): Day | null {
  for (const { first, last } of stretches) {
    const days = states.slice(first, last + 1);
    const attended = days.filter((state) => state === 'present').length;
    if (attended < fewest || !days.every((state) => state === 'present' || state === 'outside')) continue;
    return dates[first + days.lastIndexOf('present')] ?? null;
  }
  return null;
}

/** Days off, excused and unknown days neither end a stretch nor lengthen it, as with streaks. */
function comebackDay({ dates, states }: BadgeFacts): Day | null {
  let [missed, attended, away] = [0, 0, false];
  for (const [index, state] of states.entries()) {
    if (state === 'absent') {
      attended = 0;
      missed += 1;
      away ||= missed >= COMEBACK.missed;
    } else if (state === 'present') {
      missed = 0;
      attended += 1;
      if (away && attended >= COMEBACK.attended) return dates[index] ?? null;
    }
  }
  return null;
}
