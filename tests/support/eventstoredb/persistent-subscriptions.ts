import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import type { IPersistentSubscriptionsServer } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/persistent_pb.js';
import type { handleUnaryCall, ServerDuplexStream } from '@grpc/grpc-js';
import { refusal } from './faults.ts';
import type { Node } from './node.ts';
import type { Consumer } from './persistent-consumers.ts';
import type { PersistentGroup } from './persistent-group.ts';
import { subscriptionInfo } from './persistent-info.ts';
import { groupSettings, groupSource, requestedSource } from './persistent-settings.ts';
import { asRpcError, groupIsFull, invalidArgument } from './rpc-errors.ts';
import { empty, persistentEvent, streamName } from './wire.ts';

/** Answers what `handle` returns, or the error it throws. */
const unary =
  <Request, Response>(handle: (request: Request) => Response): handleUnaryCall<Request, Response> =>
  (call, callback) => {
    try {
      callback(null, handle(call.request));
    } catch (error) {
      callback(asRpcError(error));
    }
  };

function required<Options>(options: Options | undefined): Options {
  if (options === undefined) throw invalidArgument('The request needs its options.');
  return options;
}

type OfSource = { hasAll(): boolean; getStreamIdentifier(): Parameters<typeof streamName>[0] };

const sourceOf = (options: OfSource): string => (options.hasAll() ? '$all' : streamName(options.getStreamIdentifier()));

export function persistentSubscriptions(node: Node): IPersistentSubscriptionsServer {
  const { groups, log } = node;
  return {
    create: unary((request: InstanceType<typeof persistent.CreateReq>) => {
      const options = required(request.getOptions());
      const settings = groupSettings(options, requestedSource(options));
      groups.create(options.getGroupName(), groupSource(log, options), settings);
      return new persistent.CreateResp();
    }),
    update: unary((request: InstanceType<typeof persistent.UpdateReq>) => {
      const options = required(request.getOptions());
      const settings = groupSettings(options, requestedSource(options));
      groups.update(options.getGroupName(), groupSource(log, options), settings);
      return new persistent.UpdateResp();
    }),
    delete: unary((request: InstanceType<typeof persistent.DeleteReq>) => {
      const options = required(request.getOptions());
      groups.delete(sourceOf(options), options.getGroupName());
      return new persistent.DeleteResp();
    }),
    getInfo: unary((request: InstanceType<typeof persistent.GetInfoReq>) => {
      const options = required(request.getOptions());
      const response = new persistent.GetInfoResp();
      response.setSubscriptionInfo(subscriptionInfo(groups.get(sourceOf(options), options.getGroupName())));
      return response;
    }),
    list: unary((request: InstanceType<typeof persistent.ListReq>) => {
      const stream = request.getOptions()?.getListForStream();
      const source = stream && (stream.hasAll() ? '$all' : streamName(stream.getStream()));
      const response = new persistent.ListResp();
      response.setSubscriptionsList(groups.list(source).map(subscriptionInfo));
      return response;
    }),
    replayParked: unary((request: InstanceType<typeof persistent.ReplayParkedReq>) => {
      const options = required(request.getOptions());
      const stopAt = options.hasStopAt() ? BigInt(options.getStopAt()) : undefined;
      groups.get(sourceOf(options), options.getGroupName()).replayParked(stopAt);
      return new persistent.ReplayParkedResp();
    }),
    restartSubsystem: unary(() => empty()),
    read: (call) => new Connection(node, call),
  };
}

const ACTIONS = ['retry', 'park', 'retry', 'skip', 'stop'] as const;

/** One client's connection to a group: options first, then answers to the messages it is given. */
class Connection {
  readonly #node: Node;
  readonly #call: ServerDuplexStream<ReadReq, ReadResp>;
  #joined: { readonly group: PersistentGroup; readonly consumer: Consumer } | undefined;

  constructor(node: Node, call: ServerDuplexStream<ReadReq, ReadResp>) {
    this.#node = node;
    this.#call = call;
    call.on('data', (request: ReadReq) => this.#take(request));
    call.on('end', () => {
      this.#leave();
      call.end();
    });
    for (const event of ['cancelled', 'close', 'error']) call.on(event, () => this.#leave());
  }

  #take(request: ReadReq): void {
    try {
      const options = request.getOptions();
      if (options !== undefined) return this.#join(options);
      const group = this.#joined?.group;
      const [ack, nack] = [request.getAck(), request.getNack()];
      // Answered before the next message is looked at: what it frees is handed out at once.
      if (ack) group?.ack(ack.getIdsList().map((id) => id.getString()));
      const action = ACTIONS[nack?.getAction() ?? 0] ?? 'skip';
      if (nack)
        group?.nack(
          action,
          nack.getIdsList().map((id) => id.getString()),
          nack.getReason(),
        );
    } catch (error) {
      this.#call.emit('error', asRpcError(error));
    }
  }

  #join(options: InstanceType<typeof persistent.ReadReq.Options>): void {
    const refused = refusal(this.#node.faults.choose('persistentRead'));
    if (refused !== undefined) throw refused;
    const source = sourceOf(options);
    const group = this.#node.groups.get(source, options.getGroupName());
    if (group.isFull) throw groupIsFull(source, group.name);
    const consumer: Consumer = {
      connectionName: String(this.#call.metadata.get('connection-name')[0] ?? '<unknown>'),
      bufferSize: options.getBufferSize(),
      held: new Set(),
      total: 0,
      deliver: (message) => void this.#call.write(persistentEvent(message, message.retryCount)),
      drop: (reason) => void this.#call.emit('error', reason),
    };
    const confirmation = new persistent.ReadResp.SubscriptionConfirmation();
    confirmation.setSubscriptionId(`${source}::${group.name}`);
    const response = new persistent.ReadResp();
    response.setSubscriptionConfirmation(confirmation);
    this.#call.write(response);
    this.#joined = { group, consumer };
    group.join(consumer);
  }

  #leave(): void {
    this.#joined?.group.leave(this.#joined.consumer);
    this.#joined = undefined;
  }
}
