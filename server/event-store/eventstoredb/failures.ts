import { status, type Metadata } from '@grpc/grpc-js';
import { StoreUnavailable } from '../event-store.ts';

/** Codes after which nobody knows whether the call was carried out, and the same call may be made again. */
const UNKNOWN_OUTCOME: ReadonlySet<status> = new Set([
  status.CANCELLED,
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

/** A call that did not succeed, as the server or the channel reports it. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly code: status;
  /** What EventStoreDB says it is (`exception` in its metadata), empty for others. */
  readonly exception: string;
  /** The stream's last revision, where the failure is about it; `-1n`: none. */
  readonly actualRevision: bigint | undefined;

  constructor(code: status, details: string, metadata?: Metadata, options?: ErrorOptions) {
    super(details, options);
    this.code = code;
    this.exception = textOf(metadata, 'exception');
    const actual = textOf(metadata, 'actual-version');
    this.actualRevision = /^-?\d+$/.test(actual) ? BigInt(actual) : undefined;
  }

  /** Trying again may help. */
  get isTransient(): boolean {
    return UNKNOWN_OUTCOME.has(this.code) || this.exception === 'not-leader';
  }
}

const textOf = (metadata: Metadata | undefined, key: string): string => String(metadata?.get(key)[0] ?? '');

type ServiceError = Error & { readonly code: status; readonly details?: string; readonly metadata?: Metadata };

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && typeof error.code === 'number';

/** Whatever a call can throw as one kind of error; our own mistakes stay what they are. */
export function connectionFailure(error: unknown): unknown {
  if (error instanceof CallFailure || error instanceof TypeError || error instanceof RangeError) return error;
  if (isServiceError(error)) {
    return new CallFailure(error.code, error.details ?? error.message, error.metadata, { cause: error });
  }
  // No node found, or the channel was closed under the call.
  const details = error instanceof Error ? error.message : String(error);
  return new CallFailure(status.UNAVAILABLE, details, undefined, { cause: error });
}

export const isTransient = (error: unknown): error is CallFailure => error instanceof CallFailure && error.isTransient;

/** What the port promises for a failure that is not about a stream: the store cannot be used as it is. */
export function asUnavailable(error: unknown, doing: string): unknown {
  if (!(error instanceof CallFailure)) return error;
  if (error.isTransient)
    return new StoreUnavailable(`EventStoreDB could not ${doing}: ${error.message}`, { cause: error });
  if (error.code === status.PERMISSION_DENIED || error.code === status.UNAUTHENTICATED) {
    const message = `EventStoreDB refused to ${doing}; check user and password in the connection string.`;
    return new StoreUnavailable(message, { cause: error });
  }
  return new Error(`EventStoreDB refused to ${doing}: ${error.message}`, { cause: error });
}
