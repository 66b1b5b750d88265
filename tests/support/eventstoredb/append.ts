import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { status, type handleClientStreamingCall, type ServerReadableStream } from '@grpc/grpc-js';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { refusal } from './faults.ts';
import type { Expected, ProposedEvent, WriteOutcome } from './log.ts';
import type { Node } from './node.ts';
import {
  asRpcError,
  invalidArgument,
  maxAppendSizeExceeded,
  RpcError,
  streamDeleted,
  unavailable,
} from './rpc-errors.ts';
import { empty, expectedOf, proposedEvent, sizeOf, streamName } from './wire.ts';

/** EventStoreDB's default `MaxAppendSize`. */
export const MAX_APPEND_SIZE = 1_048_576;

/** `Streams.Append`: one append a call, its options first, then its events. */
export const append =
  (node: Node): handleClientStreamingCall<AppendReq, AppendResp> =>
  (call, callback) => {
    const effect = node.faults.choose('append');
    const refused = refusal(effect);
    if (refused !== undefined) return callback(refused);
    void collect(call)
      .then(({ stream, expected, events }) => {
        const outcome = node.log.append(stream, events, expected);
        if (outcome.kind === 'stream deleted') throw streamDeleted(stream);
        const answer = outcome.kind === 'written' ? success(outcome) : wrongExpected(expected, outcome.current);
        node.faults.answer(
          effect,
          () => callback(null, answer),
          () => callback(unavailable()),
        );
      })
      .catch((error: unknown) => callback(asRpcError(error)));
  };

async function collect(call: ServerReadableStream<AppendReq, AppendResp>) {
  let options: InstanceType<typeof streams.AppendReq.Options> | undefined;
  const events: ProposedEvent[] = [];
  let size = 0;
  for await (const request of call as AsyncIterable<AppendReq>) {
    options ??= request.getOptions();
    const message = request.getProposedMessage();
    if (message === undefined) continue;
    const event = proposedEvent(message);
    size += sizeOf(event);
    if (size > MAX_APPEND_SIZE) throw maxAppendSizeExceeded(MAX_APPEND_SIZE);
    events.push(event);
  }
  // A request that breaks off looks complete at first and is called off a turn or two of the loop later.
  for (let turn = 0; turn < 4; turn += 1) await nextTurn();
  if (call.cancelled) throw new RpcError(status.CANCELLED, 'The client called the append off.');
  if (options === undefined) throw invalidArgument('An append begins with its options.');
  const stream = streamName(options.getStreamIdentifier());
  return { stream, expected: expectedOf(options, options.getRevision()), events };
}

function success({ revision, position }: Extract<WriteOutcome, { kind: 'written' }>): AppendResp {
  const message = new streams.AppendResp.Success();
  if (revision < 0n) message.setNoStream(empty());
  else message.setCurrentRevision(String(revision));
  if (position === undefined) message.setNoPosition(empty());
  else message.setPosition(commitPosition(new streams.AppendResp.Position(), position));
  const response = new streams.AppendResp();
  response.setSuccess(message);
  return response;
}

type PositionMessage = { setCommitPosition(value: string): unknown; setPreparePosition(value: string): unknown };

export function commitPosition<Message extends PositionMessage>(message: Message, position: bigint): Message {
  message.setCommitPosition(String(position));
  message.setPreparePosition(String(position));
  return message;
}

function wrongExpected(expected: Expected, current: bigint): AppendResp {
  const message = new streams.AppendResp.WrongExpectedVersion();
  if (expected === 'any') message.setExpectedAny(empty());
  else if (expected === 'no_stream') message.setExpectedNoStream(empty());
  else if (expected === 'stream_exists') message.setExpectedStreamExists(empty());
  else message.setExpectedRevision(String(expected));
  if (current < 0n) message.setCurrentNoStream(empty());
  else message.setCurrentRevision(String(current));
  const response = new streams.AppendResp();
  response.setWrongExpectedVersion(message);
  return response;
}
