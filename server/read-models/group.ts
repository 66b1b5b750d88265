import type { Codec } from '../event-store/codec.ts';
import type { RecordedEvent } from '../event-store/event-store.ts';
import { faultOf } from './faults.ts';
import { EventPage } from './event-page.ts';
import { reaches, type Failure, type Folding } from './folding.ts';

/** While catching up a transaction holds about this many events, or what was folded in this time. Live, it holds what has arrived. */
const BATCH_EVENTS = 10_000;
const BATCH_MS = 300;

/** A folding that fails has left the group and is back at what its file holds. */
export type GroupEvents = {
  /** Rows and checkpoints of these are written; `changed`: of these rows are not what they were. */
  readonly advanced: (foldings: readonly Folding[], changed: readonly Folding[]) => void;
  /** A handler threw: the folding is to be fed again, up to that event, which is its limit now. */
  readonly poisoned: (folding: Folding, error: Error) => void;
  /** Everything before the limit is in the file. */
  readonly stopped: (folding: Folding, error: Error | null) => void;
  readonly failed: (folding: Folding, error: unknown) => void;
};

/** Projections that are fed the same events: each event is decoded once. One that fails leaves the group, the others go on. */
export class Group {
  readonly #members = new Set<Folding>();
  readonly #decode: Codec['decode'];
  readonly #events: GroupEvents;
  #flushedAt = performance.now();

  constructor(decode: Codec['decode'], members: readonly Folding[], events: GroupEvents) {
    this.#decode = decode;
    this.#events = events;
    for (const folding of members) this.#members.add(folding);
  }

  add(folding: Folding): void {
    this.#members.add(folding);
  }

  remove(folding: Folding): void {
    this.#members.delete(folding);
  }

  get members(): readonly Folding[] {
    return [...this.#members].filter(({ retired }) => !retired);
  }

  /** The place from which all can be fed. */
  get lowest(): bigint | null {
    const [first, ...others] = this.members.map(({ position }) => position);
    return others.reduce((lowest: bigint | null, one) => (reaches(one, lowest) ? lowest : one), first ?? null);
  }

  fold(events: readonly RecordedEvent[]): void {
    this.#forgetRetired();
    const page = new EventPage(events, this.#decode);
    for (const folding of this.#members) {
      const failure = folding.apply(page);
      if (failure) this.#failedAt(folding, failure);
      else if (folding.stopsIn(page)) this.#stop(folding);
    }
  }

  /** While catching up: whether enough was folded to be written. */
  get isDue(): boolean {
    const now = performance.now();
    return now - this.#flushedAt > BATCH_MS || this.members.some(({ pending }) => pending >= BATCH_EVENTS);
  }

  flush(): void {
    this.#forgetRetired();
    this.#flush(this.#members);
    this.#flushedAt = performance.now();
  }

  #flush(foldings: Iterable<Folding>): void {
    const flushed: Folding[] = [];
    const changed: Folding[] = [];
    for (const folding of foldings) {
      if (folding.pending === 0) continue;
      try {
        if (folding.flush()) changed.push(folding);
        flushed.push(folding);
      } catch (error) {
        this.#fail(folding, error);
      }
    }
    if (flushed.length > 0) this.#events.advanced(flushed, changed);
  }

  #stop(folding: Folding): void {
    this.#flush([folding]);
    if (this.#members.delete(folding)) this.#events.stopped(folding, folding.limit?.error ?? null);
  }

  #failedAt(folding: Folding, failure: Failure): void {
    if (faultOf(failure.error) !== 'lasting') return this.#fail(folding, failure.error);
    this.#members.delete(folding);
    folding.reset();
    folding.limit = failure;
    this.#events.poisoned(folding, failure.error);
  }

  #fail(folding: Folding, error: unknown): void {
    this.#members.delete(folding);
    folding.reset();
    this.#events.failed(folding, error);
  }

  #forgetRetired(): void {
    for (const folding of this.#members) if (folding.retired) this.#members.delete(folding);
  }
}
