import type { DayCircumstances } from '../domain/attendance.ts';
import { coveredFrom, coveredThrough, lineOf, ranked, type Line } from '../domain/book.ts';
import { addDays, dayNumber, dayOf, daysFrom, type Day } from '../domain/calendar.ts';
import { closedOn, seasonBounds, type Rule, type Season, type SeasonBounds } from '../domain/challenge.ts';
import { personOf } from '../domain/member.ts';
import { countVerdicts, verdictOn } from '../domain/verdict-year.ts';
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
  /** Of a followed repository; where none is followed, the member's whose commits are read. */
  repositoryId: string;
  name: string;
  through: string | null;
  failure: { reason: string; message: string; since: string } | null;
};

export type MemberAttendance = Line & {
  id: string;
  handle: string;
  name: string;
  rank: number;
  /** What their days are told from was read to its end at least once. */
  isRead: boolean;
};

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
  const bounds = seasonBounds(season, today, isBeingRead(model, row.repositories) ? null : row.last_marked);
  return {
    id: row.challenge_id,
    title: row.title,
    timeZone: row.time_zone,
    season,
    rule: JSON.parse(row.rule) as Rule,
    closed: row.closed_at !== null,
    repositories: JSON.parse(row.repositories) as string[],
    bounds: row.closed_at === null ? bounds : closedOn(dayOf(row.closed_at / 1000, row.time_zone), bounds),
    today,
  };
}

/** A repository has never been read to its end: its newest commit is not known yet, and an old one must not end the season. */
function isBeingRead(model: ReadModel, repositories: string): boolean {
  const unread = `SELECT 1 AS one FROM sources JOIN json_each(?) ON value = source_id
    WHERE through IS NULL AND failing_since IS NULL LIMIT 1`;
  return model.get<{ one: number }>(unread, repositories) !== undefined;
}

/**
 * The attendance book of a challenge, or of a part of its season.
 * @param range first and last day to show; days outside the season are cut off
 */
export function readBook(model: ReadModel, challenge: ChallengeSummary, range: { from?: Day; to?: Day } = {}): Book {
  const bounds = narrowed(challenge.bounds, range);
  const dates = daysFrom(bounds.start, bounds.end);
  const roster = readRoster(model, challenge.id);
  const coverage = coverageOf(model, challenge, roster);
  const verdicts = readVerdicts(model, challenge.id, bounds);
  const members = roster.map((participant) => {
    const { member_id, handle, name } = participant;
    const years = verdicts.get(member_id);
    const known = coverage.of(member_id);
    const circumstances: DayCircumstances = {
      bounds: countingFor(participant, bounds, challenge),
      rule: challenge.rule,
      today: challenge.today,
      ...known,
    };
    const verdict = (day: Day) => verdictOn(years?.get(day.slice(0, 4)), day);
    const isRead = known.coveredThrough !== null;
    return { id: member_id, handle, name, isRead, ...lineOf(dates, verdict, circumstances) };
  });
  const { sources, coveredThrough: covered } = coverage;
  return { challenge, dates, coveredThrough: covered, members: ranked(members), sources };
}

/** What is known of whose days. */
type Coverage = {
  /** Last day whose commits have all been seen; null before the first complete reading. */
  readonly coveredThrough: Day | null;
  readonly sources: Source[];
  of(memberId: string): Pick<DayCircumstances, 'coveredFrom' | 'coveredThrough' | 'failing'>;
};

/**
 * Where repositories are followed, all of them must have been read for anybody's days to be known. Where none is, each member's own
 * commits are read, and what cannot be read of one says nothing about the others.
 */
function coverageOf(model: ReadModel, challenge: ChallengeSummary, roster: readonly Participant[]): Coverage {
  const { repositories, timeZone } = challenge;
  const rows = sourcesOf(model, challenge);
  if (repositories.length > 0) {
    const sources = repositories.map((id) => toSource(rows.get(id) ?? unread(id)));
    const through = coveredThrough(
      sources.map((source) => source.through),
      timeZone,
    );
    const all = { coveredThrough: through, failing: sources.some(({ failure }) => failure !== null) };
    return { sources, coveredThrough: through, of: () => all };
  }
  const known = new Map(
    roster.map(({ member_id }) => {
      const row = rows.get(member_id);
      const days = {
        coveredFrom: coveredFrom(row?.reads_from ?? null, timeZone),
        coveredThrough: coveredThrough([row?.through ?? null], timeZone),
      };
      return [member_id, { ...days, failing: row === undefined || row.failing_since !== null }];
    }),
  );
  const covered = [...known.values()].flatMap((one) => one.coveredThrough ?? []);
  const sources = roster.flatMap(({ member_id, handle }) => {
    const row = rows.get(member_id);
    return row ? [{ ...toSource(row), name: handle }] : [];
  });
  return {
    sources,
    coveredThrough: covered.toSorted()[0] ?? null,
    of: (memberId) => known.get(memberId) ?? { coveredThrough: null, failing: true },
  };
}

