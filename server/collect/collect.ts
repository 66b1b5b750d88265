import { jitteredDelay } from '../backoff.ts';
import { addDays, dayOf, startOfDay } from '../../domain/calendar.ts';
import type { Codec } from '../event-store/codec.ts';
import { StoreUnavailable, type EventStore } from '../event-store/event-store.ts';
import type { GitOptions } from './git.ts';
import { Ledger } from './ledger.ts';
import type { Enrolment } from './record-history.ts';
import { Source } from './source.ts';
import type { CollectionStatus } from './status.ts';
import { watchRepository } from './watch.ts';

export type { CollectionStatus } from './status.ts';

export type CollectorOptions = {
  readonly store: EventStore;
  readonly codec: Codec;
  /** Paths inside the repositories to read. */
  readonly repositories: readonly string[];
  readonly dataDirectory: string;
  /** Zone in whose days collections are closed. */
  readonly timeZone: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** The book whose people are being read. */
  readonly enrolment?: Enrolment;
  /** Resolves when the days are marked that recorded commits attend; without it nobody marks any. */
  readonly marked?: (signal?: AbortSignal) => Promise<void>;
  readonly onStatus?: (statuses: readonly CollectionStatus[]) => void;
  /** Something went wrong that stops nothing, for the log. */
  readonly onTrouble?: (message: string, error: unknown) => void;
  /** Shared with whoever else records commits in this process: it knows each of them. Default: one of its own. */
  readonly ledger?: Ledger;
  /** Go on reading as repositories change. Default: true. */
  readonly watch?: boolean;
  /** Milliseconds between looks at a repository, should watching miss something. Default: 30 seconds. */
  readonly pollEvery?: number;
  readonly git?: Omit<GitOptions, 'signal'>;
};

export interface Collector {
  /** In the order of the paths; a path that leads to a repository already read is left out. */
  status(): readonly CollectionStatus[];
  /** Resolves when every repository has been read, or found unreadable, since the collector was opened. */
  readonly ready: Promise<void>;
  /** Reads all repositories now; a call while one is under way joins it. */
  collectNow(): Promise<readonly CollectionStatus[]>;
  /** Stops git and watching; what was acknowledged stands. */
  close(): Promise<void>;
}

const POLL = 30_000;
/** Where there is no repository, looking costs next to nothing. */
const POLL_NOTHING = 2_000;
/** A damaged repository is read again ever more rarely, since each time may read all of it. */
const MOST_PATIENCE = 20;
const RETRY_STORE = { firstDelayMs: 200, longestDelayMs: 30_000 };

/** What runs and what is planned for one path. */
type Plan = {
  readonly source: Source;
  running: Promise<void> | null;
  /** Changed while it was being read. */
  again: boolean;
  timer: NodeJS.Timeout | undefined;
  watched: { readonly directory: string; readonly watcher: AsyncDisposable } | null;
  failures: number;
};

/** Starts to collect from repositories, one after the other: nothing is ever read twice at once. */
export function openCollector(options: CollectorOptions): Collector {
  return new LocalCollector(options);
}

