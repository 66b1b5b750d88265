import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { isRecordBoundary, type LogPosition } from './log-reading.ts';
import type { Node } from './node.ts';
import { invalidPosition } from './rpc-errors.ts';

export type ReadOptions = InstanceType<typeof streams.ReadReq.Options>;

/** Writes one message, waiting while the client is slow; false once the client has gone. */
export type Send = (response: ReadResp) => Promise<boolean>;

export function requestedRevision(options: ReadOptions): bigint | 'start' | 'end' {
  const stream = options.getStream();
  if (stream?.hasStart()) return 'start';
  return stream?.hasEnd() ? 'end' : BigInt(stream?.getRevision() ?? 0);
}

export function requestedPosition(node: Node, options: ReadOptions): LogPosition | 'start' | 'end' {
  const all = options.getAll();
  if (all?.hasStart()) return 'start';
  if (all?.hasEnd()) return 'end';
  const position = all?.getPosition();
  const [commit, prepare] = [BigInt(position?.getCommitPosition() ?? 0), BigInt(position?.getPreparePosition() ?? 0)];
  if (commit < prepare || !isRecordBoundary(node.log, commit)) throw invalidPosition();
  return { commit, prepare };
}
