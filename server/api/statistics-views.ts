/** What the statistics page is written against. Days, instants and rates as in `views.ts`. */
import type { ChallengeView, StreakView } from './views.ts';

/** A rate; `unknown`: nothing is known of any of these days; null: none of them counts yet. */
export type HeatCell = number | 'unknown' | null;

export type StretchView = { start: string; end: string; days: number };

export type TotalsView = {
  members: number;
  /** Days of all members together. */
  present: number;
  absent: number;
  excused: number;
  unknown: number;
  rate: number | null;
  /** Of the days that count or would, how many percent could not be read; null: there are none. */
  unreadable: number | null;
  commits: number;
};

export type RankedView = {
  handle: string;
  name: string;
  /** Equal rates share a rank (1, 1, 3). */
  rank: number;
  rate: number | null;
  attended: number;
  countable: number;
  unknown: number;
  commits: number;
  longest: StreakView | null;
  /** Points more (or fewer) than in the period before; null: it is not compared, or one of both has no rate. */
  difference: number | null;
};

export type DailyRateView = { date: string; rate: number | null; present: number; countable: number };

export type StatisticsView = {
  challenge: ChallengeView;
  today: string;
  /** The days asked for that lie in the season, and how many of them have begun. */
  period: StretchView & { elapsed: number };
  /** What else can be asked for: the season's months and ISO weeks that have begun. */
  choices: { months: string[]; weeks: string[] };
  totals: TotalsView;
  /** As many days right before; null where it was not asked for, or where the season does not hold them. */
  before: (StretchView & { totals: TotalsView; daily: DailyRateView[] }) | null;
  /** The season holds as many days before the period. */
  comparable: boolean;
  /** Points the rate has risen or fallen since the period before. */
  difference: number | null;
  /** By rank, then days attended, then name; the first `rows`. */
  ranking: RankedView[];
  /** How many members there are in all. */
  members: number;
  /** Days begun so far, oldest first. */
  daily: DailyRateView[];
  /** Monday to Sunday, of everybody together. */
  weekdays: { present: number; countable: number; rate: number | null }[];
  /** Commits of the period: by local hour 0–23, and by ISO weekday and hour [7][24]. */
  hours: number[];
  hoursOfWeekdays: number[][];
  /** Attendance by ISO week or month: of everybody, and of the members of `ranking`, in the same order. */
  heatmap: {
    by: 'week' | 'month';
    parts: (StretchView & { name: string })[];
    everybody: HeatCell[];
    rows: HeatCell[][];
  };
  /** The longest runs of days, longest first, at most ten. */
  streaks: { handle: string; name: string; streak: StreakView }[];
};
