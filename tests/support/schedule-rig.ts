import { jobStream } from '../../domain/job-run.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { StoreUnavailable, type EventStore, type RecordedEvent } from '../../server/event-store/event-store.ts';
import type { Job } from '../../server/schedule/job.ts';
import { Scheduler, type SchedulerOptions } from '../../server/schedule/scheduler.ts';
import type { SlotName } from '../../server/schedule/slot-log.ts';
import { MemoryEventStore } from './memory-event-store.ts';
import { LogBook } from './subscriber-rig.ts';

export const HOUR = 3_600_000;
export const hourly = (change: Partial<Job> = {}): Job => ({
  name: 'toil',
  schedule: { kind: 'hourly' },
  catchUp: { periods: 'last', within: 24 * HOUR },
  run: () => Promise.resolve('done'),
  ...change,
});

/** Schedulers on one log, by clocks that a test sets. Each is a server. */
export class ScheduleRig implements AsyncDisposable {
  readonly store = new MemoryEventStore();
  readonly codec = createCodec();
  readonly log = new LogBook();
  /** Milliseconds since the epoch, as every server sees it that has no clock of its own. */
  now: number;
  /** Milliseconds of the clock nobody sets. */
  ticking = 0;
  away = false;
  readonly #servers: Scheduler[] = [];
  readonly #claimed = new Map<string, SlotName>();

  constructor(now: string) {
    this.now = Date.parse(now);
  }

  /** Time goes by. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.ticking += milliseconds;
  }

  /** There was a log before. */
  async begin(): Promise<this> {
    const event = { type: 'VaultFounded', data: { vaultId: 'v' } } as const;
    const encoded = this.codec.encode(event, crypto.randomUUID());
    await this.store.append('vault', [encoded], { expectedRevision: 'no_stream' });
    return this;
  }

  server(jobs: readonly Job[] | (() => readonly Job[]), change: Partial<SchedulerOptions> = {}): Scheduler {
    const scheduler = new Scheduler({
      store: this.#watched(),
      codec: this.codec,
      instance: `server-${this.#servers.length + 1}`,
      now: () => this.now,
      ticking: () => this.ticking,
      random: () => 0.5,
      jobs: typeof jobs === 'function' ? jobs : () => jobs,
      underWay: () => [...this.#claimed.values()],
      alone: false,
      log: this.log,
      onProgress: () => undefined,
      ...change,
    });
    this.#servers.push(scheduler);
    return scheduler;
  }

  /** One look, and the end of what it began. */
  async turn(...servers: Scheduler[]): Promise<void> {
    for (const server of servers) {
      await server.look();
      await Promise.all(server.runs.map(({ ended }) => ended));
    }
  }

  /** `JobStarted 2025-03-10T13 by server-1`, in the order of the log; beats are left out. */
  async said(): Promise<string[]> {
    const events = (await Array.fromAsync(this.store.readAll())).flat().filter(({ stream }) => stream !== 'vault');
    return events.filter(({ type }) => type !== 'JobContinued').map(lineOf);
  }

  #watched(): EventStore {
    const { store } = this;
    const check = () => {
      if (this.away) throw new StoreUnavailable('The store is away.');
    };
    return new Proxy<EventStore>(store, {
      get: (target, name: keyof EventStore) => {
        if (name === 'append')
          return async (...given: Parameters<EventStore['append']>) => {
            check();
            const [stream, [event]] = given;
            const { name: job, slot } = event?.data as SlotName;
            if (stream === jobStream(job, slot)) this.#claimed.set(stream, { name: job, slot });
            return store.append(...given);
          };
        if (name === 'readStream')
          return async (...given: Parameters<EventStore['readStream']>) => {
            check();
            return store.readStream(...given);
          };
        return (target[name] as (...given: unknown[]) => unknown).bind(target);
      },
    });
  }

  async [Symbol.asyncDispose]() {
    this.away = false;
    await Promise.all(this.#servers.map((server) => server.stop()));
  }
}

const lineOf = ({ type, data }: RecordedEvent): string =>
  [type, data['slot'], data['by'] ?? data['outcome'] ?? data['reason']].join(' ');

/** A job that goes on until it is told how to end. */
export function endless() {
  const running: { signal: AbortSignal; slot: string; end: (outcome: string) => void; fail: (error: Error) => void }[] =
    [];
  const run: Job['run'] = ({ slot }, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    running.push({ signal, slot, end: resolve, fail: reject });
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    return promise;
  };
  return { run, running };
}
