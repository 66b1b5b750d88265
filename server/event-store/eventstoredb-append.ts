import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import {
  AppendTooLarge,
  MAX_APPEND_BYTES,
  StreamDeleted,
  WrongExpectedRevision,
  type AppendResult,
  type EventToAppend,
  type ExpectedRevision,
  type Position,
  type RecordedEvent,
} from './event-store.ts';
import type { Connection } from './eventstoredb-connection.ts';
import { CallFailure, isTransient } from './eventstoredb-failures.ts';
import { appendHeader, proposedEvent } from './eventstoredb-messages.ts';

/** No stream gets there, so an append that expects it always fails and thereby tells where the stream is. */
const BEYOND_ANY_REVISION = 2n ** 62n;

/** How far back an append of unknown outcome is looked for, step by step: past what others wrote since. */
const LOOK_BACK_EVENTS = [10, 200, 4_000] as const;
/** What was recorded so long before we began is not ours, however the clocks differ. */
const CLOCK_DIFFERENCE_MS = 60_000;

export type AppendContext = {
  readonly connection: Connection;
  readonly callTimeoutMs: number;
  /** The stream's first events that a reader sees; none for a stream that does not exist. @throws {CallFailure} */
  readonly oldest: (stream: string, count: number) => Promise<readonly RecordedEvent[]>;
  /** The stream's last events, newest first; none for a stream that does not exist. @throws {CallFailure} */
  readonly newest: (stream: string, count: number) => Promise<readonly RecordedEvent[]>;
  /** @throws {CallFailure} */
  readonly head: () => Promise<Position | null>;
};

type Outcome =
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: Position | undefined }
  | { readonly kind: 'wrong'; readonly actual: bigint | 'no_stream' };

/** What is sent is fixed when the append is accepted: the caller may change its objects afterwards. */
export class PreparedAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly ids: readonly string[];
  readonly requests: readonly AppendReq[];

  /** @throws {TypeError} without events @throws {AppendTooLarge} */
  constructor(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision) {
    if (events.length === 0) throw new TypeError(`An append to "${stream}" needs at least one event.`);
    const proposed = events.map(proposedEvent);
    const bytes = proposed.reduce((sum, event) => sum + event.bytes, 0);
    if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(stream, bytes);
    this.stream = stream;
    this.expected = expected;
    this.ids = events.map((event) => event.id.toLowerCase());
    this.requests = proposed.map((event) => event.request);
  }
}

/**
 * One append over as many attempts as it takes. When the outcome of an attempt is unknown (no answer, connection lost),
 * the next one uses the same ids and an explicit revision, by which EventStoreDB recognises a repetition for certain;
 * with `any` or `stream_exists` it knows only recent ids.
 */
export class AppendAttempts {
  readonly #context: AppendContext;
  readonly #append: PreparedAppend;
  readonly #began = Date.now();
  #outcomeUnknown = false;

  constructor(context: AppendContext, append: PreparedAppend) {
    this.#context = context;
    this.#append = append;
  }

  /** @throws {CallFailure} transient: attempt again */
  async attempt(): Promise<AppendResult> {
    for (;;) {
      const expected = this.#outcomeUnknown ? await this.#repeatedExpectation() : this.#append.expected;
      if (typeof expected === 'object') return expected;
      const outcome = await this.#send(expected);
      if (outcome.kind === 'written') return this.#result(outcome);
      const written = await this.#writtenBefore();
      if (written !== undefined) return written;
      const { stream, expected: believed } = this.#append;
      // Someone else was faster; only who expects a certain revision must know, and who was refused at once.
      if (!this.#outcomeUnknown || (believed !== 'any' && believed !== 'stream_exists')) {
        throw new WrongExpectedRevision(stream, believed, outcome.actual);
      }
    }
  }

