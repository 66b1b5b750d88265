import type { JobRunning } from '../../domain/job-run.ts';
import { pause, jitteredDelay, type Backoff } from '../backoff.ts';
import { StoreUnavailable } from '../event-store/event-store.ts';
import { Hearing, standardLease, type Lease } from './hearing.ts';
import { askedAt, askedPeriod, jobKey, partsOf, slotOf, type Job, type Slot } from './job.ts';
import { duePeriods, nextDue, periodBefore, periodOf } from './periods.ts';
import { JobRefused } from './job-refused.ts';
import { beginRun, type Run, type RunLog } from './run.ts';
import { SlotLog, type SlotLogOptions, type SlotName } from './slot-log.ts';

export type SchedulerOptions = SlotLogOptions & {
  /** The jobs there are now; asked anew at each look, since seasons open and close. */
  readonly jobs: () => readonly Job[];
  /** Runs that the log says are under way, as far as it is known; each is looked up there before it is believed. */
  readonly underWay: () => readonly SlotName[];
  /** No other server works with this log: what runs, runs here, or its server is gone. */
  readonly alone: boolean;
  readonly random: () => number;
  /** Milliseconds of a clock that nobody sets. */
  readonly ticking: () => number;
  readonly log: RunLog;
  /** Something about runs has changed that the log does not tell: progress. */
  readonly onProgress: () => void;
  readonly lease?: Lease;
};

const FAILURES = 5;
/** After so many deaths in one run it may be the run that kills: it is begun by a server that has been up for a while, which grows. */
const DEATHS = 5;
const SURVIVAL: Backoff = { firstDelayMs: 20_000, longestDelayMs: 30 * 60_000 };
const RETRY: Backoff = { firstDelayMs: 60_000, longestDelayMs: 30 * 60_000 };
/** A clock that is set, a season that opens, a server that dies: each is noticed within this, in milliseconds. */
const LOOK_EVERY = 15_000;
const GONE = 'The server that ran it is gone.';
/** Slots remembered as done, so that they are not looked up every few seconds. */
const MOST_DONE = 10_000;

