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
} from '../event-store.ts';
import type { Connection } from './connection.ts';
import { CallFailure, isTransient } from './failures.ts';
import { appendHeader, proposedEvent } from './messages.ts';
import { OwnEvents, placeOf } from './own-events.ts';

/** No stream gets there, so an append that expects it always fails and thereby tells where the stream is. */
const BEYOND_ANY_REVISION = 2n ** 62n;

/** How often who expects nothing in particular tries an explicit revision while others are faster. */
const RACES = 5;

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
 * with `any` or `stream_exists` it knows only recent ids, and none from before its last start.
 */
export class AppendAttempts {
  readonly #context: AppendContext;
  readonly #append: PreparedAppend;
  readonly #own: OwnEvents;
  #outcomeUnknown = false;

  constructor(context: AppendContext, append: PreparedAppend) {
    this.#context = context;
    this.#append = append;
    this.#own = new OwnEvents(append.ids, (count) => context.newest(append.stream, count));
  }

  /** @throws {CallFailure} transient: attempt again */
  async attempt(): Promise<AppendResult> {
    const { stream, expected: believed } = this.#append;
    for (let lostRaces = 0; ; lostRaces += 1) {
      const expected = this.#outcomeUnknown ? await this.#repeatedExpectation(lostRaces) : believed;
      if (typeof expected === 'object') return expected;
      const outcome = await this.#send(expected);
      if (outcome.kind === 'written') return this.#result(outcome);
      const written = believed === 'no_stream' ? await this.#beginning() : undefined;
      if (written !== undefined) return written;
      // Someone else was faster; only who expects a certain revision must know, and who was refused at once.
      if (!this.#outcomeUnknown || isExplicit(believed))
        throw new WrongExpectedRevision(stream, believed, outcome.actual);
    }
  }

  /** EventStoreDB compares with the very first events, also where a stream was deleted and begun anew. */
  async #beginning(): Promise<AppendResult | undefined> {
    const { stream, ids } = this.#append;
    return placeOf(ids, (await this.#context.oldest(stream, ids.length)).toReversed());
  }

  /** What the repetition expects, or the result if the events stand there already. */
  async #repeatedExpectation(lostRaces: number): Promise<ExpectedRevision | AppendResult> {
    const { stream, expected } = this.#append;
    if (isExplicit(expected)) return expected;
    const { written, last } = await this.#own.find();
    if (written !== undefined) return written;
    // What stands there is not ours, and what comes now is recent enough to be known by its ids.
    if (lostRaces >= RACES) return expected;
    const place = last ?? (await lastRevision(this.#context, stream));
    if (expected === 'stream_exists' && last === undefined) throw new WrongExpectedRevision(stream, expected, place);
    return place;
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

  async #result({ revision, position }: Extract<Outcome, { kind: 'written' }>): Promise<AppendResult> {
    // A repetition whose events were truncated since has no position left; what comes now is behind it in any case.
    return { revision, position: position ?? (await this.#context.head()) ?? 0n };
  }
}

const isExplicit = (expected: ExpectedRevision): boolean => expected !== 'any' && expected !== 'stream_exists';

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
