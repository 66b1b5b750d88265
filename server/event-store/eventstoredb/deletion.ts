import streams from '@eventstore/db-client/generated/streams_pb.js';
import { StreamDeleted, WrongExpectedRevision, type ExpectedRevision } from '../event-store.ts';
import { refusedAsDeleted, type AppendContext } from './append.ts';
import { CallFailure, isTransient } from './failures.ts';
import { expect, streamIdentifier } from './messages.ts';

/** One soft deletion over as many attempts as it takes. */
export class DeletionAttempts {
  readonly #context: AppendContext;
  readonly #stream: string;
  readonly #expected: ExpectedRevision;
  #outcomeUnknown = false;

  constructor(context: AppendContext, stream: string, expected: ExpectedRevision) {
    this.#context = context;
    this.#stream = stream;
    this.#expected = expected;
  }

  /** @throws {CallFailure} transient: attempt again @throws {WrongExpectedRevision} @throws {StreamDeleted} */
  async attempt(): Promise<void> {
    try {
      await this.#send();
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (isTransient(error) && error.exception !== 'not-leader') this.#outcomeUnknown = true;
      await this.#explain(error);
    }
  }

  async #explain(error: CallFailure): Promise<void> {
    if (error.exception === 'wrong-expected-version') {
      const { actualRevision = -1n } = error;
      const actual = actualRevision < 0n ? 'no_stream' : actualRevision;
      throw new WrongExpectedRevision(this.#stream, this.#expected, actual);
    }
    if (error.exception !== 'stream-deleted') throw error;
    const refusal = await refusedAsDeleted(this.#context, this.#stream, this.#expected);
    // Deleted by an attempt of ours whose answer was lost.
    if (this.#outcomeUnknown && !(refusal instanceof StreamDeleted)) return;
    throw refusal;
  }

  #send(): Promise<void> {
    const options = expect(new streams.DeleteReq.Options(), this.#expected);
    options.setStreamIdentifier(streamIdentifier(this.#stream));
    const request = new streams.DeleteReq();
    request.setOptions(options);
    const { connection, callTimeoutMs } = this.#context;
    return connection.call('delete', callTimeoutMs, (stub, callArguments) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      stub.delete(request, ...callArguments, (error) => (error === null ? resolve() : reject(error)));
      return promise;
    });
  }
}