/** What is read for a challenge, by id; of one that was closed, as it stood then. */
function sourcesOf(model: ReadModel, { id, closed }: ChallengeSummary): Map<string, SourceRow> {
  const rows = closed
    ? model.all<SourceRow>('SELECT * FROM closing WHERE challenge_id = ?', id)
    : model.all<SourceRow>('SELECT * FROM sources');
  return new Map(rows.map((row) => [row.source_id, row]));
}

/** The days that count for somebody: from when they take part, and not from the day they were erased; what they did before stays. */
function countingFor(
  { counts_from, erased_at }: Participant,
  bounds: SeasonBounds,
  { timeZone }: ChallengeSummary,
): SeasonBounds {
  const start = counts_from !== null && counts_from > bounds.start ? counts_from : bounds.start;
  if (erased_at === null) return { ...bounds, start };
  const last = addDays(dayOf(Date.parse(erased_at) / 1000, timeZone), -1);
  return { ...bounds, start, end: last < bounds.end ? last : bounds.end };
}

function narrowed({ start, end }: SeasonBounds, { from, to }: { from?: Day; to?: Day }): SeasonBounds {
  const first = from !== undefined && from > start ? from : start;
  const last = to !== undefined && to < end ? to : end;
  return { start: first, end: last, days: Math.max(0, dayNumber(last) - dayNumber(first) + 1) };
}

function toSource({ source_id, name, through, failing_since, reason, message }: SourceRow): Source {
  const failure =
    failing_since === null ? null : { reason: reason ?? 'unreadable', message: message ?? '', since: failing_since };
  return { repositoryId: source_id, name, through, failure };
}

/** Somebody in a challenge; `counts_from`: the first day that counts for them, null: all of the season does. */
type Participant = MemberRow & { counts_from: Day | null };

/** Everybody in a challenge, as who they are now: whoever turned out to be somebody else takes part as that person. */
function readRoster(model: ReadModel, challengeId: string): Participant[] {
  const joined = model.all<Participant>(
    'SELECT members.*, counts_from FROM roster JOIN members USING (member_id) WHERE challenge_id = ? AND present = 1',
    challengeId,
  );
  const member = (id: string) => model.get<MemberRow>('SELECT * FROM members WHERE member_id = ?', id);
  const people = new Map<string, Participant>();
  for (const one of joined) {
    const person = one.merged_into === null ? one : member(personOf(one.member_id, (id) => member(id)?.merged_into));
    if (!person) continue;
    const before = people.get(person.member_id)?.counts_from;
    people.set(person.member_id, { ...person, counts_from: earlier(before, one.counts_from) });
  }
  return [...people.values()];
}

export type ChallengeParticipant = {
  id: string;
  handle: string;
  name: string;
  /** The first day that counts for them; null: all of the season does. */
  from: Day | null;
  /** Days they are excused for. */
  excusedDays: number;
};

/** Who takes part, by name; erased people are left out. */
export function listParticipants(model: ReadModel, challenge: ChallengeSummary): ChallengeParticipant[] {
  const verdicts = readVerdicts(model, challenge.id, challenge.bounds);
  return readRoster(model, challenge.id)
    .filter(({ erased_at }) => erased_at === null)
    .map(({ member_id: id, handle, name, counts_from: from }) => {
      const years = [...(verdicts.get(id)?.values() ?? [])];
      return {
        id,
        handle,
        name,
        from,
        excusedDays: years.reduce((sum, year) => sum + countVerdicts(year, 'excused'), 0),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The ids of everybody in a challenge, as who they are now. */
export const participantIds = (model: ReadModel, challengeId: string): string[] =>
  readRoster(model, challengeId).map(({ member_id }) => member_id);

/** Somebody's place in a challenge; undefined: they do not take part. */
export const participantIn = (
  model: ReadModel,
  challengeId: string,
  memberId: string,
): { from: Day | null } | undefined => {
  const found = readRoster(model, challengeId).find(({ member_id }) => member_id === memberId);
  return found && { from: found.counts_from };
};

/** Days somebody is excused for in a challenge, oldest first, days to come included. */
export function excusedDays(model: ReadModel, { id, bounds }: ChallengeSummary, memberId: string): Day[] {
  const years = readVerdicts(model, id, bounds).get(memberId);
  return daysFrom(bounds.start, bounds.end).filter((day) => verdictOn(years?.get(day.slice(0, 4)), day) === 'excused');
}

export const countParticipants = (model: ReadModel, challengeId: string): number =>
  readRoster(model, challengeId).filter(({ erased_at }) => erased_at === null).length;

/** Who takes part under two names takes part from the earlier day; null is the season's first. */
const earlier = (before: Day | null | undefined, from: Day | null): Day | null =>
  before === undefined || (before !== null && from !== null && from < before) ? from : from === null ? null : before;

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
