import shared from '@eventstore/db-client/generated/shared_pb.js';
import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected, LogEvent, ProposedEvent } from './log.ts';
import { originalEvent, type ResolvedEvent } from './log-reading.ts';
import { requiredMetadataMissing, RpcError } from './rpc-errors.ts';
import { status } from '@grpc/grpc-js';

const TICKS_PER_MILLISECOND = 10_000n;

export const empty = () => new shared.Empty();

export function streamIdentifier(name: string): InstanceType<typeof shared.StreamIdentifier> {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name, 'utf8'));
  return identifier;
}

export const streamName = (identifier: InstanceType<typeof shared.StreamIdentifier> | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

/** Only the string form: it is the one the client speaks. */
export function uuid(id: string): InstanceType<typeof shared.UUID> {
  const value = new shared.UUID();
  value.setString(id);
  return value;
}

type RecordedEventMessage = {
  setId(value: InstanceType<typeof shared.UUID>): unknown;
  setStreamIdentifier(value: InstanceType<typeof shared.StreamIdentifier>): unknown;
  setStreamRevision(value: string): unknown;
  setCommitPosition(value: string): unknown;
  setPreparePosition(value: string): unknown;
  getMetadataMap(): { set(key: string, value: string): unknown };
  setData(value: Uint8Array): unknown;
  setCustomMetadata(value: Uint8Array): unknown;
};

/** The two services have the same message in classes of their own. */
function recorded<Message extends RecordedEventMessage>(message: Message, event: LogEvent): Message {
  message.setId(uuid(event.id));
  message.setStreamIdentifier(streamIdentifier(event.stream));
  message.setStreamRevision(String(event.revision));
  message.setCommitPosition(String(event.position));
  message.setPreparePosition(String(event.position));
  message.setData(event.data);
  message.setCustomMetadata(event.metadata);
  const metadata = message.getMetadataMap();
  metadata.set('type', event.type);
  metadata.set('created', String(BigInt(event.created) * TICKS_PER_MILLISECOND));
  metadata.set('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  return message;
}

export function readEvent(resolved: ResolvedEvent): InstanceType<typeof streams.ReadResp> {
  const { ReadEvent } = streams.ReadResp;
  const message = new ReadEvent();
  if (resolved.event) message.setEvent(recorded(new ReadEvent.RecordedEvent(), resolved.event));
  if (resolved.link) message.setLink(recorded(new ReadEvent.RecordedEvent(), resolved.link));
  message.setCommitPosition(String(originalEvent(resolved).position));
  const response = new streams.ReadResp();
  response.setEvent(message);
  return response;
}

export function persistentEvent(resolved: ResolvedEvent, retryCount: number): InstanceType<typeof persistent.ReadResp> {
  const { ReadEvent } = persistent.ReadResp;
  const message = new ReadEvent();
  if (resolved.event) message.setEvent(recorded(new ReadEvent.RecordedEvent(), resolved.event));
  if (resolved.link) message.setLink(recorded(new ReadEvent.RecordedEvent(), resolved.link));
  message.setCommitPosition(String(originalEvent(resolved).position));
  message.setRetryCount(retryCount);
  const response = new persistent.ReadResp();
  response.setEvent(message);
  return response;
}

type ProposedMessage = {
  getId(): InstanceType<typeof shared.UUID> | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
};

/** @throws {RpcError} without a type, a content type or an id */
export function proposedEvent(message: ProposedMessage): ProposedEvent {
  const [type, contentType] = ['type', 'content-type'].map((key) => message.getMetadataMap().get(key));
  if (type === undefined) throw requiredMetadataMissing('type');
  if (contentType === undefined) throw requiredMetadataMissing('content-type');
  const id = message.getId()?.getString().toLowerCase() ?? '';
  if (id === '') throw new RpcError(status.UNKNOWN, 'Empty eventId provided.');
  if (type === '') throw new RpcError(status.UNKNOWN, 'Empty eventType provided.');
  const isJson = contentType === 'application/json';
  return { id, type, isJson, data: message.getData_asU8(), metadata: message.getCustomMetadata_asU8() };
}

/** Bytes counted against the largest append: data alone, as version 24.6 (mistakenly) does. */
export const sizeOf = (event: ProposedEvent): number => event.data.length;

type ExpectedOptions = {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
};

export const expectedOf = (options: ExpectedOptions, revision: string): Expected =>
  options.hasAny()
    ? 'any'
    : options.hasNoStream()
      ? 'no_stream'
      : options.hasStreamExists()
        ? 'stream_exists'
        : BigInt.asIntN(64, BigInt(revision));
