import { jitteredDelay } from '../../backoff.ts';
import { inParallel } from '../../in-parallel.ts';
import { StoreUnavailable } from '../../event-store/event-store.ts';
import type { Outcome } from './collect-member.ts';
import type { Collected } from './people.ts';
import { Slots } from './slots.ts';

/** How far the reading of everybody is. */
export type CollectionProgress = {
  /** Members read, well or not, of those there are. */
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** ISO instant. */
  readonly startedAt: string;
};

/** What became of a reading: members read, those of them whose reading failed, and events about commits that were new. */
export type CollectionRun = { readonly members: number; readonly failed: number; readonly observed: number };

/** Reads what members have at GitHub. Nobody is read twice at once. */
export interface GitHubCollector {
  /**
   * Reads everybody; a call while that is under way joins it.
   * @param signal begins no further member @throws what it was aborted with
   */
  collectAll(signal: AbortSignal, onProgress?: (progress: CollectionProgress) => void): Promise<CollectionRun>;
  /** Reads one member; a call while they are being read is answered by a reading that begins after it. `members` 0: nobody to read. */
  collectMember(memberId: string): Promise<CollectionRun>;
  /** Reads those again whose last reading failed. */
  retryFailed(): Promise<CollectionRun>;
  /** Reads those soon whom a push to a repository may concern, by GitHub's number of it and its `owner/name`. */
  pushed(push: Push): void;
  /** Reads these without being waited for. */
  soon(memberIds: readonly string[]): void;
  /** Whose last reading in this process failed. */
  failing(): ReadonlyMap<string, Failing>;
  /** null: nobody reads everybody. */
  progress(): CollectionProgress | null;
  /** Breaks off what is being asked; what was acknowledged stands. */
  close(): Promise<void>;
}

export type Push = { readonly githubId: number; readonly fullName: string };

export type Failing = {
  readonly failures: number;
  /** Milliseconds since the epoch at which it is tried again by itself; null: it is not. */
  readonly retryAt: number | null;
};

export type CollectorOptions = {
  readonly people: () => readonly Collected[];
  readonly collect: (person: Collected) => Promise<Outcome>;
  /** Members whose last reading failed, also one of an earlier process. */
  readonly failed: () => readonly string[];
  /** Members for whom a repository has been read or who have connected it. */
  readonly readersOf: (githubId: number) => Promise<readonly string[]>;
  readonly now: () => number;
  readonly onProgress: (progress: CollectionProgress | null) => void;
  readonly onTrouble: (message: string, error: unknown) => void;
  /** Before everybody is read. */
  readonly onEverybody: () => Promise<void>;
  /** When nothing is under way any more. */
  readonly onClosed: () => Promise<void>;
  /** Tries again by itself what may pass. */
  readonly retries: boolean;
  /** Ends everything. */
  readonly stop: AbortController;
  /** From 0 to 1. */
  readonly random?: () => number;
};

const MEMBERS_AT_ONCE = 16;
/** GitHub's own trouble lasts minutes; the hour comes anyway. */
const RETRY = { firstDelayMs: 60_000, longestDelayMs: 30 * 60_000 };
/** Several branches are pushed at once, and each push is told of. */
const GATHER_PUSHES_MS = 1_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Running = { readonly current: Promise<Outcome | null>; next: Promise<Outcome | null> | null };
type Retry = Failing & { readonly timer: NodeJS.Timeout | undefined };

export function createGitHubCollector(options: CollectorOptions): GitHubCollector {
  return new Collector(options);
}

