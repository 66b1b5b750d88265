import type { DatabaseSync } from 'node:sqlite';
import { BroadcastChannel } from 'node:worker_threads';
import { arrivalsChannel } from './arrivals.ts';
import { extendedCode } from '../../sqlite/result-codes.ts';
import { openForWriting } from './log-file.ts';
import { LogTransactions, type WriteAnswer, type WriteRequest } from './transaction.ts';

/** A list of requests that go into one transaction; `null` asks the writer to close. */
export type WriterMessage = readonly WriteRequest[] | null;

/** How a whole batch ended: answered in order, or not written at all. */
export type WriterReply =
  | { readonly kind: 'committed'; readonly answers: readonly WriteAnswer[] }
  | { readonly kind: 'failed'; readonly message: string; readonly errcode: number | undefined };

export type WriterData = { readonly file: string };

/** Writes batches, and opens the log again after a failure: a connection that saw an I/O error is not trusted further. */
export class LogWriter {
  readonly #file: string;
  readonly #arrivals: BroadcastChannel;
  #open: { readonly database: DatabaseSync; readonly transactions: LogTransactions } | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#arrivals = new BroadcastChannel(arrivalsChannel(file));
    this.#arrivals.unref();
  }

  write(requests: readonly WriteRequest[]): WriterReply {
    try {
      const answers = this.#transactions().run(requests);
      if (answers.some((answer) => answer.kind === 'appended')) this.#arrivals.postMessage(null);
      return { kind: 'committed', answers };
    } catch (error) {
      this.#letGo();
      return {
        kind: 'failed',
        message: error instanceof Error ? error.message : String(error),
        errcode: extendedCode(error),
      };
    }
  }

  #transactions(): LogTransactions {
    if (this.#open === undefined) {
      const database = openForWriting(this.#file);
      this.#open = { database, transactions: new LogTransactions(database) };
    }
    return this.#open.transactions;
  }

  #letGo(): void {
    this.#open?.database.close();
    this.#open = undefined;
  }

  close(): void {
    this.#letGo();
    this.#arrivals.close();
  }
}
