/** A season as its organiser sees it, and as who takes part does. Days are local days `YYYY-MM-DD` of its zone. */
export type SeasonView = {
  id: string;
  title: string;
  timeZone: string;
  /** `rolling`: the book of repositories, without a first and a last day. */
  kind: 'fixed' | 'rolling';
  start: string;
  end: string;
  days: number;
  today: string;
  commitsPerDay: number;
  /** ISO weekdays, 1 Monday. */
  excludedWeekdays: number[];
  excusedDays: number;
  /** Whose commits count: those of followed repositories, or all of who takes part. */
  counts: 'repositories' | 'members';
  state: 'coming' | 'running' | 'ended' | 'closed';
  /** Whoever signs in may take part. */
  joining: boolean;
  members: number;
  /** Whether the caller takes part, the first day that counts for them (null: all do), and the days they are excused for. */
  own: { from: string | null; excused: string[] } | null;
};

export type ParticipantView = {
  id: string;
  handle: string;
  name: string;
  /** null: all of the season counts. */
  from: string | null;
  excusedDays: number;
};
