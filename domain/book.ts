import {
  rateOf,
  ranksOf,
  stateOfDay,
  tally,
  type DayCircumstances,
  type DayState,
  type Verdict,
} from './attendance.ts';
import { addDays, dayOf, startOfDay, type Day, type TimeZone } from './calendar.ts';
import { streaks, type Streak } from './streak.ts';

/**
 * The last day all sources were read past the end of. Null when one of them was never read, and where there is no source:
 * then nothing is known of any day.
 * @param readThrough per source the instant before which it has seen everything (ISO, UTC); null before the first complete reading
 */
export function coveredThrough(readThrough: readonly (string | null)[], zone: TimeZone): Day | null {
  let covered: Day | null = null;
  for (const through of readThrough) {
    if (through === null) return null;
    // The day of that instant is not over yet.
    const day = addDays(dayOf(Date.parse(through) / 1000, zone), -1);
    if (covered === null || day < covered) covered = day;
  }
  return covered;
}

/**
 * Commits are looked for by when they were committed, which a rebase or another clock moves: of those written on a day so much more is
 * asked for (seconds).
 */
export const READING_MARGIN_S = 48 * 3_600;

/**
 * The first day of which all commits were looked for.
 * @param from the instant from which on commits were asked for (ISO, UTC); null: all there are
 */
export function coveredFrom(from: string | null, zone: TimeZone): Day | null {
  if (from === null) return null;
  const known = Date.parse(from) / 1000 + READING_MARGIN_S;
  const day = dayOf(known, zone);
  return startOfDay(day, zone) < known ? addDays(day, 1) : day;
}

export type Line = {
  /** One for each of the dates. */
  states: DayState[];
  attended: number;
  /** Elapsed days that count: attended or missed. */
  countable: number;
  unknown: number;
  rate: number | null;
  current: Streak | null;
  longest: Streak | null;
};

/** A member's line of the book. */
export function lineOf(
  dates: readonly Day[],
  verdictOn: (day: Day) => Verdict | undefined,
  circumstances: DayCircumstances,
): Line {
  const states = dates.map((day) => stateOfDay(day, verdictOn(day), circumstances));
  const { attended, absent, unknown } = tally(states);
  // Before anything was read to its end only what was attended is known: no rate can be told from that.
  const rate = circumstances.coveredThrough === null ? null : rateOf({ attended, absent });
  return {
    states,
    attended,
    countable: attended + absent,
    unknown,
    rate,
    ...streaks(dates, (index) => states[index] ?? 'outside'),
  };
}

type Ranked = { rate: number | null; attended: number; name: string; handle: string };

/** The lines with their ranks, by rank, then days attended, then name. */
export function ranked<Member extends Ranked>(members: readonly Member[]): (Member & { rank: number })[] {
  const ranks = ranksOf(members.map(({ rate }) => rate));
  return members
    .map((member, index) => ({ ...member, rank: ranks[index] ?? members.length }))
    .sort(
      (a, b) => a.rank - b.rank || b.attended - a.attended || compare(a.name, b.name) || compare(a.handle, b.handle),
    );
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
