import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { status, type ClientReadableStream } from '@grpc/grpc-js';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import { CallFailure } from './failures.ts';

/** Messages kept for a slow reader before the call is asked to pause, and after which it goes on. */
const MOST_WAITING = 2_000;
const FEW_WAITING = 500;
const FULL_PAGE = 500;

export type ReadingOptions = {
  /** Ends the reading without an error. */
  readonly signal: AbortSignal;
  /** Longest silence in milliseconds, counted anew with each message. */
  readonly silenceMs: number;
  /** A subscription may be silent for ever once it has been confirmed. */
  readonly endless?: boolean;
};

/** One Read call: what it brings is taken in arrays as large as have come meanwhile. */
export class Reading implements Disposable {
  readonly #options: ReadingOptions;
  #stream: ClientReadableStream<ReadResp> | undefined;
  #messages: ReadResp[] = [];
  #ended = false;
  #failure: unknown;
  #silence: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;
  readonly #onAbort = () => this.#end();

  constructor(connection: Connection, request: ReadReq, options: ReadingOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', this.#onAbort);
    if (options.signal.aborted) this.#end();
    this.#listen();
    void connection
      .stream('read', (stub, callArguments) => this.#receive(stub.read(request, ...callArguments)))
      .then(
        () => this.#end(),
        (error: unknown) => this.#end(error),
      );
  }

  /**
   * What has come, at least one message; empty after `withinMs` without any; `undefined` at the end.
   * @throws {CallFailure} once everything that came before the failure was taken
   */
  async take(withinMs?: number): Promise<readonly ReadResp[] | undefined> {
    if (this.#messages.length === 0 && !this.#ended) {
      await this.#arrival(withinMs);
      await this.#gather();
    }
    if (this.#options.signal.aborted) return undefined;
    const taken = this.#messages;
    this.#messages = [];
    this.#resumeIfFew();
    if (taken.length > 0) return taken;
    if (this.#failure !== undefined) throw this.#failure;
    return this.#ended ? undefined : [];
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  /** Messages come one by one but close together: waits while each turn of the loop brings more, up to a page. */
  async #gather(): Promise<void> {
    for (let before = 0; before < this.#messages.length && this.#messages.length < FULL_PAGE;) {
      before = this.#messages.length;
      await nextTurn();
    }
  }

  async #arrival(withinMs: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = withinMs === undefined ? undefined : setTimeout(resolve, withinMs);
    await promise;
    clearTimeout(timer);
  }

  #receive(stream: ClientReadableStream<ReadResp>): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#stream = stream;
      stream.on('data', (message: ReadResp) => this.#keep(message));
      stream.on('end', resolve);
      stream.on('error', (error) => (this.#ended ? resolve() : reject(error)));
      if (this.#ended) stream.cancel();
    });
  }

  #keep(message: ReadResp): void {
    if (this.#ended) return;
    this.#messages.push(message);
    if (this.#messages.length >= MOST_WAITING) this.#stream?.pause();
    if (this.#options.endless) clearTimeout(this.#silence);
    else this.#listen();
    this.#wake?.();
  }

  #resumeIfFew(): void {
    if (!this.#stream?.isPaused() || this.#messages.length > FEW_WAITING) return;
    this.#stream.resume();
    if (!this.#options.endless) this.#listen();
  }

  /** A reader that takes its time is not a silent server. */
  #listen(): void {
    clearTimeout(this.#silence);
    const { silenceMs } = this.#options;
    this.#silence = setTimeout(() => {
      if (this.#stream?.isPaused()) return;
      this.#end(new CallFailure(status.DEADLINE_EXCEEDED, `Nothing came for ${silenceMs} ms.`));
    }, silenceMs);
  }

  #end(failure?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    clearTimeout(this.#silence);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#stream?.cancel();
    this.#wake?.();
  }
}
