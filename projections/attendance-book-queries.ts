import type { DayCircumstances } from '../domain/attendance.ts';
import { coveredThrough, lineOf, ranked, type Line } from '../domain/book.ts';
import { addDays, dayNumber, dayOf, daysFrom, type Day } from '../domain/calendar.ts';
import { seasonBounds, type Rule, type Season, type SeasonBounds } from '../domain/challenge.ts';
import { personOf } from '../domain/member.ts';
import { verdictOn } from '../domain/verdict-year.ts';
import type { ReadModel } from './projection.ts';
import { unread, type ChallengeRow, type MemberRow, type YearRow, type SourceRow } from './attendance-book.ts';

export type ChallengeSummary = {
  id: string;
  title: string;
  timeZone: string;
  season: Season;
  rule: Rule;
  closed: boolean;
  repositories: string[];
  bounds: SeasonBounds;
  today: Day;
};

export type Source = {
  repositoryId: string;
  name: string;
  through: string | null;
  failure: { reason: string; message: string; since: string } | null;
};

export type MemberAttendance = Line & { id: string; handle: string; name: string; rank: number };

export type Book = {
  challenge: ChallengeSummary;
  /** Every day of the season, oldest first, days to come included. */
  dates: Day[];
  /** Last day whose commits have all been seen; null before the first complete reading. */
  coveredThrough: Day | null;
  /** By rank, then days attended, then name. */
  members: MemberAttendance[];
  sources: Source[];
};

type StoredChallenge = Omit<ChallengeRow, 'season' | 'rule' | 'repositories'> & {
  season: string;
  rule: string;
  repositories: string;
};

/** All challenges, as of an instant (seconds since the epoch), in the order of their opening. */
export const listChallenges = (model: ReadModel, now: number): ChallengeSummary[] =>
  model
    .all<StoredChallenge>('SELECT * FROM challenges ORDER BY opened_at, challenge_id')
    .map((row) => summary(model, row, now));

export function findChallenge(model: ReadModel, id: string, now: number): ChallengeSummary | undefined {
  const row = model.get<StoredChallenge>('SELECT * FROM challenges WHERE challenge_id = ?', id);
  return row && summary(model, row, now);
}

function summary(model: ReadModel, row: StoredChallenge, now: number): ChallengeSummary {
  const season = JSON.parse(row.season) as Season;
  const today = dayOf(now, row.time_zone);
  return {
    id: row.challenge_id,
    title: row.title,
    timeZone: row.time_zone,
    season,
    rule: JSON.parse(row.rule) as Rule,
    closed: row.closed === 1,
    repositories: JSON.parse(row.repositories) as string[],
    bounds: seasonBounds(season, today, isBeingRead(model, row.repositories) ? null : row.last_marked),
    today,
  };
}

/** A repository has never been read to its end: its newest commit is not known yet, and an old one must not end the season. */
function isBeingRead(model: ReadModel, repositories: string): boolean {
  const unread = `SELECT 1 AS one FROM sources JOIN json_each(?) ON value = repository_id
    WHERE through IS NULL AND failing_since IS NULL LIMIT 1`;
  return model.get<{ one: number }>(unread, repositories) !== undefined;
}

/**
 * The attendance book of a challenge, or of a part of its season.
 * @param range first and last day to show; days outside the season are cut off
 */
export function readBook(model: ReadModel, challenge: ChallengeSummary, range: { from?: Day; to?: Day } = {}): Book {
  const sources = readSources(model, challenge.repositories);
  const bounds = narrowed(challenge.bounds, range);
  const dates = daysFrom(bounds.start, bounds.end);
  const covered = coveredThrough(
    sources.map(({ through }) => through),
    challenge.timeZone,
  );
  const circumstances: DayCircumstances = {
    bounds,
    rule: challenge.rule,
    today: challenge.today,
    coveredThrough: covered,
    failing: sources.some((source) => source.failure !== null),
  };
  const verdicts = readVerdicts(model, challenge.id, bounds);
  const members = readRoster(model, challenge.id).map(({ member_id, handle, name, erased_at }) => {
    const years = verdicts.get(member_id);
    return {
      id: member_id,
      handle,
      name,
      ...lineOf(
        dates,
        (day) => verdictOn(years?.get(day.slice(0, 4)), day),
        untilErased(circumstances, erased_at, challenge),
      ),
    };
  });
  return { challenge, dates, coveredThrough: covered, members: ranked(members), sources };
}

/** From the day somebody was erased their days do not count; what they did before stays in the totals. */
function untilErased(
  given: DayCircumstances,
  erasedAt: string | null,
  { timeZone }: ChallengeSummary,
): DayCircumstances {
  if (erasedAt === null) return given;
  const last = addDays(dayOf(Date.parse(erasedAt) / 1000, timeZone), -1);
  return last < given.bounds.end ? { ...given, bounds: { ...given.bounds, end: last } } : given;
}

function narrowed({ start, end }: SeasonBounds, { from, to }: { from?: Day; to?: Day }): SeasonBounds {
  const first = from !== undefined && from > start ? from : start;
  const last = to !== undefined && to < end ? to : end;
  return { start: first, end: last, days: Math.max(0, dayNumber(last) - dayNumber(first) + 1) };
}

export const readSources = (model: ReadModel, repositories: readonly string[]): Source[] =>
  repositories.flatMap((id) => {
    const row = model.get<SourceRow>('SELECT * FROM sources WHERE repository_id = ?', id) ?? unread(id);
    const failure =
      row.failing_since === null
        ? null
        : { reason: row.reason ?? 'unreadable', message: row.message ?? '', since: row.failing_since };
    return [{ repositoryId: id, name: row.name, through: row.through, failure }];
  });

/** Everybody in a challenge, as who they are now: whoever turned out to be somebody else takes part as that person. */
function readRoster(model: ReadModel, challengeId: string): MemberRow[] {
  const joined = model.all<MemberRow>(
    'SELECT members.* FROM roster JOIN members USING (member_id) WHERE challenge_id = ? AND present = 1',
    challengeId,
  );
  const member = (id: string) => model.get<MemberRow>('SELECT * FROM members WHERE member_id = ?', id);
  const people = new Map<string, MemberRow>();
  for (const one of joined) {
    const person = one.merged_into === null ? one : member(personOf(one.member_id, (id) => member(id)?.merged_into));
    if (person) people.set(person.member_id, person);
  }
  return [...people.values()];
}

function readVerdicts(model: ReadModel, challengeId: string, { start, end }: SeasonBounds) {
  const rows = model.all<YearRow>(
    'SELECT * FROM years WHERE challenge_id = ? AND year BETWEEN ? AND ?',
    challengeId,
    Number(start.slice(0, 4)),
    Number(end.slice(0, 4)),
  );
  const years = new Map<string, Map<string, string>>();
  for (const row of rows) {
    let member = years.get(row.member_id);
    if (!member) years.set(row.member_id, (member = new Map<string, string>()));
    member.set(String(row.year), row.verdicts);
  }
  return years;
}
