import shared from '@eventstore/db-client/generated/shared_pb.js';
import code from '@eventstore/db-client/generated/code_pb.js';
import rpcStatus from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Code } from '@eventstore/db-client/generated/code_pb.js';
import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import { commitPosition, MAX_APPEND_SIZE } from './append.ts';
import type { Effect } from './faults.ts';
import type { Expected, ProposedEvent, WriteOutcome } from './log.ts';
import type { Node } from './node.ts';
import { asRpcError, unavailable } from './rpc-errors.ts';
import { empty, expectedOf, proposedEvent, sizeOf, streamIdentifier, streamName, uuid } from './wire.ts';

type PendingAppend = {
  readonly id: string;
  readonly stream: string;
  readonly expected: Expected;
  readonly events: ProposedEvent[];
  readonly effect: Effect;
  size: number;
};

type Serializable = { serializeBinary(): Uint8Array };

/** `Streams.BatchAppend`: many appends in one call, each in one or more messages, told apart by correlation id. */
export const batchAppend =
  (node: Node): handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> =>
  (call) => {
    const pending = new Map<string, PendingAppend>();
    const answer = (append: PendingAppend, response: BatchAppendResp) => {
      response.setCorrelationId(uuid(append.id));
      response.setStreamIdentifier(streamIdentifier(append.stream));
      node.faults.answer(
        append.effect,
        () => void call.write(response),
        () => void call.emit('error', unavailable()),
      );
    };
    call.on('data', (request: BatchAppendReq) => {
      const append = opened(node, pending, request);
      if (append === undefined) return;
      if (append.effect === 'unavailable') return void call.emit('error', unavailable());
      const response = taken(node, append, request);
      if (response === undefined) return;
      pending.delete(append.id);
      answer(append, response);
    });
    call.on('end', () => call.end());
    // A client that goes away leaves its unfinished appends unwritten.
    call.on('error', () => pending.clear());
  };

function opened(node: Node, pending: Map<string, PendingAppend>, request: BatchAppendReq): PendingAppend | undefined {
  const id = request.getCorrelationId()?.getString() ?? '';
  const options = request.getOptions();
  if (options === undefined) return pending.get(id);
  return pending.getOrInsertComputed(id, () => ({
    id,
    stream: streamName(options.getStreamIdentifier()),
    expected: expectedOf(options, options.getStreamPosition()),
    events: [],
    effect: node.faults.choose('batchAppend'),
    size: 0,
  }));
}

/** Adds what a message brings; answers when the append is whole or cannot be. */
function taken(node: Node, append: PendingAppend, request: BatchAppendReq): BatchAppendResp | undefined {
  // The status of one append, unlike the end of the whole call.
  if (append.effect === 'access denied') {
    return refused('AccessDenied', code.Code.PERMISSION_DENIED, new shared.AccessDenied());
  }
  try {
    for (const message of request.getProposedMessagesList()) {
      const event = proposedEvent(message);
      append.events.push(event);
      append.size += sizeOf(event);
    }
  } catch (error) {
    const detail = new shared.BadRequest();
    detail.setMessage(asRpcError(error).details);
    return refused('BadRequest', code.Code.INVALID_ARGUMENT, detail);
  }
  if (append.size > MAX_APPEND_SIZE) {
    const detail = new shared.MaximumAppendSizeExceeded();
    detail.setMaxappendsize(MAX_APPEND_SIZE);
    return refused('MaximumAppendSizeExceeded', code.Code.INVALID_ARGUMENT, detail);
  }
  if (!request.getIsFinal()) return undefined;
  return response(append, node.log.append(append.stream, append.events, append.expected));
}

function response(append: PendingAppend, outcome: WriteOutcome): BatchAppendResp {
  if (outcome.kind === 'written') return success(outcome);
  if (outcome.kind === 'stream deleted') {
    const detail = new shared.StreamDeleted();
    detail.setStreamIdentifier(streamIdentifier(append.stream));
    return refused('StreamDeleted', code.Code.NOT_FOUND, detail);
  }
  return refused('WrongExpectedVersion', code.Code.ALREADY_EXISTS, wrongExpected(append.expected, outcome.current));
}

function success({ revision, position }: Extract<WriteOutcome, { kind: 'written' }>): BatchAppendResp {
  const message = new streams.BatchAppendResp.Success();
  if (revision < 0n) message.setNoStream(empty());
  else message.setCurrentRevision(String(revision));
  if (position === undefined) message.setNoPosition(empty());
  else message.setPosition(commitPosition(new shared.AllStreamPosition(), position));
  const answer = new streams.BatchAppendResp();
  answer.setSuccess(message);
  return answer;
}

/** The detail travels packed under its full name, by which the client knows it. */
function refused(name: string, number: Code, detail: Serializable): BatchAppendResp {
  const packed = new any.Any();
  packed.pack(detail.serializeBinary(), `event_store.client.${name}`);
  const error = new rpcStatus.Status();
  error.setDetails(packed);
  error.setCode(number);
  error.setMessage(name);
  const answer = new streams.BatchAppendResp();
  answer.setError(error);
  return answer;
}

function wrongExpected(expected: Expected, current: bigint): Serializable {
  const detail = new shared.WrongExpectedVersion();
  if (expected === 'any') detail.setExpectedAny(empty());
  else if (expected === 'no_stream') detail.setExpectedNoStream(empty());
  else if (expected === 'stream_exists') detail.setExpectedStreamExists(empty());
  else detail.setExpectedStreamPosition(String(expected));
  if (current < 0n) detail.setCurrentNoStream(empty());
  else detail.setCurrentStreamRevision(String(current));
  return detail;
}