class Collector implements GitHubCollector {
  readonly #options: CollectorOptions;
  readonly #slots = new Slots(MEMBERS_AT_ONCE);
  readonly #running = new Map<string, Running>();
  readonly #retries = new Map<string, Retry>();
  readonly #pushed = new Map<number, Push>();
  #gathering: NodeJS.Timeout | undefined;
  #everybody: Promise<CollectionRun> | null = null;
  readonly #listeners = new Set<(progress: CollectionProgress) => void>();
  #progress: CollectionProgress | null = null;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  progress(): CollectionProgress | null {
    return this.#progress;
  }

  failing(): ReadonlyMap<string, Failing> {
    return this.#retries;
  }

  async collectAll(signal: AbortSignal, onProgress?: (progress: CollectionProgress) => void): Promise<CollectionRun> {
    if (onProgress) this.#listeners.add(onProgress);
    try {
      this.#everybody ??= this.#collectEverybody(signal).finally(() => {
        this.#everybody = null;
        this.#tell(null);
      });
      return await this.#everybody;
    } finally {
      if (onProgress) this.#listeners.delete(onProgress);
    }
  }

  async #collectEverybody(signal: AbortSignal): Promise<CollectionRun> {
    const startedAt = new Date(this.#options.now()).toISOString();
    await this.#options
      .onEverybody()
      .catch((error: unknown) => this.#options.onTrouble('What was read of GitHub before is not known', error));
    return this.#collectThese(this.#options.people(), signal, (run, total) =>
      this.#tell({ done: run.members, total, failed: run.failed, startedAt }),
    );
  }

  async #collectThese(
    people: readonly Collected[],
    signal: AbortSignal,
    onMember: (run: CollectionRun, total: number) => void = () => undefined,
  ): Promise<CollectionRun> {
    let run: CollectionRun = NOTHING;
    onMember(run, people.length);
    const ended = AbortSignal.any([signal, this.#options.stop.signal]);
    const collect = async (person: Collected) => {
      const outcome = await this.#collect(person);
      run = added(run, outcome);
      onMember(run, people.length);
    };
    await inParallel(people, collect, { most: MEMBERS_AT_ONCE, signal: ended });
    return run;
  }

  async collectMember(memberId: string): Promise<CollectionRun> {
    const person = this.#options.people().find((one) => one.memberId === memberId);
    return person ? added(NOTHING, await this.#collect(person)) : NOTHING;
  }

  retryFailed(): Promise<CollectionRun> {
    const failed = new Set([...this.#retries.keys(), ...this.#options.failed()]);
    const people = this.#options.people().filter(({ memberId }) => failed.has(memberId));
    return this.#collectThese(people, this.#options.stop.signal);
  }

  pushed(push: Push): void {
    if (this.#options.stop.signal.aborted) return;
    this.#pushed.set(push.githubId, push);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#collectPushed().catch((error: unknown) =>
        this.#options.onTrouble('A push could not be followed; the next collection reads it', error),
      );
    }, GATHER_PUSHES_MS);
  }

  async #collectPushed(): Promise<void> {
    const pushes = [...this.#pushed.values()];
    this.#pushed.clear();
    const { people, readersOf } = this.#options;
    const owners = new Set<string>();
    const readers = new Set<string>();
    for (const { githubId, fullName } of pushes) {
      owners.add(fullName.split('/', 1)[0]?.toLowerCase() ?? '');
      for (const memberId of await readersOf(githubId)) readers.add(memberId);
    }
    for (const person of people())
      if (readers.has(person.memberId) || (person.login !== null && owners.has(person.login)))
        this.#inBackground(() => this.#collect(person));
  }

  soon(memberIds: readonly string[]): void {
    const wanted = new Set(memberIds);
    for (const person of this.#options.people())
      if (wanted.has(person.memberId)) this.#inBackground(() => this.#collect(person));
  }

  #inBackground(collect: () => Promise<unknown>): void {
    if (this.#options.stop.signal.aborted) return;
    collect().catch((error: unknown) => {
      if (!this.#options.stop.signal.aborted) this.#options.onTrouble('A member could not be read at GitHub', error);
    });
  }

  async close(): Promise<void> {
    this.#options.stop.abort();
    clearTimeout(this.#gathering);
    for (const { timer } of this.#retries.values()) clearTimeout(timer);
    await Promise.allSettled([
      this.#everybody,
      ...[...this.#running.values()].flatMap(({ current, next }) => [current, next]),
    ]);
    await this.#options.onClosed();
  }

  /** A reading that begins now, or after the one that is under way. @returns null: the log did not take how it ended */
  #collect(person: Collected): Promise<Outcome | null> {
    const running = this.#running.get(person.memberId);
    if (!running) return this.#begin(person);
    return (running.next ??= running.current.then(
      () => this.#begin(person),
      () => this.#begin(person),
    ));
  }

  #begin(person: Collected): Promise<Outcome | null> {
    const { memberId } = person;
    const current = this.#slots.run(() => this.#attempt(person));
    const running: Running = { current, next: null };
    this.#running.set(memberId, running);
    const ended = () => {
      if (running.next === null && this.#running.get(memberId) === running) this.#running.delete(memberId);
    };
    current.then(ended, ended);
    return current;
  }

  async #attempt(person: Collected): Promise<Outcome | null> {
    this.#options.stop.signal.throwIfAborted();
    try {
      const outcome = await this.#options.collect(person);
      this.#planRetry(person.memberId, outcome);
      return outcome;
    } catch (error) {
      if (this.#options.stop.signal.aborted) throw error;
      if (!(error instanceof StoreUnavailable)) this.#options.onTrouble('Reading GitHub was broken off', error);
      this.#planRetry(person.memberId, UNSAID);
      return null;
    }
  }

  #planRetry(memberId: string, outcome: Pick<Outcome, 'status'> & { retryAfter?: number | null; passing?: boolean }) {
    const before = this.#retries.get(memberId);
    clearTimeout(before?.timer);
    this.#retries.delete(memberId);
    const { now, retries, random = Math.random, stop } = this.#options;
    if (outcome.status === 'completed' || stop.signal.aborted) return;
    const failures = (before?.failures ?? 0) + 1;
    const named = outcome.retryAfter ?? null;
    // Those whom one limit has stopped do not come back in the same moment.
    const jittered = jitteredDelay(failures, RETRY, random());
    const wait = named === null ? jittered : named * 1000 + Math.min(jittered, 10_000);
    if (!retries || !outcome.passing) {
      this.#retries.set(memberId, { failures, retryAt: null, timer: undefined });
      return;
    }
    const timer = setTimeout(
      () => this.#inBackground(() => this.collectMember(memberId)),
      Math.min(wait, LONGEST_TIMER_MS),
    );
    this.#retries.set(memberId, { failures, retryAt: now() + wait, timer });
  }

  #tell(progress: CollectionProgress | null): void {
    this.#progress = progress;
    this.#options.onProgress(progress);
    if (progress) for (const listener of this.#listeners) listener(progress);
  }
}

const NOTHING: CollectionRun = { members: 0, failed: 0, observed: 0 };
/** The store did not take how it ended. */
const UNSAID = { status: 'failed', retryAfter: null, passing: true } as const;

const added = ({ members, failed, observed }: CollectionRun, outcome: Outcome | null): CollectionRun => ({
  members: members + 1,
  failed: failed + (outcome?.status === 'completed' ? 0 : 1),
  observed: observed + (outcome?.observed ?? 0),
});
