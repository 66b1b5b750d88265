import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { EventFilter, EventToAppend, ExpectedRevision, JsonObject, RecordedEvent } from '../event-store.ts';

/** A place in the log as EventStoreDB has it. Of an event both are the same; of a page's end `prepare` is 0. */
export type LogPlace = { readonly commit: bigint; readonly prepare: bigint };

export type Direction = 'forwards' | 'backwards';

/** The beginning as a number: "from the start" itself makes 24.6 send checkpoints of 2^64 - 1 when nothing matches. */
export const START: LogPlace = { commit: 0n, prepare: 0n };

/** Events the server looks at in one go while it searches for matching ones; also the distance of checkpoints. */
const SEARCH_WINDOW = 500;
const TICKS_PER_MILLISECOND = 10_000n;

export const placeAt = (position: bigint): LogPlace => ({ commit: position, prepare: position });

const empty = () => new shared.Empty();

export function streamIdentifier(stream: string) {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream, 'utf8'));
  return identifier;
}

type ExpectationMessage = {
  setAny(value: InstanceType<typeof shared.Empty>): unknown;
  setNoStream(value: InstanceType<typeof shared.Empty>): unknown;
  setStreamExists(value: InstanceType<typeof shared.Empty>): unknown;
  setRevision(value: string): unknown;
};

export function expect<Message extends ExpectationMessage>(message: Message, expected: ExpectedRevision): Message {
  if (expected === 'any') message.setAny(empty());
  else if (expected === 'no_stream') message.setNoStream(empty());
  else if (expected === 'stream_exists') message.setStreamExists(empty());
  else message.setRevision(String(expected));
  return message;
}

/** The message that begins an append. */
export function appendHeader(stream: string, expected: ExpectedRevision): AppendReq {
  const options = expect(new streams.AppendReq.Options(), expected);
  options.setStreamIdentifier(streamIdentifier(stream));
  const request = new streams.AppendReq();
  request.setOptions(options);
  return request;
}

/** An event ready to be sent, and the bytes of its JSON. */
export function proposedEvent(event: EventToAppend): { readonly request: AppendReq; readonly bytes: number } {
  const data = Buffer.from(JSON.stringify(event.data), 'utf8');
  const metadata = Buffer.from(JSON.stringify(event.metadata), 'utf8');
  const message = new streams.AppendReq.ProposedMessage();
  const id = new shared.UUID();
  id.setString(event.id);
  message.setId(id);
  message.getMetadataMap().set('type', event.type);
  message.getMetadataMap().set('content-type', 'application/json');
  message.setData(data);
  message.setCustomMetadata(metadata);
  const request = new streams.AppendReq();
  request.setProposedMessage(message);
  return { request, bytes: data.length + metadata.length };
}

function readRequest(direction: Direction): {
  readonly request: ReadReq;
  readonly options: InstanceType<typeof streams.ReadReq.Options>;
} {
  const options = new streams.ReadReq.Options();
  const uuidOption = new streams.ReadReq.Options.UUIDOption();
  uuidOption.setString(empty());
  options.setUuidOption(uuidOption);
  options.setReadDirection(direction === 'forwards' ? 0 : 1);
  const request = new streams.ReadReq();
  request.setOptions(options);
  return { request, options };
}

export function streamRequest(stream: string, direction: Direction, from: bigint | undefined, count: number): ReadReq {
  const { request, options } = readRequest(direction);
  const streamOptions = new streams.ReadReq.Options.StreamOptions();
  streamOptions.setStreamIdentifier(streamIdentifier(stream));
  if (from !== undefined) streamOptions.setRevision(String(from));
  else if (direction === 'forwards') streamOptions.setStart(empty());
  else streamOptions.setEnd(empty());
  options.setStream(streamOptions);
  options.setCount(String(count));
  options.setNoFilter(empty());
  return request;
}

/** Everything from a place on (inclusive forwards, exclusive backwards); without a place from the respective end. */
export function allRequest(
  direction: Direction,
  from: LogPlace | undefined,
  count: number,
  filter?: EventFilter,
): ReadReq {
  const { request, options } = readRequest(direction);
  options.setAll(allOptions(from ?? (direction === 'forwards' ? START : undefined)));
  options.setCount(String(count));
  options.setFilter(filterOptions(filter));
  return request;
}

export function subscriptionRequest(after: LogPlace, filter?: EventFilter): ReadReq {
  const { request, options } = readRequest('forwards');
  options.setAll(allOptions(after));
  options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
  options.setFilter(filterOptions(filter));
  return request;
}

function allOptions(place: LogPlace | undefined) {
  const all = new streams.ReadReq.Options.AllOptions();
  if (place === undefined) {
    all.setEnd(empty());
    return all;
  }
  const position = new streams.ReadReq.Options.Position();
  position.setCommitPosition(String(place.commit));
  position.setPreparePosition(String(place.prepare));
  all.setPosition(position);
  return all;
}

function filterOptions(filter: EventFilter | undefined) {
  const { FilterOptions } = streams.ReadReq.Options;
  const [options, expression] = [new FilterOptions(), new FilterOptions.Expression()];
  options.setMax(SEARCH_WINDOW);
  options.setCheckpointintervalmultiplier(1);
  if (filter !== undefined && 'streamPrefixes' in filter) {
    expression.setPrefixList([...filter.streamPrefixes]);
    options.setStreamIdentifier(expression);
    return options;
  }
  if (filter === undefined) expression.setRegex('^[^$]');
  else expression.setPrefixList([...filter.typePrefixes]);
  options.setEventType(expression);
  return options;
}

/**
 * Whether an event is for the reader. The server filters too, but by one criterion only, so system events can slip
 * through, and compares prefixes by the rules of a language rather than by characters.
 */
export function isWanted({ stream, type }: RecordedEvent, filter: EventFilter | undefined): boolean {
  if (stream.startsWith('$') || type.startsWith('$')) return false;
  if (filter === undefined) return true;
  return 'streamPrefixes' in filter
    ? filter.streamPrefixes.some((prefix) => stream.startsWith(prefix))
    : filter.typePrefixes.some((prefix) => type.startsWith(prefix));
}

export function recordedEvent(response: ReadResp): RecordedEvent | undefined {
  // An event that is a link is taken as it stands, so there is always one.
  const event = response.getEvent()?.getEvent();
  if (event === undefined) return undefined;
  const metadata = event.getMetadataMap();
  const isJson = metadata.get('content-type') === 'application/json';
  return {
    id: event.getId()?.getString() ?? '',
    type: metadata.get('type') ?? '',
    stream: Buffer.from(event.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8'),
    revision: BigInt(event.getStreamRevision()),
    position: BigInt(event.getCommitPosition()),
    recordedAt: Number(BigInt(metadata.get('created') ?? 0) / TICKS_PER_MILLISECOND),
    data: jsonObject(event.getData_asU8(), isJson),
    metadata: jsonObject(event.getCustomMetadata_asU8(), true),
  };
}

/**
 * What other programs wrote need not be a JSON object: a reader gets `{ $value }` for other JSON and
 * `{ $base64 }` for what is none, rather than an error that would stop it for good.
 */
function jsonObject(bytes: Uint8Array, isJson: boolean): JsonObject {
  if (bytes.length === 0) return {};
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!isJson) return { $base64: buffer.toString('base64') };
  try {
    const value: unknown = JSON.parse(buffer.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : { $value: value };
  } catch (error) {
    if (error instanceof SyntaxError) return { $base64: buffer.toString('base64') };
    throw error;
  }
}
