import type { DayEvidence } from './attendance.ts';
import { addDays, dayOf, monthOf, type Day, type TimeZone } from './calendar.ts';
import type { OpenChallenge, Season } from './challenge.ts';

/** What a day's attendance is read from; instants are ISO 8601 UTC. */
export type CommitEvidence = {
  readonly sha: string;
  readonly repositoryId: string;
  readonly authoredAt: string;
  readonly observedAt: string;
};

/** What of a challenge decides which days commits attend. */
export type AttendanceTerms = Pick<OpenChallenge, 'season' | 'timeZone' | 'rule' | 'repositories'>;

const secondsOf = (instant: string) => Date.parse(instant) / 1000;

/**
 * The local days on which as many commits were written as the rule asks for. The evidence of a day is its n-th commit by
 * author date, so the order in which commits are handed over does not matter; a commit handed over twice counts once.
 * A challenge that follows repositories counts the commits they hold; one that follows none counts all.
 */
export function attendedDays(commits: Iterable<CommitEvidence>, terms: AttendanceTerms): DayEvidence[] {
  const { season, timeZone, rule, repositories } = terms;
  const byDay = new Map<Day, Map<string, number>>();
  for (const commit of commits) {
    if (repositories.size > 0 && !repositories.has(commit.repositoryId)) continue;
    const authored = secondsOf(commit.authoredAt);
    const day = dayOf(authored, timeZone);
    if (!admits(season, timeZone, day, authored, commit.observedAt)) continue;
    let shas = byDay.get(day);
    if (!shas) byDay.set(day, (shas = new Map<string, number>()));
    shas.set(commit.sha, authored);
  }
  const days: DayEvidence[] = [];
  for (const [day, shas] of byDay) {
    const evidence = nth(shas, rule.commitsPerDay);
    if (evidence !== undefined) days.push({ day, evidence });
  }
  return days;
}

/**
 * A fixed season takes the days inside its bounds. A rolling one takes every day that had begun when the commit was first
 * seen: it has no end of its own, and a clock gone wrong (2099) attends nothing.
 */
function admits(season: Season, timeZone: TimeZone, day: Day, authored: number, observedAt: string): boolean {
  if (season.kind === 'fixed') return day >= season.start && day < addDays(season.start, season.days);
  const observed = secondsOf(observedAt);
  return authored <= observed || day <= dayOf(observed, timeZone);
}

/** The n-th commit by author date; commits of the same second are taken by sha. */
function nth(shas: ReadonlyMap<string, number>, count: number): string | undefined {
  if (shas.size < count) return undefined;
  const inOrder = [...shas].sort(([shaA, a], [shaB, b]) => a - b || (shaA < shaB ? -1 : 1));
  return inOrder[count - 1]?.[0];
}

/** UTC months that may hold commits of the local days from `from` to `to`: no zone is a whole day away from UTC. */
export function monthsOf(from: Day, to: Day): Set<string> {
  const months = new Set([monthOf(addDays(to, 1))]);
  // No month is shorter than 28 days, so none is stepped over.
  for (let day = addDays(from, -1); day <= to; day = addDays(day, 28)) months.add(monthOf(day));
  return months;
}

/** The UTC months of a season; undefined for a rolling one, which may reach any month. */
export const monthsOfSeason = (season: Season): Set<string> | undefined =>
  season.kind === 'fixed' ? monthsOf(season.start, addDays(season.start, season.days - 1)) : undefined;
