import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { DeleteReq, DeleteResp, TombstoneReq, TombstoneResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { handleUnaryCall } from '@grpc/grpc-js';
import { commitPosition } from './append.ts';
import { refusal } from './faults.ts';
import type { Expected, WriteOutcome } from './log.ts';
import type { Node } from './node.ts';
import { asRpcError, invalidArgument, streamDeleted, unavailable, wrongExpectedVersion } from './rpc-errors.ts';
import { empty, expectedOf, streamName } from './wire.ts';

type DeletionOptions =
  InstanceType<typeof streams.DeleteReq.Options> | InstanceType<typeof streams.TombstoneReq.Options>;

/** `Streams.Delete`: soft deletion; appending again continues the revisions. */
export const softDelete =
  (node: Node): handleUnaryCall<DeleteReq, DeleteResp> =>
  (call, callback) => {
    const effect = node.faults.choose('delete');
    const refused = refusal(effect);
    if (refused !== undefined) return callback(refused);
    try {
      const position = deletion(call.request.getOptions(), (stream, expected) => node.log.delete(stream, expected));
      const response = new streams.DeleteResp();
      if (position === undefined) response.setNoPosition(empty());
      else response.setPosition(commitPosition(new streams.DeleteResp.Position(), position));
      node.faults.answer(
        effect,
        () => callback(null, response),
        () => callback(unavailable()),
      );
    } catch (error) {
      callback(asRpcError(error));
    }
  };

/** `Streams.Tombstone`: the name can never be used again. */
export const tombstone =
  (node: Node): handleUnaryCall<TombstoneReq, TombstoneResp> =>
  (call, callback) => {
    try {
      const position = deletion(call.request.getOptions(), (stream, expected) => node.log.tombstone(stream, expected));
      const response = new streams.TombstoneResp();
      if (position === undefined) response.setNoPosition(empty());
      else response.setPosition(commitPosition(new streams.TombstoneResp.Position(), position));
      callback(null, response);
    } catch (error) {
      callback(asRpcError(error));
    }
  };

function deletion(
  options: DeletionOptions | undefined,
  write: (stream: string, expected: Expected) => WriteOutcome,
): bigint | undefined {
  if (options === undefined) throw invalidArgument('A deletion needs its options.');
  const stream = streamName(options.getStreamIdentifier());
  const expected = expectedOf(options, options.getRevision());
  const outcome = write(stream, expected);
  if (outcome.kind === 'stream deleted') throw streamDeleted(stream);
  if (outcome.kind === 'wrong expected revision') throw wrongExpectedVersion(stream, expected, outcome.current);
  return outcome.position;
}