/**
 * Runs each job once for each period, on however many servers (docs/adr/0013). What is due follows from the clock, who runs it from
 * the log.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #slots: SlotLog;
  readonly #hearing: Hearing;
  readonly #upSince: number;
  readonly #runs = new Map<string, Run>();
  readonly #claiming = new Map<string, SlotName>();
  readonly #done = new Set<string>();
  readonly #stopping = new AbortController();
  #bell = Promise.withResolvers<void>();
  #began: number | undefined;
  #loop: Promise<void> | undefined;
  #isAway = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#slots = new SlotLog(options);
    this.#upSince = options.ticking();
    this.#hearing = new Hearing(options.lease ?? standardLease, options.ticking);
  }

  /** Begins to look at the clock. */
  start(): void {
    this.#loop ??= this.#lookOnAndOn();
  }

  /** What runs here. */
  get runs(): readonly Run[] {
    return [...this.#runs.values()];
  }

  /** Stops looking, and what runs: it is taken up by the next server, or by the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#bell.resolve();
    await this.#loop;
    await Promise.all(this.runs.map((run) => run.ended));
  }

  /** Looks at the clock once and begins what is due. @throws {StoreUnavailable} nothing is lost: it stays due */
  async look(): Promise<void> {
    const began = (this.#began ??= await this.#beginOfLog());
    const jobs = this.#options.jobs();
    const busy = await this.#busyElsewhere(jobs);
    for (const job of jobs) {
      if (this.#stopping.signal.aborted) return;
      if (!this.#isHere(job) && !busy.has(jobKey(job))) await this.#beginDue(job, began);
    }
  }

  /**
   * Runs a job once more, now.
   * @returns its slot @throws {JobRefused} @throws {StoreUnavailable}
   */
  async runNow(name: string, challengeId: string | undefined, askedBy: string): Promise<string> {
    const job = this.#named(name, challengeId ?? null);
    const slot = slotOf(askedPeriod(this.#slots.at()), job.challenge?.id);
    await this.#runAsked(job, slot, askedBy);
    return slot;
  }

  /** Runs a slot again that has failed. @throws {JobRefused} @throws {StoreUnavailable} */
  async retry(name: string, slot: string, askedBy: string): Promise<void> {
    const job = this.#named(name, partsOf(slot).challengeId);
    const { status } = await this.#slots.look({ name, slot });
    if (status !== 'failed') throw new JobRefused('not failed', `The run ${slot} of ${name} has not failed.`);
    await this.#runAsked(job, slot, askedBy);
  }

  #named(name: string, challengeId: string | null): Job {
    const all = this.#options.jobs();
    const job = all.find((one) => one.name === name && (one.challenge?.id ?? null) === challengeId);
    if (job) return job;
    throw new JobRefused('unknown', `There is no job "${name}"${challengeId === null ? '' : ' for this season'}.`);
  }

  async #runAsked(job: Job, slot: string, askedBy: string): Promise<void> {
    const isBusy = this.#isHere(job) || (await this.#busyElsewhere([job])).has(jobKey(job));
    // Asked again, since another may have asked while the log was read.
    if (isBusy || this.#isHere(job) || !(await this.#claim(job, slot, askedBy)))
      throw new JobRefused('running', `The job "${job.name}" is running already.`);
  }

  async #lookOnAndOn(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#bell = Promise.withResolvers<void>();
      await Promise.race([pause(await this.#lookOrTell(), signal), this.#bell.promise]);
    }
  }

  /** @returns milliseconds until the next look */
  async #lookOrTell(): Promise<number> {
    const { log } = this.#options;
    try {
      await this.look();
      const wait = this.#untilNextLook();
      if (this.#isAway) log.info({}, 'The event store is back: jobs go on');
      this.#isAway = false;
      return wait;
    } catch (err) {
      if (!(err instanceof StoreUnavailable)) log.error({ err }, 'Jobs could not be looked after; it is tried again');
      else if (!this.#isAway) log.warn({ err }, 'The event store is away: jobs wait for it');
      this.#isAway = err instanceof StoreUnavailable;
      return LOOK_EVERY;
    }
  }

  #untilNextLook(): number {
    const now = this.#options.now();
    const soonest = this.#options.jobs().map(({ schedule }) => (nextDue(schedule, now) ?? Infinity) - now);
    return Math.max(1, Math.min(LOOK_EVERY, ...soonest));
  }

  /** What fell due before there was a log is nobody's to make up for. */
  async #beginOfLog(): Promise<number> {
    for await (const [first] of this.#options.store.readAll({ limit: 1 })) if (first) return first.recordedAt;
    return this.#options.now();
  }

  async #beginDue(job: Job, began: number): Promise<void> {
    const now = this.#options.now();
    const due = duePeriods(job.schedule, job.catchUp, now).filter(
      ({ period, at }) => at >= began && (job.matters?.(period, now) ?? true),
    );
    for (const { period, at } of due) {
      const slot = slotOf(period, job.challenge?.id);
      if (this.#done.has(`${job.name} ${slot}`)) continue;
      if (await this.#isOver({ name: job.name, slot })) this.#remember({ name: job.name, slot });
      // One period after the other: a later one waits until this one is done or given up.
      else return void ((await this.#isFree(job, at)) && (await this.#claim(job, slot)));
    }
  }

  /** Done, or given up: nobody runs it any more unless somebody asks. */
  async #isOver(slot: SlotName): Promise<boolean> {
    const found = await this.#slots.look(slot);
    return found.status === 'finished' || (found.status === 'failed' && isGivenUp(found));
  }

  /** Read models lag: what is most likely to run still, the period before, is asked of the log itself. */
  async #isFree(job: Job, at: number): Promise<boolean> {
    const before = periodBefore(job.schedule, at);
    if (before === null) return true;
    const slot = { name: job.name, slot: slotOf(before, job.challenge?.id) };
    const found = await this.#slots.look(slot);
    return found.status !== 'running' || this.#isDead(slot, found);
  }

  #remember({ name, slot }: SlotName): void {
    if (this.#done.size >= MOST_DONE) this.#done.clear();
    this.#done.add(`${name} ${slot}`);
    this.#hearing.forget({ name, slot });
  }

  /** Keys of jobs that run on other servers. Runs that are dead and due no more are said to have failed. */
  async #busyElsewhere(jobs: readonly Job[]): Promise<Set<string>> {
    const busy = new Set<string>();
    for (const slot of this.#options.underWay()) {
      const { challengeId } = partsOf(slot.slot);
      const job = jobs.find((one) => one.name === slot.name && (one.challenge?.id ?? null) === challengeId);
      if (this.#isOurs(slot)) continue;
      const found = await this.#slots.look(slot);
      if (found.status !== 'running') continue;
      if (!this.#isDead(slot, found)) busy.add(job ? jobKey(job) : slot.name);
      else if (!job || !this.#isDue(job, slot.slot))
        await this.#slots.abandon(slot, GONE, (run) => this.#isDead(slot, run));
    }
    return busy;
  }

  #isDue({ schedule, catchUp, challenge }: Job, slot: string): boolean {
    const due = duePeriods(schedule, catchUp, this.#options.now());
    return due.some(({ period }) => slotOf(period, challenge?.id) === slot);
  }

  #isDead(slot: SlotName, run: JobRunning): boolean {
    if (this.#options.alone) return !this.#isOurs(slot);
    return this.#hearing.isSilent(slot, run);
  }

  #mayTakeOver(slot: SlotName, run: JobRunning): boolean {
    if (!this.#isDead(slot, run)) return false;
    const beyond = run.attempts - run.failures - DEATHS;
    return beyond <= 0 || this.#options.ticking() - this.#upSince >= jitteredDelay(beyond, SURVIVAL, 1);
  }

  /** Runs here, or is about to. */
  #isHere(job: Job): boolean {
    return this.#runs.has(jobKey(job)) || this.#claiming.has(jobKey(job));
  }

  #isOurs({ name, slot }: SlotName): boolean {
    const claimed = [...this.#claiming.values()].some((one) => one.name === name && one.slot === slot);
    return claimed || this.runs.some((run) => run.name === name && run.slot.slot === slot);
  }

  async #claim(job: Job, slot: string, askedBy?: string): Promise<boolean> {
    const key = jobKey(job);
    const named = { name: job.name, slot };
    // Whether its server is dead is asked before: from here on it is to be this one's.
    const found = await this.#slots.look(named);
    const isDead = found.status === 'running' && this.#mayTakeOver(named, found) ? sameAs(found) : () => false;
    if (this.#isHere(job)) return false;
    this.#claiming.set(key, named);
    try {
      if (!(await this.#slots.claim(named, { failures: FAILURES, isDead }, askedBy))) return false;
      this.#begin(job, slot);
      return true;
    } finally {
      this.#claiming.delete(key);
    }
  }

  #begin(job: Job, slot: string): void {
    const key = jobKey(job);
    const run = beginRun(job, this.#slotOf(job, slot), {
      ...this.#options,
      slots: this.#slots,
      lease: this.#options.lease ?? standardLease,
      stopping: this.#stopping.signal,
      retryIn: (failures) => (failures >= FAILURES ? null : this.#retryIn(failures)),
    });
    this.#runs.set(key, run);
    void run.ended.then(() => {
      this.#runs.delete(key);
      this.#bell.resolve();
    });
  }

  /** At least a third of the wait, so that a job that fails at once does not use up its attempts at once. */
  #retryIn(failures: number): number {
    const wait = jitteredDelay(failures, RETRY, 1);
    return Math.round(wait * (1 / 3 + (2 / 3) * this.#options.random()));
  }

  #slotOf({ schedule }: Job, slot: string): Slot {
    const { period } = partsOf(slot);
    const asked = askedAt(period);
    return { slot, period: asked === null ? period : periodOf(schedule, Date.parse(asked)) };
  }
}

/** Failed, and not to be tried again by itself. */
const isGivenUp = ({ failures, retryAt }: { failures: number; retryAt: string | null }): boolean =>
  retryAt === null || failures >= FAILURES;

/** A run that has said nothing since. */
const sameAs =
  (seen: JobRunning) =>
  (run: JobRunning): boolean =>
    run.by === seen.by && run.attempts === seen.attempts && run.beats === seen.beats;
