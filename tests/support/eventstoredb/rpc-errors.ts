import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { Expected } from './log.ts';

/**
 * The errors of EventStoreDB's gRPC services: a status, and metadata of which `exception` says what it is.
 * Source: RpcExceptions.cs and Constants.cs of version 24.6.
 */
export class RpcError extends Error implements StatusObject {
  override readonly name = 'RpcError';
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  constructor(code: status, details: string, metadata: Record<string, string> = {}) {
    super(details);
    this.code = code;
    this.details = details;
    this.metadata = new Metadata();
    // A name may hold any character, a header only printable ASCII.
    for (const [key, value] of Object.entries(metadata)) {
      this.metadata.set(key, /^[ -~]*$/.test(value) ? value : encodeURIComponent(value));
    }
  }
}

export const unavailable = () => new RpcError(status.UNAVAILABLE, 'Server Is Not Ready');

export const invalidArgument = (details: string) => new RpcError(status.INVALID_ARGUMENT, details);

export const invalidPosition = () => invalidArgument('Trying to read from an invalid position.');

export const streamDeleted = (stream: string) =>
  new RpcError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const accessDenied = () =>
  new RpcError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const expectedNumber = (expected: Expected): bigint =>
  expected === 'any' ? -2n : expected === 'no_stream' ? -1n : expected === 'stream_exists' ? -4n : expected;

export const wrongExpectedVersion = (stream: string, expected: Expected, actual: bigint) =>
  new RpcError(status.FAILED_PRECONDITION, `Delete failed due to WrongExpectedVersion. Stream: ${stream}`, {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(expectedNumber(expected)),
    'actual-version': String(actual),
  });

export const maxAppendSizeExceeded = (bytes: number) =>
  new RpcError(status.INVALID_ARGUMENT, `Maximum Append Size of ${bytes} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(bytes),
  });

export const requiredMetadataMissing = (property: string) =>
  new RpcError(status.INVALID_ARGUMENT, `Required Metadata Property '${property}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

const ofGroup = (code: status, exception: string, details: string, stream: string, group: string) =>
  new RpcError(code, details, { exception, 'stream-name': stream, 'group-name': group });

export const groupNotFound = (stream: string, group: string) =>
  ofGroup(
    status.NOT_FOUND,
    'persistent-subscription-does-not-exist',
    `Subscription group ${group} on stream ${stream} does not exist.`,
    stream,
    group,
  );

export const groupExists = (stream: string, group: string) =>
  ofGroup(
    status.ALREADY_EXISTS,
    'persistent-subscription-exists',
    `Subscription group ${group} on stream ${stream} exists.`,
    stream,
    group,
  );

export const groupDropped = (stream: string, group: string) =>
  ofGroup(
    status.CANCELLED,
    'persistent-subscription-dropped',
    `Subscription group ${group} on stream ${stream} was dropped.`,
    stream,
    group,
  );

export const groupIsFull = (stream: string, group: string) =>
  ofGroup(
    status.FAILED_PRECONDITION,
    'maximum-subscribers-reached',
    `Maximum subscriptions reached for subscription group ${group} on stream ${stream}.`,
    stream,
    group,
  );

export const groupFailed = (stream: string, group: string, reason: string) =>
  new RpcError(status.INTERNAL, `Subscription group ${group} on stream ${stream} failed: '${reason}'`, {
    exception: 'persistent-subscription-failed',
    'stream-name': stream,
    'group-name': group,
    reason,
  });

/** What a handler threw, as a status: its own error as it is, a broken request (a bad pattern, say) as Unknown. */
export const asRpcError = (error: unknown): RpcError =>
  error instanceof RpcError
    ? error
    : new RpcError(status.UNKNOWN, `Exception was thrown by handler. ${error instanceof Error ? error.message : ''}`);
