/**
 * What the API answers with: the shapes pages and clients are written against.
 * Days are local days `YYYY-MM-DD` of the challenge's zone, instants ISO 8601 UTC, rates whole percents (null: nothing to count yet).
 */

/** A4: present, absent, excused, not yet (today), unknown (a source could not be read), outside (not counted: days off, days to come, days beyond the season). */
export type DayState = 'present' | 'absent' | 'excused' | 'not yet' | 'unknown' | 'outside';
/** One letter a day, in the order of `dates`: p present, a absent, e excused, n not yet, u unknown, o outside. */
export type StateLetters = string;

export type StreakView = { days: number; start: string; end: string };

export type BookMember = {
  id: string;
  handle: string;
  name: string;
  /** Equal rates share a rank (1, 1, 3). */
  rank: number;
  rate: number | null;
  attended: number;
  /** Elapsed days that count for this member. */
  countable: number;
  states: StateLetters;
  /** Commits in the season. */
  commits: number;
  today: DayState;
  commitsToday: number;
  currentStreak: StreakView | null;
  longestStreak: StreakView | null;
};

export type ChallengeView = {
  id: string;
  title: string;
  timeZone: string;
  kind: 'fixed' | 'rolling';
  /** First and last day of the season, both counted. */
  start: string;
  end: string;
  days: number;
  /** Days begun so far, today included. */
  elapsed: number;
  commitsPerDay: number;
};

export type SourceView = {
  repositoryId: string;
  name: string;
  /** Everything before this instant has been seen; null before the first complete reading. */
  through: string | null;
  failure: { reason: string; message: string; since: string } | null;
};

export type BookView = {
  challenge: ChallengeView;
  today: string;
  /** All days of the season, oldest first. */
  dates: string[];
  /** By rank, then days attended, then name. */
  members: BookMember[];
  daily: { date: string; rate: number | null; present: number; countable: number }[];
  totals: { members: number; present: number; absent: number; unknown: number; rate: number | null; commits: number };
  todayCounts: { present: number; notYet: number; unknown: number; excused: number };
  bots: { handle: string; name: string; commits: number }[];
  sources: SourceView[];
};

export type CommitView = {
  /** `subject` is the first line of the message. null: private, and somebody else's; else its author was erased. */
  content: { sha: string; repository: string; subject: string; message: string } | null;
  /** No public repository holds it. */
  private: boolean;
  authoredAt: string;
  /** Local time of the challenge's zone, `23:59`. */
  time: string;
  day: string;
  handle: string;
  name: string;
};

export type CommitPage = {
  commits: CommitView[];
  pagination: { total: number; page: number; pages: number; limit: number; has_more: boolean };
};

export type DayView = {
  date: string;
  challenge: ChallengeView;
  present: number;
  countable: number;
  rate: number | null;
  members: {
    handle: string;
    name: string;
    state: DayState;
    commitCount: number;
    /** Oldest first, the first 50. */
    commits: CommitView[];
  }[];
};

export type ActivityView = {
  /** Commits by local hour 0–23, by ISO weekday Monday–Sunday, and by hour within weekday [7][24]. */
  hours: number[];
  weekdays: number[];
  hoursOfWeekdays: number[][];
  /** Commits a day over the last 53 weeks or the season, whichever is longer; days without a commit are left out. */
  days: { date: string; commits: number }[];
  total: number;
  first: string | null;
  last: string | null;
};

export type ProfileView = {
  member: { id: string; handle: string; name: string; bot: boolean };
  identities: { kind: string; value: string }[];
  challenge: ChallengeView;
  today: string;
  dates: string[];
  /** Their line in the book; null for a bot or somebody who is not in the challenge. */
  book: BookMember | null;
  activity: ActivityView;
};

export type RepositoryStatus = {
  /** null as long as it has never been opened. */
  repositoryId: string | null;
  name: string;
  path: string;
  state: 'waiting' | 'reading' | 'watching' | 'failed' | 'empty';
  /** Commits read of those there are; the total grows while git is still counting. */
  done: number;
  total: number;
  ratePerSecond: number;
  reason: string | null;
  message: string | null;
  /** Since when the state is this. */
  since: string;
  lastRead: string | null;
  /** Commits that could not be read. */
  skipped: number;
};

export type ReadModelView = {
  name: string;
  version: number;
  state: 'live' | 'catching-up' | 'rebuilding' | 'parked';
  done: number;
  total: number;
  error: string | null;
};

export type SubscriberView = {
  name: string;
  state: 'live' | 'catching-up' | 'retrying' | 'stopped';
  parked: number;
  error: string | null;
};

export type StatusView = {
  version: string;
  startedAt: string;
  repositories: RepositoryStatus[];
  readModels: ReadModelView[];
  subscribers: SubscriberView[];
  /** People who are said to be erased while something of theirs is left: it is tried until nothing is. */
  erasing: number;
  store: 'sqlite' | 'eventstoredb';
  /** The challenge pages show when none is asked for; null outside a repository. */
  defaultChallenge: string | null;
  /** The zone that pages write times in where there is no challenge. */
  timeZone: string;
  /** How far the reading of members' GitHub is; null: it is not under way. */
  collection: { done: number; total: number; failed: number; startedAt: string } | null;
  /** What the pages can show, in one word. `ready`: at least one repository has been read, now or earlier. */
  state: 'no-repository' | 'no-commits' | 'reading' | 'ready';
};

/** One message of the SSE feed `changes`: what to load again. */
export type ChangeTopic = 'attendance' | 'commits' | 'events' | 'members' | 'status' | 'jobs' | 'messages';

/** Who asks, as every page shows it. */
export type CallerView = {
  kind: 'nobody' | 'local' | 'operator' | 'waiting' | 'session' | 'key';
  role: 'member' | 'admin' | 'owner' | null;
  /** null: nobody, or the person at the keyboard. */
  member: { id: string; handle: string; name: string; login: string | null; profileUrl: string | null } | null;
  /** Local mode: whoever reaches the server is its owner. */
  local: boolean;
  /** GitHub is configured. */
  canSignIn: boolean;
};

export type AccountView = {
  member: CallerView['member'];
  identities: { kind: string; value: string }[];
  status: string;
  /** What GitHub lets Almanac see; null: nothing. */
  scopes: readonly string[] | null;
  repositories: { repositoryId: string; githubId: number; name: string; private: boolean }[];
};

export type SessionView = {
  id: string;
  /** What the browser or program calls itself. */
  client: string;
  startedAt: string;
  refreshedAt: string;
  /** The one that asks. */
  current: boolean;
};

export type KeyView = {
  id: string;
  name: string;
  scopes: readonly ('read' | 'log:write' | 'admin')[];
  issuedAt: string;
  expiresAt: string | null;
  /** To the hour; null: never. */
  usedAt: string | null;
  requestsPerMinute: number | null;
  expired: boolean;
};

export type RepositoryChoice = { githubId: number; name: string; private: boolean; connected: boolean };

export type AccessView = {
  id: string;
  handle: string;
  name: string;
  login: string | null;
  role: 'member' | 'admin' | 'owner' | null;
  status: 'none' | 'invited' | 'waiting' | 'active' | 'declined' | 'deactivated' | 'erased';
  since: string;
};

export type AuditView = {
  position: number;
  at: string;
  /** A handle, or `local`, `operator`, `key:…`, `api-auth-token`, `challenge:…`; the id of somebody erased. */
  actor: string;
  /** The event's name. */
  action: string;
  subject: string | null;
  detail: Record<string, unknown>;
};
