import type { AnyProjection } from '../../projections/projection.ts';
import type { Progress } from './build.ts';
import { reaches } from './folding.ts';
import type { Advance, FoldingState } from './messages.ts';
import { FileReadModel } from './read-model.ts';

/** `done` of `total` events; `total` is an estimate while `behind` or rebuilding. */
export type ReadModelStatus = Progress & {
  readonly name: string;
  readonly version: number;
  /** The last event folded in. */
  readonly position: bigint | null;
  /** The last event there is, as far as is known. */
  readonly head: bigint | null;
  readonly behind: boolean;
  /** `parked`: its code failed at an event; its rows are those before it. */
  readonly state: FoldingState | 'rebuilding';
  readonly error: string | null;
};

/** What is known of one projection on the thread that answers queries. */
export class ShownModel {
  readonly projection: AnyProjection;
  readonly model: FileReadModel;
  state: FoldingState = 'catching-up';
  error: string | null = null;
  #events = 0;
  /** Where measuring the rate began. */
  #since: { readonly events: number; readonly at: number };

  constructor(projection: AnyProjection, damaged: (path: string, reason: string) => void) {
    this.projection = projection;
    this.model = new FileReadModel(projection.name, damaged);
    this.#since = { events: 0, at: performance.now() };
  }

  /** @returns the milliseconds the change of files took */
  use(path: string, { position, events }: { position: bigint | null; events: number }): number {
    const took = this.model.use(path, position);
    this.#events = events;
    this.#since = { events, at: performance.now() };
    return took;
  }

  advance({ position, events }: Advance): void {
    this.model.position = position;
    this.#events = events;
  }

  become(state: FoldingState, error: string | null): void {
    if (state === 'catching-up' && this.state !== state) this.#since = { events: this.#events, at: performance.now() };
    this.state = state;
    this.error = error;
  }

  status(head: bigint | null, rebuild: Progress | undefined): ReadModelStatus {
    const { name, version } = this.projection;
    const { position } = this.model;
    const behind = !reaches(position, head);
    const state = rebuild ? 'rebuilding' : this.state;
    return { name, version, position, head, behind, state, error: this.error, ...(rebuild ?? this.#progress(head)) };
  }

  #progress(head: bigint | null): Progress {
    const { position } = this.model;
    const done = this.#events;
    const total = position === null || head === null ? done : Math.round(done * (Number(head) / Number(position)));
    const seconds = (performance.now() - this.#since.at) / 1000;
    const ratePerSecond = this.state === 'catching-up' ? Math.round((done - this.#since.events) / seconds) : 0;
    return { done, total: Math.max(done, total), ratePerSecond };
  }
}
