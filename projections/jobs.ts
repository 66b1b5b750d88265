import { defineProjection, table, type ReadModel, type Rows } from './projection.ts';

type RunRow = {
  name: string;
  slot: string;
  status: 'running' | 'finished' | 'failed';
  /** Of the first event: runs are listed by it. */
  position: number;
  started_at: string;
  /** Of the attempt that counts: the last one. */
  attempt_at: string;
  ended_at: string | null;
  by: string;
  asked_by: string | null;
  attempts: number;
  /** What came of it, or why it failed. */
  said: string | null;
  retry_at: string | null;
};
/** `outcome`: as a run's status; `stopped`: the server was, which is no fault of the job. */
type TotalRow = { name: string; outcome: string; runs: number; milliseconds: number; last_at: string };
type Tables = { runs: Rows<RunRow>; totals: Rows<TotalRow> };

type End = { name: string; slot: string; at: string; stopped?: true | undefined };
function end({ runs, totals }: Tables, { name, slot, at, stopped }: End, changes: Partial<RunRow>): void {
  const row = runs.get(name, slot);
  if (row?.status !== 'running') return;
  const ended: RunRow = { ...row, ended_at: at, ...changes };
  runs.put(ended);
  const outcome = stopped ? 'stopped' : ended.status;
  const total = totals.get(name, outcome);
  const took = Math.max(0, Date.parse(at) - Date.parse(row.attempt_at));
  totals.put({
    name,
    outcome,
    runs: (total?.runs ?? 0) + 1,
    milliseconds: (total?.milliseconds ?? 0) + took,
    last_at: at,
  });
}

/** What ran, when, and what came of it. Ids only: nothing personal is in it. */
export const jobs = defineProjection({
  name: 'jobs',
  version: 1,
  tables: {
    runs: table<RunRow>({
      key: ['name', 'slot'],
      columns: {
        name: 'TEXT',
        slot: 'TEXT',
        status: 'TEXT',
        position: 'INTEGER',
        started_at: 'TEXT',
        attempt_at: 'TEXT',
        ended_at: 'TEXT NULL',
        by: 'TEXT',
        asked_by: 'TEXT NULL',
        attempts: 'INTEGER',
        said: 'TEXT NULL',
        retry_at: 'TEXT NULL',
      },
      indexes: [['status'], ['position'], ['name', 'position'], ['asked_by']],
    }),
    totals: table<TotalRow>({
      key: ['name', 'outcome'],
      columns: { name: 'TEXT', outcome: 'TEXT', runs: 'INTEGER', milliseconds: 'INTEGER', last_at: 'TEXT' },
    }),
  },
  on: {
    JobStarted: ({ data, position }, { runs }) => {
      const row = runs.get(data.name, data.slot);
      runs.put({
        name: data.name,
        slot: data.slot,
        status: 'running',
        position: row?.position ?? Number(position),
        started_at: row?.started_at ?? data.at,
        attempt_at: data.at,
        ended_at: null,
        by: data.by,
        asked_by: data.askedBy ?? null,
        attempts: (row?.attempts ?? 0) + 1,
        said: null,
        retry_at: null,
      });
    },
    JobFinished: ({ data }, rows) => end(rows, data, { status: 'finished', said: data.outcome }),
    JobFailed: ({ data }, rows) => {
      const attempts = rows.runs.get(data.name, data.slot)?.attempts ?? 1;
      end(rows, data, {
        status: 'failed',
        said: data.reason,
        retry_at: data.retryAt ?? null,
        attempts: data.stopped ? attempts - 1 : attempts,
      });
    },
    MemberMerged: ({ data }, { runs }) => runs.replace('asked_by', data.memberId, data.into),
  },
});

export type JobRunEntry = {
  readonly name: string;
  readonly slot: string;
  readonly status: RunRow['status'];
  readonly startedAt: string;
  /** When the last attempt began. */
  readonly attemptAt: string;
  readonly endedAt: string | null;
  /** The server that ran it. */
  readonly by: string;
  /** An actor; null: the schedule. */
  readonly askedBy: string | null;
  readonly attempts: number;
  /** What came of it, or why it failed. */
  readonly said: string | null;
  readonly retryAt: string | null;
};

const entryOf = (row: RunRow): JobRunEntry => ({
  name: row.name,
  slot: row.slot,
  status: row.status,
  startedAt: row.started_at,
  attemptAt: row.attempt_at,
  endedAt: row.ended_at,
  by: row.by,
  askedBy: row.asked_by,
  attempts: row.attempts,
  said: row.said,
  retryAt: row.retry_at,
});

/** Runs, the latest first, of one job or of all. */
export const jobRuns = (
  model: ReadModel,
  { name, skip, limit }: { name?: string | undefined; skip: number; limit: number },
): JobRunEntry[] =>
  model
    .all<RunRow>(
      `SELECT * FROM runs ${name === undefined ? '' : 'WHERE name = ?'} ORDER BY position DESC LIMIT ? OFFSET ?`,
      ...(name === undefined ? [] : [name]),
      limit,
      skip,
    )
    .map(entryOf);

export const countJobRuns = (model: ReadModel, name?: string): number =>
  model.get<{ runs: number }>(
    `SELECT count(*) AS runs FROM runs ${name === undefined ? '' : 'WHERE name = ?'}`,
    ...(name === undefined ? [] : [name]),
  )?.runs ?? 0;

/** The latest run of a job, or of its slots that end so: of one season. */
export function lastJobRun(model: ReadModel, name: string, slotEnd = ''): JobRunEntry | undefined {
  const row = model.get<RunRow>(
    `SELECT * FROM runs WHERE name = ? AND substr(slot, length(slot) + 1 - ?) = ? ORDER BY position DESC LIMIT 1`,
    name,
    slotEnd.length,
    slotEnd,
  );
  return row && entryOf(row);
}

/** Runs of which no end is known. */
export const runsUnderWay = (model: ReadModel): { name: string; slot: string }[] =>
  model.all("SELECT name, slot FROM runs WHERE status = 'running'");

export type JobTotal = {
  readonly name: string;
  readonly outcome: 'finished' | 'failed' | 'stopped';
  readonly runs: number;
  readonly milliseconds: number;
  /** When the last of them ended. */
  readonly lastAt: string;
};

/** How many attempts ended how, and how long they took together, since the log began. */
export const jobTotals = (model: ReadModel): JobTotal[] =>
  model.all('SELECT name, outcome, runs, milliseconds, last_at AS "lastAt" FROM totals ORDER BY name, outcome');