class LocalCollector implements Collector {
  readonly ready: Promise<void>;
  readonly #options: CollectorOptions;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  #plans: readonly Plan[];
  #lane: Promise<void> = Promise.resolve();
  #everything: Promise<readonly CollectionStatus[]> | null = null;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { store, codec, dataDirectory, timeZone } = options;
    const context = {
      store,
      codec,
      dataDirectory,
      timeZone,
      now: this.#now,
      ledger: options.ledger ?? new Ledger(store, codec),
      enrolment: options.enrolment ?? { id: null, enrol: () => Promise.resolve() },
      git: { ...options.git, signal: this.#stop.signal },
      marked: options.marked ?? (() => Promise.resolve()),
      onTrouble: options.onTrouble ?? (() => undefined),
    };
    this.#plans = options.repositories.map((path) => ({
      source: new Source(path, context, () => options.onStatus?.(this.status())),
      running: null,
      again: false,
      timer: undefined,
      watched: null,
      failures: 0,
    }));
    this.ready = this.collectNow().then(() => undefined);
  }

  status(): readonly CollectionStatus[] {
    return this.#plans.map(({ source }) => source.board.current);
  }

  collectNow(): Promise<readonly CollectionStatus[]> {
    this.#everything ??= this.#collectAll().finally(() => (this.#everything = null));
    return this.#everything;
  }

  async #collectAll(): Promise<readonly CollectionStatus[]> {
    await Promise.all(this.#plans.map((plan) => this.#run(plan)));
    await Promise.all(this.#plans.filter(({ source }) => source.isBehind).map((plan) => this.#run(plan)));
    return this.status();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(
      this.#plans.map(async (plan) => {
        clearTimeout(plan.timer);
        await plan.running;
        await plan.watched?.watcher[Symbol.asyncDispose]();
      }),
    );
  }

  #run(plan: Plan): Promise<void> {
    clearTimeout(plan.timer);
    plan.running ??= this.#inLane(() => this.#collect(plan)).finally(() => {
      plan.running = null;
      this.#planNext(plan);
      for (const other of this.#plans) if (other !== plan && other.source.isBehind) this.#planNext(other, 0);
    });
    return plan.running;
  }

  #inLane(work: () => Promise<void>): Promise<void> {
    this.#lane = this.#lane.then(work);
    return this.#lane;
  }

  /** Never rejects: what goes wrong becomes the repository's status. */
  async #collect(plan: Plan): Promise<void> {
    if (this.#stop.signal.aborted) return;
    plan.again = false;
    const { source } = plan;
    try {
      const others = this.#plans
        .filter((other) => other !== plan)
        .map((other) => other.source.board.current.repositoryId);
      const outcome = await source.collect((repositoryId) => others.includes(repositoryId));
      if (outcome === 'duplicate') await this.#drop(plan);
      else await this.#keepWatching(plan);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const unavailable = error instanceof StoreUnavailable;
      if (!unavailable) this.#options.onTrouble?.(`Reading ${source.path} was broken off`, error);
      const message = error instanceof Error ? error.message : String(error);
      source.board.set({ state: 'failed', reason: unavailable ? 'store-unavailable' : 'unreadable', message });
    }
    plan.failures = source.board.current.state === 'failed' ? plan.failures + 1 : 0;
  }

  async #drop(plan: Plan): Promise<void> {
    this.#plans = this.#plans.filter((other) => other !== plan);
    await plan.watched?.watcher[Symbol.asyncDispose]();
  }

  #planNext(plan: Plan, wait = this.#pause(plan)): void {
    if (this.#stop.signal.aborted || plan.running || !this.#plans.includes(plan)) return;
    clearTimeout(plan.timer);
    const { state, reason } = plan.source.board.current;
    const retrying = state === 'failed' && reason === 'store-unavailable';
    if (this.#options.watch === false && !retrying) return;
    if (plan.again) void this.#run(plan);
    else plan.timer = setTimeout(() => void this.#run(plan), wait);
  }

  /** Milliseconds until the next look; never past midnight, so that the day that ended is soon known to be covered. */
  #pause({ source, failures }: Plan): number {
    const { timeZone, pollEvery = POLL } = this.#options;
    const now = this.#now();
    const midnight = startOfDay(addDays(dayOf(now / 1000, timeZone), 1), timeZone) * 1000 - now;
    const { state, reason } = source.board.current;
    const usual = Math.min(pollEvery, midnight + 1);
    if (state !== 'failed') return usual;
    if (reason === 'missing' || reason === 'not-a-repository') return Math.min(POLL_NOTHING, usual);
    if (reason !== 'store-unavailable') return pollEvery * Math.min(2 ** (failures - 1), MOST_PATIENCE);
    return jitteredDelay(failures, RETRY_STORE);
  }

  /** Watches what was opened; what could not be opened, or is another directory than before, is watched afresh. */
  async #keepWatching(plan: Plan): Promise<void> {
    if (this.#options.watch === false) return;
    const { repository } = plan.source;
    if (plan.watched && plan.watched.directory === repository?.commonDirectory) return;
    await plan.watched?.watcher[Symbol.asyncDispose]();
    plan.watched = null;
    if (!repository || this.#stop.signal.aborted) return;
    const watcher = watchRepository(
      repository,
      () => {
        plan.again = true;
        void this.#run(plan);
      },
      (error) =>
        this.#options.onTrouble?.(`${plan.source.path} cannot be watched; it is looked at now and then`, error),
    );
    plan.watched = { directory: repository.commonDirectory, watcher };
  }
}
