/** What the page about one day of one member is written against. Days, instants and rates as in `views.ts`. */
import type { Because } from '../../domain/reason.ts';
import type { ChallengeView, CommitView, DayState } from './views.ts';

/** Why a commit near the day counts for it, or does not. */
export type CommitVerdict =
  | 'counts'
  /** Its author's own clock showed the day, the challenge's zone shows another. */
  | 'other-day'
  /** None of the repositories the challenge follows holds it. */
  | 'other-repository';

/** What the author's own clock showed, and its distance from UTC in minutes. */
export type AuthorClock = { day: string; time: string; offset: number };

export type ExaminedCommit = Omit<CommitView, 'content'> & {
  /** As in `CommitView`, and with it where it was written: that is no more for everybody than what was written in private. */
  content: (NonNullable<CommitView['content']> & { authorClock: AuthorClock | null }) | null;
  verdict: CommitVerdict;
  /** When Almanac first saw it. */
  observedAt: string | null;
  /** It was first seen on a later day than it was written. */
  late: boolean;
  /** It says it was written after it was seen: a clock was wrong. */
  afterSeen: boolean;
};

export type DecisionView = {
  kind: 'corrected' | 'excused' | 'withdrawn' | 'joined' | 'left';
  /** Of `joined`: the first day that counts. */
  day: string | null;
  verdict: string | null;
  /** What stood before. */
  previous: string | null;
  /** null: for the member and those who look after the server, or they were erased. */
  reason: string | null;
  /** A handle, or `local`, `operator`, `key:…`; null: Almanac itself. */
  by: string | null;
  at: string;
};

export type ReasonsView = {
  challenge: ChallengeView;
  today: string;
  date: string;
  member: { handle: string; name: string };
  state: DayState;
  because: Because;
  rule: { commitsPerDay: number; excludedWeekdays: number[] };
  /** Commits that count for the day. */
  counted: number;
  commits: ExaminedCommit[];
  /** There are more commits around the day than are told of. */
  more: boolean;
  /** When the day was first entered as attended by its commits. */
  markedAt: string | null;
  collection: {
    name: string;
    through: string | null;
    /** It was read past the end of the day. */
    covers: boolean;
    failure: { reason: string; message: string; since: string } | null;
  }[];
  decisions: DecisionView[];
};