  /** Whether the refusal is about an append of which these events stand there already. */
  async #writtenBefore(): Promise<AppendResult | undefined> {
    const { stream, expected, ids } = this.#append;
    if (expected === 'no_stream') {
      // EventStoreDB compares with the very first events, also where a stream was deleted and begun anew.
      return this.#among((await this.#context.oldest(stream, ids.length)).toReversed());
    }
    return this.#outcomeUnknown ? (await this.#look()).written : undefined;
  }

  /** What the repetition expects, or the result if the events stand there already. */
  async #repeatedExpectation(): Promise<ExpectedRevision | AppendResult> {
    const { stream, expected } = this.#append;
    if (expected !== 'any' && expected !== 'stream_exists') return expected;
    const found = await this.#look();
    if (found.written !== undefined) return found.written;
    const last = found.last ?? (await lastRevision(this.#context, stream));
    if (expected === 'stream_exists' && found.last === undefined) {
      throw new WrongExpectedRevision(stream, expected, last);
    }
    return last;
  }

  async #send(expected: ExpectedRevision): Promise<Outcome> {
    const { stream, requests } = this.#append;
    try {
      return await sendAppend(this.#context, stream, expected, requests);
    } catch (error) {
      if (isTransient(error) && error.exception !== 'not-leader') this.#outcomeUnknown = true;
      throw await this.#explained(error, expected);
    }
  }

  async #explained(error: unknown, expected: ExpectedRevision): Promise<unknown> {
    const { stream } = this.#append;
    if (!(error instanceof CallFailure)) return error;
    if (error.exception === 'maximum-append-size-exceeded') {
      // The server was configured to accept less than its default.
      return new AppendTooLarge(
        stream,
        this.#append.requests.reduce((sum, request) => sum + sizeOf(request), 0),
      );
    }
    if (error.exception === 'stream-deleted') return refusedAsDeleted(this.#context, stream, expected);
    return error;
  }

  /** Looks for the events at the end of the stream; `last`: its last revision if it exists. */
  async #look(): Promise<{ readonly written: AppendResult | undefined; readonly last: bigint | undefined }> {
    let newest: readonly RecordedEvent[] = [];
    for (const count of LOOK_BACK_EVENTS) {
      const most = count + this.#append.ids.length;
      newest = await this.#context.newest(this.#append.stream, most);
      const written = this.#among(newest);
      const oldest = newest.at(-1);
      const isEverything = oldest === undefined || newest.length < most;
      if (written || isEverything || oldest.recordedAt < this.#began - CLOCK_DIFFERENCE_MS) {
        return { written, last: newest[0]?.revision };
      }
    }
    return { written: undefined, last: newest[0]?.revision };
  }

  #among(newestFirst: readonly RecordedEvent[]): AppendResult | undefined {
    const { ids } = this.#append;
    const at = newestFirst.findIndex((event) => event.id === ids.at(-1));
    const place = newestFirst.slice(at, at + ids.length);
    const last = place[0];
    const isWhole = at >= 0 && place.toReversed().every((event, index) => event.id === ids[index]);
    return last !== undefined && isWhole && place.length === ids.length
      ? { revision: last.revision, position: last.position }
      : undefined;
  }

  async #result({ revision, position }: Extract<Outcome, { kind: 'written' }>): Promise<AppendResult> {
    // A repetition whose events were truncated since has no position left; what comes now is behind it in any case.
    return { revision, position: position ?? (await this.#context.head()) ?? 0n };
  }
}

const sizeOf = (request: AppendReq): number => request.serializeBinary().length;

/** EventStoreDB calls a soft-deleted stream deleted when it is expected to exist; to us it just does not. */
export async function refusedAsDeleted(
  context: AppendContext,
  stream: string,
  expected: ExpectedRevision,
): Promise<Error> {
  if (expected !== 'stream_exists') return new StreamDeleted(stream);
  try {
    return new WrongExpectedRevision(stream, expected, await lastRevision(context, stream));
  } catch (error) {
    if (error instanceof CallFailure && error.exception === 'stream-deleted') return new StreamDeleted(stream);
    throw error;
  }
}

/** Also of a soft-deleted stream, which cannot be read. @throws {CallFailure} */
async function lastRevision(context: AppendContext, stream: string): Promise<bigint | 'no_stream'> {
  const outcome = await sendAppend(context, stream, BEYOND_ANY_REVISION, []);
  if (outcome.kind === 'wrong') return outcome.actual;
  throw new CallFailure(status.INTERNAL, `Stream "${stream}" is said to be at a revision no stream can have.`);
}

function sendAppend(
  { connection, callTimeoutMs }: AppendContext,
  stream: string,
  expected: ExpectedRevision,
  requests: readonly AppendReq[],
): Promise<Outcome> {
  return connection.call('append', callTimeoutMs, (stub, callArguments) => {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const call = stub.append(...callArguments, (error, response) => {
      if (error === null) resolve(outcomeOf(response));
      else reject(error);
    });
    call.write(appendHeader(stream, expected));
    for (const request of requests) call.write(request);
    call.end();
    return promise;
  });
}

function outcomeOf(response: AppendResp): Outcome {
  const wrong = response.getWrongExpectedVersion();
  if (wrong !== undefined) {
    const actual = wrong.hasCurrentRevision() ? BigInt(wrong.getCurrentRevision()) : 'no_stream';
    return { kind: 'wrong', actual };
  }
  const success = response.getSuccess();
  const position = success?.getPosition();
  return {
    kind: 'written',
    revision: BigInt(success?.getCurrentRevision() ?? 0),
    position: position && BigInt(position.getCommitPosition()),
  };
}
