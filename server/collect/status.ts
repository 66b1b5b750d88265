import type { FailureReason } from '../../domain/repository.ts';
import type { Recorded } from './record-history.ts';

export type CollectionState = 'waiting' | 'reading' | 'watching' | 'failed' | 'empty';

/** How it stands with one repository; every field is always there. */
export type CollectionStatus = {
  /** Null as long as the repository has never been opened. */
  readonly repositoryId: string | null;
  readonly name: string;
  /** As it was given. */
  readonly path: string;
  readonly state: CollectionState;
  /** Commits read of those there are; the total grows while git is still counting. */
  readonly done: number;
  readonly total: number;
  /** While reading; otherwise that of the last reading. */
  readonly ratePerSecond: number;
  readonly reason: FailureReason | null;
  readonly message: string | null;
  /** ISO instant since when the state is this. */
  readonly since: string;
  /** ISO instant up to which everything has been read. */
  readonly lastRead: string | null;
  /** Commits that could not be read, the first of them by name. */
  readonly skipped: Recorded['skipped'];
};

const EMIT_EVERY = 100;

/** Keeps one repository's status; tells of changes of state at once and of progress ten times a second. */
export class StatusBoard {
  #status: CollectionStatus;
  readonly #now: () => number;
  readonly #onChange: () => void;
  #emitted = 0;
  #startedAt = 0;
  #startedDone = 0;

  constructor(path: string, name: string, now: () => number, onChange: () => void) {
    this.#now = now;
    this.#onChange = onChange;
    this.#status = {
      repositoryId: null,
      name,
      path,
      state: 'waiting',
      done: 0,
      total: 0,
      ratePerSecond: 0,
      reason: null,
      message: null,
      since: this.#instant(),
      lastRead: null,
      skipped: { count: 0, examples: [] },
    };
  }

  get current(): CollectionStatus {
    return this.#status;
  }

  set(change: Partial<Omit<CollectionStatus, 'since' | 'path'>>): void {
    const before = this.#status;
    const changed = Object.entries(change).some(([key, value]) => before[key as keyof CollectionStatus] !== value);
    if (!changed) return;
    const since = change.state !== undefined && change.state !== before.state ? this.#instant() : before.since;
    this.#status = { ...before, ...change, since };
    this.#emit();
  }

  progress(done: number, total: number): void {
    const at = this.#now();
    if (this.#status.state !== 'reading') {
      this.#startedAt = at;
      this.#startedDone = done;
      this.set({ state: 'reading', done, total, ratePerSecond: 0, reason: null, message: null });
      return;
    }
    const seconds = (at - this.#startedAt) / 1000;
    const ratePerSecond = seconds > 0 ? Math.round((done - this.#startedDone) / seconds) : 0;
    this.#status = { ...this.#status, done, total, ratePerSecond };
    if (at - this.#emitted >= EMIT_EVERY) this.#emit();
  }

  #emit(): void {
    this.#emitted = this.#now();
    this.#onChange();
  }

  #instant(): string {
    return new Date(this.#now()).toISOString();
  }
}
