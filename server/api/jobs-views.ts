/** One run of a job: a slot of its schedule, or one that somebody asked for. Instants are ISO 8601 UTC. */
export type JobRunView = {
  name: string;
  /** Names it: `2025-03-10`, `2025-03-10_<season>`, `now-<instant>`. */
  slot: string;
  status: 'running' | 'finished' | 'failed';
  startedAt: string;
  /** When the last attempt began. */
  attemptAt: string;
  endedAt: string | null;
  /** The server that ran it. */
  by: string;
  /** A handle, or an actor as the audit trail names it; null: the schedule. */
  askedBy: string | null;
  attempts: number;
  /** What came of it, or why it failed. */
  said: string | null;
  /** Not before then it is tried again; null: not by itself. */
  retryAt: string | null;
};

export type JobView = {
  name: string;
  /** The season it is for; null: it is for all. */
  challenge: { id: string; title: string } | null;
  schedule: { kind: 'hourly' | 'daily' | 'weekly'; at: string | null; weekday: number | null };
  /** Whose clock it goes by. */
  zone: string;
  next: string | null;
  last: JobRunView | null;
  /** What runs on the server that answers. `progress`: null as long as it has not said. */
  running: { slot: string; since: string; progress: { done: number; total: number } | null } | null;
};

export type JobHistoryView = { runs: JobRunView[]; total: number };
