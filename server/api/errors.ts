import { TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { z } from 'zod';
import {
  AppendTooLarge,
  StoreUnavailable,
  StreamDeleted,
  StreamNotFound,
  WrongExpectedRevision,
} from '../event-store/event-store.ts';
import { RebuildFailed, UnknownReadModel } from '../read-models/rebuild.ts';
import { ReadModelUnavailable } from '../read-models/read-model.ts';
import { ReadModelsBehind } from '../read-models/waiting.ts';

/** One thing wrong with the input: `path` is the field, dotted (`users.0.name`), empty for the input as a whole. */
export type Issue = { path: string; message: string };

/** The error body of every API: REST answers with it under `error`, tRPC carries the same issues in `data`. */
export type ErrorBody = { error: { code: TRPC_ERROR_CODE_KEY; message: string; issues?: Issue[] } };

/** Carries the field of a fault that a schema cannot find (an unknown member, a date outside the season). */
class FieldFault extends Error {
  override readonly name = 'FieldFault';
  readonly issues: Issue[];
  constructor(path: string, message: string) {
    super(message);
    this.issues = [{ path, message }];
  }
}

/** The error a procedure throws when one field of its input is at fault: 400 by default, 404 for what does not exist. */
export function fieldError(path: string, message: string, code: TRPC_ERROR_CODE_KEY = 'BAD_REQUEST'): TRPCError {
  return new TRPCError({ code, message, cause: new FieldFault(path, message) });
}

const MASKED = 'Something went wrong on our side. The request id in X-Request-Id leads to it in the log.';
const AWAY = 'The event store is not available right now. Nothing was written; try again in a moment.';

/**
 * What the outside may know of anything thrown. The only place where errors of the store become API errors.
 * Messages of the unexpected stay inside; the original is kept as the cause, for the log.
 */
export function asApiError(thrown: unknown): TRPCError {
  if (thrown instanceof TRPCError && thrown.code !== 'INTERNAL_SERVER_ERROR') return thrown;
  const cause = thrown instanceof TRPCError ? (thrown.cause ?? thrown) : thrown;
  const as = (code: TRPC_ERROR_CODE_KEY, message: string) => new TRPCError({ code, message, cause });
  if (cause instanceof TRPCError && cause !== thrown) return asApiError(cause);
  if (cause instanceof StoreUnavailable) return as('SERVICE_UNAVAILABLE', AWAY);
  if (cause instanceof ReadModelUnavailable || cause instanceof ReadModelsBehind)
    return as('SERVICE_UNAVAILABLE', 'What is shown is being built afresh; try again in a moment.');
  if (cause instanceof WrongExpectedRevision) return as('CONFLICT', 'This was changed by somebody else; try again.');
  if (cause instanceof StreamNotFound || cause instanceof StreamDeleted) {
    return as('NOT_FOUND', 'What was asked for does not exist.');
  }
  // Only operators can ask for these: they are told what it was.
  if (cause instanceof UnknownReadModel) return fieldError('names', cause.message);
  if (cause instanceof RebuildFailed) return as('INTERNAL_SERVER_ERROR', cause.message);
  if (cause instanceof AppendTooLarge) return as('PAYLOAD_TOO_LARGE', 'This is too large to be recorded as one event.');
  return as('INTERNAL_SERVER_ERROR', MASKED);
}

/** Nobody reads more, and a body of unknown fields alone would come back larger than it was sent. */
const MOST_ISSUES = 50;

/** The faults of the input as fields, when that is what went wrong. */
export function issuesOf(error: TRPCError): Issue[] | undefined {
  if (error.cause instanceof FieldFault) return error.cause.issues;
  // A ZodError elsewhere (reading our own rows) is our fault, not the input's.
  if (error.code !== 'BAD_REQUEST' || !(error.cause instanceof z.core.$ZodError)) return undefined;
  return error.cause.issues.flatMap(issuesOfZod).slice(0, MOST_ISSUES);
}

/** Names the unknown field itself: zod reports the object that holds it. */
function issuesOfZod(issue: z.core.$ZodIssue): Issue[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'Unknown field' }));
}

/** One sentence for people: the first faults with their fields, where zod's message would be a JSON text. */
export function messageOf(error: TRPCError, issues: readonly Issue[] | undefined): string {
  if (!issues || error.cause instanceof FieldFault) return error.message;
  const named = issues.slice(0, 3).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const more = issues.length > 3 ? ` (and ${issues.length - 3} more)` : '';
  return named.join('; ') + more;
}

/** Status and body of an error by the REST contract. */
export function errorAnswer(thrown: unknown): { status: number; body: ErrorBody } {
  const error = asApiError(thrown);
  const issues = issuesOf(error);
  const body = { code: error.code, message: messageOf(error, issues), ...(issues ? { issues } : {}) };
  return { status: getHTTPStatusCodeFromError(error), body: { error: body } };
}
