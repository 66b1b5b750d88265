import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../event-store.ts';
import type { WriteAnswer, WriteRequest } from './transaction.ts';
import type { WriterData, WriterMessage, WriterReply } from './log-writer.ts';

/** One transaction takes at most this many requests and this many bytes of events, so that none waits for long. */
const MOST_REQUESTS = 1_000;
const MOST_BYTES = 8_388_608;

type Pending = {
  readonly request: WriteRequest;
  readonly bytes: number;
  readonly resolve: (answer: WriteAnswer) => void;
  readonly reject: (reason: Error) => void;
};

/**
 * Hands requests to the writing thread. While a commit is under way the next requests gather, and go together into the
 * next transaction: many waiting writers share one sync of the disk.
 */
export class GroupCommit {
  readonly #file: string;
  readonly #writerModule: URL;
  #worker: Worker | undefined;
  #waiting: Pending[] = [];
  #underWay: readonly Pending[] = [];
  #scheduled = false;
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(file: string, writerModule: URL) {
    this.#file = file;
    this.#writerModule = writerModule;
    this.#worker = this.#startWorker();
  }

  /** @throws {StoreUnavailable} when the disk refused, the writer broke down, or the store is closed */
  submit(request: WriteRequest, bytes: number): Promise<WriteAnswer> {
    if (this.#closing !== undefined) return Promise.reject(new StoreUnavailable('The event store was closed.'));
    const { promise, resolve, reject } = Promise.withResolvers<WriteAnswer>();
    this.#waiting.push({ request, bytes, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** After the code that runs now, so that all it writes goes together. */
  #schedule(): void {
    if (this.#scheduled || this.#underWay.length > 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#underWay.length > 0) return;
    if (this.#waiting.length === 0) return this.#closing?.resolve();
    const batch = this.#waiting.splice(0, batchSize(this.#waiting));
    this.#underWay = batch;
    this.#worker ??= this.#startWorker();
    // The process stays while an append is under way, and only then.
    this.#worker.ref();
    this.#worker.postMessage(batch.map(({ request }) => request) satisfies WriterMessage);
  }

  #settle(settle: (pending: Pending, index: number) => void): void {
    const settled = this.#underWay;
    this.#underWay = [];
    this.#worker?.unref();
    settled.forEach(settle);
    if (this.#waiting.length > 0 || this.#closing !== undefined) this.#schedule();
  }

  #startWorker(): Worker {
    const worker = new Worker(this.#writerModule, {
      name: 'event-log-writer',
      workerData: { file: this.#file } satisfies WriterData,
    });
    worker.unref();
    worker.on('message', (reply: WriterReply) => this.#receive(reply));
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#lose(cause);
    });
    return worker;
  }

  #receive(reply: WriterReply): void {
    if (reply.kind === 'failed') {
      const cause = Object.assign(new Error(reply.message), { errcode: reply.errcode });
      this.#fail(`The event log cannot be written: ${reply.message}.`, cause);
      return;
    }
    this.#settle((pending, index) => {
      const answer = reply.answers[index];
      if (answer === undefined) pending.reject(new StoreUnavailable('The event log writer left out an answer.'));
      else pending.resolve(answer);
    });
  }

  /** Whether the appends under way were committed is unknown; the same ids again find out. The next batch starts a new writer. */
  #lose(cause: unknown): void {
    this.#worker = undefined;
    this.#fail('The event log writer broke down; it is started again.', cause);
  }

  #fail(message: string, cause: unknown): void {
    this.#settle((pending) => pending.reject(new StoreUnavailable(message, { cause })));
  }

  /** Resolves when all that was submitted is settled; nothing more is accepted. */
  drain(): Promise<void> {
    this.#closing ??= Promise.withResolvers();
    this.#schedule();
    return this.#closing.promise;
  }

  /** Ends the writing thread, which lets go of the log. After `drain`. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.once('exit', () => resolve());
    worker.ref();
    worker.postMessage(null satisfies WriterMessage);
    await promise;
  }
}

function batchSize(waiting: readonly Pending[]): number {
  let bytes = 0;
  const index = waiting.findIndex((pending, at) => {
    bytes += pending.bytes;
    return at === MOST_REQUESTS || bytes > MOST_BYTES;
  });
  return index === -1 ? waiting.length : Math.max(1, index);
}
