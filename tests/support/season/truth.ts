import { DAY_S, HOUR_S, type Deed, type Happening, type PlannedCommit, type SeasonPlan, type Terms } from './plan.ts';

export type TrueState = 'present' | 'absent' | 'excused' | 'not yet' | 'unknown' | 'outside';

/** What can be known of somebody: by a reading that began then, or by none; and whether the last one failed. */
export type Known = { readonly readAt: number | null; readonly failing?: boolean };

export type TrueStreak = { readonly days: number; readonly start: string; readonly end: string };
export type TrueLine = {
  readonly states: readonly TrueState[];
  readonly attended: number;
  readonly countable: number;
  readonly rate: number | null;
  readonly rank: number;
  readonly commits: number;
  /** By hour of the season's zone, 24 numbers. */
  readonly hours: readonly number[];
  readonly current: TrueStreak | null;
  readonly longest: TrueStreak | null;
};

type Visible = { readonly commit: PlannedCommit; readonly from: number };

const dateIn = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
const datesOf = ({ start, days }: Terms) =>
  Array.from({ length: days }, (_, index) => dateIn(Date.parse(`${start}T00:00:00Z`) / 1000 + index * DAY_S));
/** ISO: 1 Monday. */
const weekdayOf = (date: string) => new Date(`${date}T00:00:00Z`).getUTCDay() || 7;

/** Seconds that a zone is ahead of UTC: Seoul always nine hours, London one from 01:00 UTC of 2025-03-30 to the autumn. */
const ahead = (zone: Terms['zone'], seconds: number) =>
  zone === 'Asia/Seoul' ? 9 * HOUR_S : seconds >= Date.parse('2025-03-30T01:00:00Z') / 1000 ? HOUR_S : 0;
const local = (zone: Terms['zone'], seconds: number) => seconds + ahead(zone, seconds);
const dayIn = (zone: Terms['zone'], seconds: number) => dateIn(local(zone, seconds));

/**
 * What a season truly was, told from the plan alone. It knows nothing of events and shares no line with the product: days are counted by
 * hand, states and figures by going through all of it.
 */
export class Truth {
  readonly #plan: SeasonPlan;
  /** By season, person and day: what they wrote and from when anybody could see it. */
  readonly #commits: ReadonlyMap<Terms, ReadonlyMap<string, ReadonlyMap<string, readonly Visible[]>>>;
  readonly #dates: ReadonlyMap<Terms, readonly string[]>;
  /** By person: what they do, and is done for them, that is no push; the earliest first. */
  readonly #doings: ReadonlyMap<string, readonly Deed[]>;

