import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import persistentService from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { setTimeout as delay } from 'node:timers/promises';
import { append } from './append.ts';
import { batchAppend } from './batch-append.ts';
import { softDelete, tombstone } from './delete.ts';
import { Faults } from './faults.ts';
import { clusterGossip, serverFeatures } from './features.ts';
import { EventLog } from './log.ts';
import type { Node } from './node.ts';
import { PersistentGroups } from './persistent-groups.ts';
import { persistentSubscriptions } from './persistent-subscriptions.ts';
import { read } from './reads.ts';

/** Largest record of a real log, which bounds what may be sent at once. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const REBIND_ATTEMPTS = 50;

const streams = (node: Node): IStreamsServer => ({
  append: append(node),
  batchAppend: batchAppend(node),
  delete: softDelete(node),
  read: read(node),
  tombstone: tombstone(node),
});

/**
 * A server that speaks EventStoreDB's gRPC protocol over one log in memory, without TLS, on 127.0.0.1: Streams,
 * PersistentSubscriptions, ServerFeatures, Gossip. Credentials are ignored; everyone may do everything.
 */
export class ProtocolServer implements AsyncDisposable {
  readonly log = new EventLog();
  readonly faults: Faults = new Faults(() => this.dropConnections());
  readonly #groups = new PersistentGroups(this.log);
  #server: Server | undefined;
  #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  /** Port 0 takes any free one. */
  static async start({ port = 0 }: { readonly port?: number } = {}): Promise<ProtocolServer> {
    const server = new ProtocolServer(port);
    await server.listen();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`;
  }

  /** Listens, after `stop` on the same port again; log and subscription groups are as they were. */
  async listen(): Promise<void> {
    const node: Node = { log: this.log, groups: this.#groups, faults: this.faults };
    const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
    server.addService(streamsService.StreamsService, streams(node));
    server.addService(persistentService.PersistentSubscriptionsService, persistentSubscriptions(node));
    server.addService(featuresService.ServerFeaturesService, serverFeatures);
    server.addService(
      gossipService.GossipService,
      clusterGossip(() => this.#port),
    );
    this.#port = await bind(server, this.#port);
    this.#server = server;
  }

  /** Breaks every connection, stops listening and forgets what only memory held, as a killed process does. */
  stop(): void {
    this.log.forgetIds();
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  async restart(): Promise<void> {
    this.stop();
    await this.listen();
  }

  /** Breaks every connection; new ones are welcome. */
  dropConnections(): void {
    this.#server?.drain(`127.0.0.1:${this.#port}`, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    this.#groups.close();
    await Promise.resolve();
  }
}

/** The port of a listener that was just shut down may take a moment to be free. */
async function bind(server: Server, port: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await new Promise<number>((resolve, reject) => {
        server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
          error === null ? resolve(bound) : reject(error),
        );
      });
    } catch (error) {
      if (port === 0 || attempt === REBIND_ATTEMPTS) throw error;
      await delay(20);
    }
  }
}
