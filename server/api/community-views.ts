/** What the API answers about goals, cheers, badges and what is shared. Days are local days of the season's zone, instants ISO 8601 UTC. */
import type { BadgeId } from '../../domain/badges.ts';
import type { CheerMark } from '../../domain/cheer.ts';
import type { Finding } from '../../domain/feedback.ts';
import type { GoalKind } from '../../domain/goal.ts';
import type { ChallengeView, StreakView } from './views.ts';

export type { BadgeId, CheerMark, Finding, GoalKind };

export type GoalView = {
  id: string;
  kind: GoalKind;
  /** Percent, days or commits; null where there is nothing to count. */
  target: number | null;
  /** So far; null where nothing can be told yet, and for goals in words. */
  value: number | null;
  text: string | null;
  /** The title of the season it is measured in; null: there is none (any more). */
  season: string | null;
  /** Its last day, be it the season's; null: it has none. */
  due: string | null;
  status: 'open' | 'reached' | 'missed';
  setOn: string;
};

export type GoalsView = {
  /** The open ones first. */
  goals: GoalView[];
  /** Whoever asks may set and drop goals here. */
  own: boolean;
};

export type CheerView = {
  id: string;
  /** Who wrote it. */
  from: { handle: string; name: string };
  text: string;
  emoji: CheerMark | null;
  at: string;
  /** Whoever asks may take it away. */
  removable: boolean;
};

export type CheersView = {
  /** The newest first. */
  cheers: CheerView[];
  total: number;
  /** Whether whoever asks may write one, and if not, why. */
  writing: 'possible' | 'own' | 'no-account' | 'not-taking-part';
};

export type BadgeView = { id: BadgeId; day: string };

export type InsightsView = {
  badges: BadgeView[];
  /** Badges there are that they do not have yet, in order. */
  missing: BadgeId[];
  /** For the member themselves and whoever is at the keyboard: what the book says to them. */
  feedback: Finding[] | null;
};

/** What everybody may see of a member who has published it. */
export type SharedView = {
  name: string;
  season: Pick<ChallengeView, 'title' | 'start' | 'end' | 'days' | 'elapsed' | 'kind'>;
  rate: number | null;
  attended: number;
  countable: number;
  currentStreak: StreakView | null;
  longestStreak: StreakView | null;
  /** One letter a day of the season up to today: p attended, - anything else. */
  days: string;
  badges: BadgeView[];
};

export type SharingView = {
  /** null: nobody but members sees anything. */
  published: { token: string; name: string; season: string | null; since: string } | null;
  /** The name offered. */
  name: string;
};

export type WrapUpMember = {
  handle: string;
  name: string;
  rank: number;
  rate: number | null;
  attended: number;
  countable: number;
  commits: number;
  longestStreak: StreakView | null;
  badges: BadgeView[];
};

export type WrapUpView = {
  challenge: ChallengeView;
  today: string;
  /** The season is over: what is said is final. */
  over: boolean;
  totals: {
    members: number;
    finished: number;
    present: number;
    absent: number;
    unknown: number;
    rate: number | null;
    commits: number;
  };
  /** By rank. */
  ranking: WrapUpMember[];
  /** Handles of those with the longest streaks, the longest first. */
  streaks: { handle: string; name: string; days: number; start: string; end: string }[];
  /** The day with the highest rate, and of those the one most attended; null before any. */
  bestDay: { date: string; rate: number; present: number } | null;
  /** Commits by local hour, 24 numbers. */
  hours: number[];
  /** How many members have each badge, those with any. */
  badges: { id: BadgeId; members: number }[];
};