  constructor(plan: SeasonPlan) {
    this.#plan = plan;
    this.#doings = Map.groupBy(
      plan.happenings.filter((one) => one.kind !== 'push'),
      ({ by }) => by,
    );
    const byAuthor = Map.groupBy(visible(plan.happenings), ({ commit }) => commit.author ?? '');
    const inDays = ({ zone }: Terms) =>
      new Map(
        [...byAuthor].map(([key, all]) => [key, Map.groupBy(all, ({ commit }) => dayIn(zone, commit.authoredAt))]),
      );
    this.#commits = new Map(plan.terms.map((terms) => [terms, inDays(terms)]));
    this.#dates = new Map(plan.terms.map((terms) => [terms, datesOf(terms)]));
  }

  /** Who takes part then. */
  participants(terms: Terms, now: number): string[] {
    const inside = new Set(terms.participants);
    for (const { kind, by, at } of this.#plan.happenings) {
      if (at > now) break;
      if (kind === 'enter' && isMain(terms)) inside.add(by);
      else if (kind === 'leave') inside.delete(by);
      else if (kind === 'return' && terms.participants.includes(by)) inside.add(by);
    }
    return [...inside];
  }

  /** Everything somebody had pushed by then that was written on the day. */
  commitsOn(terms: Terms, key: string, date: string, by: number): number {
    return this.#written(terms, key, date, by).length;
  }

  #written(terms: Terms, key: string, date: string, by: number): readonly Visible[] {
    const all = this.#commits.get(terms)?.get(key)?.get(date) ?? [];
    return all.filter(({ from }) => from <= by);
  }

  /** @param now when the book is looked at @param known what had been read of them */
  state(terms: Terms, key: string, date: string, now: number, known: Known): TrueState {
    const today = dayIn(terms.zone, now);
    if (date < this.#firstDay(terms, key, now) || date > (this.#dates.get(terms)?.at(-1) ?? '') || date > today)
      return 'outside';
    const decided = isMain(terms) ? this.#deeds(key, now).filter((one) => 'day' in one && one.day === date) : [];
    const corrected = decided.findLast((one) => one.kind === 'correct');
    if (corrected?.kind === 'correct') return corrected.verdict;
    if (terms.excludedWeekdays.includes(weekdayOf(date))) return 'outside';
    return this.#attended(terms, key, date, known)
      ? 'present'
      : decided.some(({ kind }) => kind === 'excuse')
        ? 'excused'
        : unattended(date, today, terms, known);
  }

  #attended(terms: Terms, key: string, date: string, { readAt }: Known): boolean {
    return readAt !== null && this.commitsOn(terms, key, date, readAt) >= terms.commitsPerDay;
  }

  #firstDay(terms: Terms, key: string, now: number): string {
    const entered = this.#deeds(key, now).find(({ kind }) => kind === 'enter');
    return entered?.kind === 'enter' ? (entered.from ?? terms.start) : terms.start;
  }

  #deeds(key: string, now: number): Deed[] {
    return (this.#doings.get(key) ?? []).filter(({ at }) => at <= now);
  }

  /** Everybody's line of the book when all had just been read. */
  book(terms: Terms, now: number): Map<string, TrueLine> {
    const dates = this.#dates.get(terms) ?? [];
    const lines = this.participants(terms, now).map((key) => {
      const states = dates.map((date) => this.state(terms, key, date, now, { readAt: now }));
      const attended = states.filter((state) => state === 'present').length;
      const countable = attended + states.filter((state) => state === 'absent').length;
      const rate = countable === 0 ? null : Math.round((attended * 100) / countable);
      const hours = this.hours(terms, key, now);
      const commits = hours.reduce((sum, count) => sum + count, 0);
      return { key, states, attended, countable, rate, hours, commits, ...streaksOf(dates, states) };
    });
    const better = (rate: number | null) => lines.filter((one) => (one.rate ?? -1) > (rate ?? -1)).length;
    return new Map(lines.map(({ key, ...line }) => [key, { ...line, rank: better(line.rate) + 1 }]));
  }

  /** Commits of the season's days by the hour of its zone. */
  hours(terms: Terms, key: string, by: number): number[] {
    const hours = new Array<number>(24).fill(0);
    const all = (this.#dates.get(terms) ?? []).flatMap((date) => this.#written(terms, key, date, by));
    for (const { commit } of all) {
      const hour = new Date(local(terms.zone, commit.authoredAt) * 1000).getUTCHours();
      hours[hour] = (hours[hour] ?? 0) + 1;
    }
    return hours;
  }
}

/** A day on which nothing is known to have been written. */
function unattended(date: string, today: string, { zone }: Terms, { readAt, failing = false }: Known): TrueState {
  if (readAt === null) return 'unknown';
  if (date === today) return failing ? 'unknown' : 'not yet';
  return date < dayIn(zone, readAt) ? 'absent' : 'unknown';
}

/** What organisers decide, and who is entered later, concerns the first season only. */
const isMain = ({ commitsPerDay }: Terms) => commitsPerDay === 1;

/** Each commit once, from when it was pushed first. */
function visible(happenings: readonly Happening[]): Visible[] {
  const seen = new Map<string, Visible>();
  for (const happening of happenings) {
    if (happening.kind !== 'push') continue;
    for (const commit of happening.commits)
      if (!seen.has(commit.sha) && !isTakenBack(happening, commit, happenings))
        seen.set(commit.sha, { commit, from: happening.at });
  }
  return [...seen.values()];
}

/** Pushed and thrown away in the same moment, nobody can have seen it. */
const isTakenBack = (
  { at, repository, branch }: { at: number; repository: string; branch: string },
  { sha }: PlannedCommit,
  happenings: readonly Happening[],
): boolean =>
  happenings.some(
    (one) =>
      one.kind === 'push' &&
      one.at === at &&
      one.repository === repository &&
      one.branch === branch &&
      (one.drops ?? 0) > 0 &&
      !one.commits.some((commit) => commit.sha === sha),
  );

function streaksOf(dates: readonly string[], states: readonly TrueState[]) {
  const runs: TrueStreak[][] = [[]];
  dates.forEach((date, index) => {
    const run = runs.at(-1) ?? [];
    if (states[index] === 'absent') runs.push([]);
    else if (states[index] === 'present') run.push({ days: run.length + 1, start: run[0]?.start ?? date, end: date });
  });
  const whole = runs.map((run) => run.at(-1) ?? null);
  const longest = whole.reduce((best, run) => (run && run.days > (best?.days ?? 0) ? run : best), null);
  return { current: whole.at(-1) ?? null, longest };
}
