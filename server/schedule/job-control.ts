import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { pause } from '../backoff.ts';
import type { Job, Progress, Schedule } from './job.ts';
import type { Scheduler, SchedulerOptions } from './scheduler.ts';

/** A job as it stands on this server. */
export type JobState = {
  readonly name: string;
  readonly challenge: { readonly id: string; readonly title: string } | null;
  readonly schedule: Schedule;
  readonly zone: string;
  /** Instant; null: it is not due again. */
  readonly next: string | null;
  /** What runs on this server. */
  readonly running: { readonly slot: string; readonly since: string; readonly progress: Progress | null } | null;
};

export type JobControl = {
  list(): Promise<JobState[]>;
  /**
   * Begins a run of a job, which goes on when this returns.
   * @returns its slot @throws {JobRefused} @throws {StoreUnavailable}
   */
  runNow(name: string, challengeId: string | undefined, askedBy: string): Promise<string>;
  /** Runs a slot again that has failed. @throws {JobRefused} @throws {StoreUnavailable} */
  retry(name: string, slot: string, askedBy: string): Promise<void>;
};

export type JobsOptions = Omit<SchedulerOptions, 'instance' | 'random' | 'ticking'>;

/** First the pages are served. */
const FIRST_LOOK_AFTER = 2_000;

/** The jobs of a server. What keeps time is loaded when it is first needed: a start does not wait for it. */
export class Jobs implements JobControl, AsyncDisposable {
  readonly #options: JobsOptions;
  readonly #ending = new AbortController();
  #scheduler: Promise<Scheduler> | undefined;
  #starting: Promise<void> | undefined;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** Begins to look at the clock, soon. A command of the command line does not. */
  start(): void {
    this.#starting ??= pause(FIRST_LOOK_AFTER, this.#ending.signal).then(async () => {
      if (!this.#ending.signal.aborted) (await this.#loaded()).start();
    });
  }

  async list(): Promise<JobState[]> {
    const { nextDue, periodOf, zoneOf } = await import('./periods.ts');
    const scheduler = await this.#loaded();
    const now = this.#options.now();
    const nextOf = ({ schedule, matters }: Job) => {
      const next = nextDue(schedule, now);
      if (next === null || matters?.(periodOf(schedule, next), next) === false) return null;
      return new Date(next).toISOString();
    };
    return this.#options.jobs().map((job) => {
      const { name, challenge = null, schedule } = job;
      const run = scheduler.runs.find((one) => one.name === name && one.challengeId === (challenge?.id ?? null));
      const running = run ? { slot: run.slot.slot, since: run.since, progress: run.progress } : null;
      return { name, challenge, schedule, zone: zoneOf(schedule), next: nextOf(job), running };
    });
  }

  async runNow(name: string, challengeId: string | undefined, askedBy: string): Promise<string> {
    return (await this.#loaded()).runNow(name, challengeId, askedBy);
  }

  async retry(name: string, slot: string, askedBy: string): Promise<void> {
    return (await this.#loaded()).retry(name, slot, askedBy);
  }

  #loaded(): Promise<Scheduler> {
    this.#scheduler ??= import('./scheduler.ts').then(
      ({ Scheduler }) =>
        new Scheduler({
          ...this.#options,
          // Another one at each start: what runs under the name of an earlier start is dead.
          instance: `${hostname()}-${randomUUID().slice(0, 8)}`,
          random: Math.random,
          ticking: () => performance.now(),
        }),
    );
    return this.#scheduler;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#starting;
    await (await this.#scheduler)?.stop();
  }
}
