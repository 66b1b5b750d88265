import { EventStoreDBClient } from '@eventstore/db-client';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { status, type CallOptions, type Metadata } from '@grpc/grpc-js';
import { CallFailure, connectionFailure } from './failures.ts';

/** What a call is made with: the client's own headers, credentials and deadline. */
export type CallArguments = [Metadata, CallOptions];

/**
 * Lets us make our own calls over the client's channel: discovery, TLS, credentials, following the leader and leaving
 * a broken channel stay the client's. Its `appendToStream` cannot be used: what waits for an answer is kept in one table
 * for all clients of the process, so the loss of one connection rejects the appends of others, leaves promises
 * rejected that nobody holds, and a late answer throws where nobody can catch it; either ends the process. Its `readAll`
 * has no filter, and its subscriptions give checkpoints ahead of the events before them.
 */
class OpenClient extends EventStoreDBClient {
  static makeCall<Answer>(client: EventStoreDBClient, name: string, call: (stub: StreamsClient) => Promise<Answer>) {
    return (client as OpenClient).execute(streamsService.StreamsClient, name, call);
  }

  static callArguments(client: EventStoreDBClient, deadlineMs: number): CallArguments {
    // One log, one order: a follower may be behind the leader we just wrote to.
    return (client as OpenClient).callArguments({ requiresLeader: true, deadline: deadlineMs });
  }
}

/** One client and its channel. */
export class Connection {
  readonly #client: EventStoreDBClient;
  #lastStub: StreamsClient | undefined;

  /** Connects with the first call. @throws {Error} for a malformed connection string */
  constructor(connectionString: string) {
    this.#client = EventStoreDBClient.connectionString(connectionString);
  }

  /**
   * Makes one call, from finding a node to its answer, within `deadlineMs`.
   * @throws {CallFailure}
   */
  async call<Answer>(
    name: string,
    deadlineMs: number,
    start: (stub: StreamsClient, callArguments: CallArguments) => Promise<Answer>,
  ): Promise<Answer> {
    const deadline = Date.now() + deadlineMs;
    const late = Promise.withResolvers<never>();
    const tooLate = () => new CallFailure(status.DEADLINE_EXCEEDED, `No answer to ${name} within ${deadlineMs} ms.`);
    // The client's deadline begins only once a node is found, so ours stands around it.
    const timer = setTimeout(() => late.reject(tooLate()), deadlineMs);
    try {
      const call = OpenClient.makeCall(this.#client, name, (stub) => {
        const left = deadline - Date.now();
        // Nobody waits any more: what would be written now could come behind its own repetition.
        if (left <= 0) return Promise.reject(tooLate());
        this.#lastStub = stub;
        return start(stub, OpenClient.callArguments(this.#client, left));
      });
      return await Promise.race([call, late.promise]);
    } catch (error) {
      throw connectionFailure(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes a call that ends only when `start` says so. @throws {CallFailure} */
  async stream(
    name: string,
    start: (stub: StreamsClient, callArguments: CallArguments) => Promise<void>,
  ): Promise<void> {
    try {
      await OpenClient.makeCall(this.#client, name, (stub) => {
        this.#lastStub = stub;
        const [metadata, options] = OpenClient.callArguments(this.#client, 0);
        return start(stub, [metadata, { ...options, deadline: Number.POSITIVE_INFINITY }]);
      });
    } catch (error) {
      throw connectionFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#client.dispose();
    // The client never closes its channel, whose sockets would keep the process alive.
    this.#lastStub?.close();
  }
}
