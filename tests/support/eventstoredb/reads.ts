import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { subscribeToAll, subscribeToStream } from './catch-up.ts';
import { refusal, type Effect } from './faults.ts';
import { requestedFilter } from './filters.ts';
import { allEvents, resolve, streamEvents, type Direction } from './log-reading.ts';
import type { Node } from './node.ts';
import { requestedPosition, requestedRevision, type ReadOptions, type Send } from './read-request.ts';
import { asRpcError, invalidArgument, streamDeleted, unavailable } from './rpc-errors.ts';
import { readEvent, streamIdentifier, streamName } from './wire.ts';

/** `Streams.Read`: a stream or everything, once or as a subscription. */
export const read =
  (node: Node): handleServerStreamingCall<ReadReq, ReadResp> =>
  (call) => {
    const effect = node.faults.choose(call.request.getOptions()?.hasSubscription() ? 'subscribe' : 'read');
    const refused = refusal(effect);
    if (refused !== undefined) return void call.emit('error', refused);
    const start = () =>
      void serve(node, call, effect)
        .then(() => call.end())
        .catch((error: unknown) => call.emit('error', asRpcError(error)));
    node.faults.answer(effect, start, () => void call.emit('error', unavailable()));
  };

async function serve(node: Node, call: ServerWritableStream<ReadReq, ReadResp>, effect: Effect): Promise<void> {
  const options = call.request.getOptions();
  if (options === undefined) throw invalidArgument('A read needs its options.');
  if (!options.hasUuidOption()) throw invalidArgument('`uuidOption` is a required argument.');
  const gone = new AbortController();
  call.on('cancelled', () => gone.abort());
  call.on('close', () => gone.abort());
  const send = sender(call, gone.signal, effect);
  const subscription = options.hasSubscription();
  if (options.hasStream()) await (subscription ? subscribeToStream : readStream)(node, options, send, gone.signal);
  else if (options.hasAll()) await (subscription ? subscribeToAll : readAll)(node, options, send, gone.signal);
  else throw invalidArgument('A read is of a stream or of all.');
}

function sender(call: ServerWritableStream<ReadReq, ReadResp>, gone: AbortSignal, effect: Effect): Send {
  const failAfter = typeof effect === 'object' && 'failAfterMessages' in effect ? effect.failAfterMessages : Infinity;
  const pauseMs = typeof effect === 'object' && 'pauseMs' in effect ? effect.pauseMs : 0;
  let sent = 0;
  return async (response) => {
    if (gone.aborted) return false;
    if (sent === failAfter) throw unavailable();
    sent += 1;
    if (pauseMs > 0) await delay(pauseMs);
    if (!call.write(response)) await once(call, 'drain', { signal: gone }).catch(() => undefined);
    return !gone.aborted;
  };
}

const directionOf = (options: ReadOptions): Direction =>
  options.getReadDirection() === streams.ReadReq.Options.ReadDirection.FORWARDS ? 'forwards' : 'backwards';

async function readStream(node: Node, options: ReadOptions, send: Send): Promise<void> {
  const stream = streamName(options.getStream()?.getStreamIdentifier());
  const events = streamEvents(node.log, stream, requestedRevision(options), directionOf(options));
  if (events === 'deleted') throw streamDeleted(stream);
  if (events === 'not found') {
    const missing = new streams.ReadResp.StreamNotFound();
    missing.setStreamIdentifier(streamIdentifier(stream));
    const response = new streams.ReadResp();
    response.setStreamNotFound(missing);
    await send(response);
    return;
  }
  let left = BigInt(options.getCount());
  for (const event of events) {
    if (left === 0n) return;
    left -= 1n;
    if (!(await send(readEvent(resolve(node.log, event, options.getResolveLinks()))))) return;
  }
}

async function readAll(node: Node, options: ReadOptions, send: Send): Promise<void> {
  const filter = requestedFilter(options.getFilter());
  let left = BigInt(options.getCount());
  for (const event of allEvents(node.log, requestedPosition(node, options), directionOf(options))) {
    if (left === 0n) return;
    if (!filter(event)) continue;
    left -= 1n;
    if (!(await send(readEvent(resolve(node.log, event, options.getResolveLinks()))))) return;
  }
}
