import { pause, jitteredDelay, type Backoff } from '../backoff.ts';
import { StoreUnavailable } from '../event-store/event-store.ts';
import { withoutSecrets } from '../log.ts';
import type { Lease } from './hearing.ts';
import { jobKey, type Job, type Progress, type Slot } from './job.ts';
import type { SlotLog, SlotName } from './slot-log.ts';

export type RunLog = {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};

/** A run that is under way on this server. */
export type Run = {
  readonly key: string;
  readonly name: string;
  readonly challengeId: string | null;
  readonly slot: Slot;
  readonly since: string;
  /** null: it has not said yet. */
  readonly progress: Progress | null;
  /** Resolves when the run is over and the log says so, or cannot be told. Never rejects. */
  readonly ended: Promise<void>;
};

export type RunGiven = {
  readonly slots: SlotLog;
  readonly lease: Lease;
  /** The server stops. */
  readonly stopping: AbortSignal;
  readonly now: () => number;
  readonly log: RunLog;
  readonly onProgress: () => void;
  /** Milliseconds to wait after the n-th failure; null: that was one too many. */
  readonly retryIn: (failures: number) => number | null;
};

/** A store that is away when a run ends is told as soon as it is back. */
const TELLING: Backoff = { firstDelayMs: 500, longestDelayMs: 15_000 };
/** How long a run that is told to stop is waited for, and the store for what is said of it then, in milliseconds. */
const STOP_PATIENCE = 5_000;
const LONGEST_REASON = 500;

/** Begins to run a slot that was claimed. */
export function beginRun(job: Job, slot: Slot, given: RunGiven): Run {
  const run: Mutable = {
    key: jobKey(job),
    name: job.name,
    challengeId: job.challenge?.id ?? null,
    slot,
    since: given.slots.at(),
    progress: null,
    ended: Promise.resolve(),
  };
  run.ended = carryOut(job, run, given).catch((err: unknown) =>
    given.log.error({ err, job: job.name, slot: slot.slot }, 'How a job ended could not be written down'),
  );
  return run;
}

type Mutable = { -readonly [Key in keyof Run]: Run[Key] };

async function carryOut(job: Job, run: Mutable, given: RunGiven): Promise<void> {
  const { stopping, log } = given;
  const named = { name: job.name, slot: run.slot.slot };
  const lost = new AbortController();
  const over = new AbortController();
  const signal = AbortSignal.any([stopping, lost.signal]);
  const beating = keepSaying(named, given, lost, over.signal);
  const onProgress = (progress: Progress) => {
    run.progress = progress;
    given.onProgress();
  };
  try {
    const outcome = await orAborted(job.run(run.slot, signal, onProgress), signal);
    await told(given, () => given.slots.finish(named, outcome));
    log.info({ job: job.name, slot: named.slot, outcome }, 'A job has finished');
  } catch (err) {
    if (lost.signal.aborted) log.warn({ job: job.name, slot: named.slot }, 'A job was taken over by another server');
    else await tellFailure(named, err, given);
  } finally {
    over.abort();
    await beating;
  }
}

/** A job that does not listen to its signal is not waited for. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => undefined);
  const over = new AbortController();
  const giveUp = () => void pause(STOP_PATIENCE, over.signal).then(() => late.reject(signal.reason));
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    over.abort();
  }
}

async function tellFailure(named: SlotName, err: unknown, given: RunGiven): Promise<void> {
  const { slots, stopping, log, now } = given;
  if (stopping.aborted) {
    await told(given, () =>
      slots.fail(named, { reason: 'The server was stopped.', retryAt: slots.at(), stopped: true }),
    );
    return;
  }
  log.warn({ err, job: named.name, slot: named.slot }, 'A job has failed');
  const reason = withoutSecrets(err instanceof Error ? err.message : String(err)).slice(0, LONGEST_REASON);
  await told(given, async () => {
    const state = await slots.look(named);
    const wait = given.retryIn(state.status === 'free' ? 1 : state.failures + 1);
    const retryAt = wait === null ? {} : { retryAt: new Date(now() + wait).toISOString() };
    return slots.fail(named, { reason, ...retryAt });
  });
}

/** Says it, however long the store is away; while the server stops, for some seconds only. */
async function told({ stopping }: RunGiven, say: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  for (let failures = 1; ; failures += 1) {
    try {
      return void (await say());
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (stopping.aborted && performance.now() - from > STOP_PATIENCE) return;
      await pause(Math.max(50, jitteredDelay(failures, TELLING)), stopping.aborted ? NEVER : stopping);
    }
  }
}

const NEVER = new AbortController().signal;

/** Says that the run goes on until it is over; `lost` aborts when the slot has become somebody else's. */
async function keepSaying(
  named: SlotName,
  { slots, lease, log }: RunGiven,
  lost: AbortController,
  over: AbortSignal,
): Promise<void> {
  for (;;) {
    await pause(lease.beat, over);
    if (over.aborted) return;
    try {
      if (!(await slots.goOn(named))) return lost.abort(new Error('Another server has taken the run over.'));
    } catch (err) {
      if (!(err instanceof StoreUnavailable)) log.error({ err, job: named.name }, 'A job cannot say that it goes on');
    }
  }
}
