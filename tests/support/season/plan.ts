/** What happens in a season: written down before anything runs, and never changed by what Almanac makes of it. Instants are seconds since the epoch. */

/** A commit as its author's machine makes it. */
export type PlannedCommit = {
  readonly sha: string;
  /** The person whose commit it is by GitHub; null: an address that belongs to nobody. */
  readonly author: string | null;
  readonly authoredAt: number;
  /** Minutes east of UTC that the author's clock shows. */
  readonly offset: number;
  readonly committedAt: number;
  readonly message: string;
  /** Who put it in: another person, or GitHub's own name for what is merged on its pages. The author, if left out. */
  readonly committer?: string;
};

export type Push = {
  readonly kind: 'push';
  readonly at: number;
  readonly by: string;
  /** `owner key/name`, as it was called first. */
  readonly repository: string;
  readonly branch: string;
  readonly commits: readonly PlannedCommit[];
  /** So many of the branch's last commits are thrown away first: a force push. */
  readonly drops?: number;
  /** GitHub tells of it at once; else the delivery is lost. */
  readonly told: boolean;
};

export type PlannedRepository = {
  /** `owner key/name` */
  readonly key: string;
  readonly owner: string;
  readonly name: string;
  readonly private: boolean;
  /** People beside the owner who may read and push. */
  readonly readers: readonly string[];
};

/** What somebody does that is no push. */
export type Deed =
  | { readonly kind: 'excuse'; readonly at: number; readonly by: string; readonly day: string }
  | {
      readonly kind: 'correct';
      readonly at: number;
      readonly by: string;
      readonly day: string;
      readonly verdict: 'present' | 'absent';
    }
  | { readonly kind: 'arrive' | 'leave' | 'return' | 'revoke' | 'reconnect'; readonly at: number; readonly by: string }
  | { readonly kind: 'enter'; readonly at: number; readonly by: string; readonly from: string | null }
  | { readonly kind: 'rename login'; readonly at: number; readonly by: string; readonly login: string }
  | {
      readonly kind: 'rename repository';
      readonly at: number;
      readonly by: string;
      readonly repository: string;
      readonly name: string;
    }
  /** Somebody else takes a login that was given up. */
  | { readonly kind: 'stranger comes'; readonly at: number; readonly by: string; readonly login: string };

export type Happening = Push | Deed;

export type Person = {
  /** Names them in the plan; the login they have first. */
  readonly key: string;
  readonly name: string;
  readonly habit: string;
  readonly repositories: readonly PlannedRepository[];
  readonly happenings: readonly Happening[];
};

/** A season whose days the truth tells: zone and rule in words of the truth, not of the product. */
export type Terms = {
  readonly title: string;
  readonly start: string;
  readonly days: number;
  readonly zone: 'Asia/Seoul' | 'Europe/London';
  readonly commitsPerDay: number;
  readonly excludedWeekdays: readonly number[];
  readonly excusedDays: number;
  readonly participants: readonly string[];
};

export type SeasonPlan = {
  readonly people: readonly Person[];
  /** Who pushes without taking part: a bot, somebody nobody knows. */
  readonly others: readonly Person[];
  /** Everything, in the order in which it happens. */
  readonly happenings: readonly Happening[];
  readonly terms: readonly Terms[];
};

/** 2025-03-10 00:00 in Seoul, which keeps one time all year. */
export const FIRST_DAY = '2025-03-10';
export const DAYS = 100;
export const DAY_S = 86_400;
export const HOUR_S = 3_600;
const MIDNIGHT_IN_SEOUL = Date.parse(`${FIRST_DAY}T00:00:00+09:00`) / 1000;

/** An instant by the clock of Seoul. @param day counted from 0, the first of the season */
export const at = (day: number, hour = 0, minute = 0, second = 0): number =>
  MIDNIGHT_IN_SEOUL + day * DAY_S + hour * HOUR_S + minute * 60 + second;

/** The n-th day of the season from 0, as `YYYY-MM-DD`. */
export const dateOf = (day: number): string =>
  new Date(Date.parse(`${FIRST_DAY}T00:00:00Z`) + day * DAY_S * 1000).toISOString().slice(0, 10);
