import { Worker } from 'node:worker_threads';
import { jitteredDelay } from '../backoff.ts';
import { asError } from './faults.ts';
import type { ProjectorMessage, ProjectorOrder } from './messages.ts';
import type { ProjectorWorkerData } from './projector-worker.ts';

export type ThreadEvents = {
  readonly message: (message: ProjectorMessage) => void;
  /** The thread ended by itself and is started again. */
  readonly crashed: (error: Error) => void;
};

const RESTART = { firstDelayMs: 200, longestDelayMs: 30_000 };

/** The thread that folds. Should it crash, another takes its place: everything it knew is in the files. */
export class ProjectorThread {
  readonly #data: ProjectorWorkerData;
  readonly #events: ThreadEvents;
  #worker: Worker | undefined;
  #ended = Promise.resolve();
  #crashes = 0;
  #restart: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(data: ProjectorWorkerData, events: ThreadEvents) {
    this.#data = data;
    this.#events = events;
  }

  /** Resolves when every projection has a file. @throws when the thread cannot start */
  async start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const worker = new Worker(new URL('./projector-worker.ts', import.meta.url), { workerData: this.#data });
    this.#worker = worker;
    let ready = false;
    let failure: Error | undefined;
    worker.on('message', (message: ProjectorMessage) => {
      if (message.kind === 'ready') {
        ready = true;
        resolve();
      } else if (message.kind === 'advanced') this.#crashes = 0;
      this.#events.message(message);
    });
    worker.on('error', (error) => (failure = asError(error)));
    this.#ended = new Promise((ended) => {
      worker.on('exit', () => {
        ended();
        failure ??= new Error('The projector thread ended.');
        reject(failure);
        if (ready) this.#startAgain(failure);
      });
    });
    return promise;
  }

  #startAgain(failure: Error): void {
    if (this.#closing) return;
    this.#events.crashed(failure);
    this.#crashes += 1;
    const wait = jitteredDelay(this.#crashes, RESTART);
    this.#restart = setTimeout(() => {
      this.start().catch((error: unknown) => this.#startAgain(asError(error)));
    }, wait);
  }

  /** Lost when the thread has just crashed: the next one looks for itself what there is to do. */
  order(order: ProjectorOrder): void {
    this.#worker?.postMessage(order);
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restart);
    this.order({ kind: 'close' });
    await this.#ended;
  }
}
