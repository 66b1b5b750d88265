import { TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { z } from 'zod';
import { AccessRefused } from '../../domain/access.ts';
import { ExcuseBudgetSpent } from '../../domain/attendance.ts';
import { ChallengeRefused } from '../../domain/challenge.ts';
import { KeyRefused } from '../../domain/api-key.ts';
import {
  AppendTooLarge,
  StoreUnavailable,
  StreamDeleted,
  StreamNotFound,
  WrongExpectedRevision,
} from '../event-store/event-store.ts';
import { GitHubRefused, GitHubUnavailable, TokenRevoked } from '../identity/github-faults.ts';
import { VaultRefused } from '../vault/master-key.ts';
import { VaultUnavailable } from '../vault/vault-file.ts';
import { MemberIsErased } from '../vault/vault.ts';
import { RebuildFailed, UnknownReadModel } from '../read-models/rebuild.ts';
import { ReadModelUnavailable } from '../read-models/read-model.ts';
import { ReadModelsBehind } from '../read-models/waiting.ts';
import { ACCESS_REFUSALS } from './access-refusals.ts';

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
const SEEN_LATER = 'What is shown is being built afresh; try again in a moment.';

type Told = readonly [TRPC_ERROR_CODE_KEY, string];
type Known<Thrown extends Error = Error> = {
  readonly is: (thrown: unknown) => boolean;
  readonly tell: (error: Thrown) => Told | TRPCError;
};
const known = <Thrown extends Error>(
  kind: abstract new (...parts: never[]) => Thrown,
  tell: (error: Thrown) => Told | TRPCError,
) => ({ is: (thrown: unknown) => thrown instanceof kind, tell }) as Known;

/** What the outside is told of errors that are no surprise; the first that fits. Their own words where nothing in them is a secret. */
const KNOWN: readonly Known[] = [
  known(VaultUnavailable, () => [
    'SERVICE_UNAVAILABLE',
    'What people write cannot be sealed right now; try again in a moment.',
  ]),
  known(StoreUnavailable, () => [
    'SERVICE_UNAVAILABLE',
    'The event store is not available right now. Nothing was written; try again in a moment.',
  ]),
  known(ReadModelUnavailable, () => ['SERVICE_UNAVAILABLE', SEEN_LATER]),
  known(ReadModelsBehind, () => ['SERVICE_UNAVAILABLE', SEEN_LATER]),
  known(GitHubUnavailable, () => ['SERVICE_UNAVAILABLE', 'GitHub does not answer right now; try again in a moment.']),
  known(GitHubRefused, ({ message }) => ['BAD_GATEWAY', message]),
  known(TokenRevoked, ({ message }) => ['CONFLICT', message]),
  known(WrongExpectedRevision, () => ['CONFLICT', 'This was changed by somebody else; try again.']),
  known(StreamNotFound, () => ['NOT_FOUND', 'What was asked for does not exist.']),
  known(StreamDeleted, () => ['NOT_FOUND', 'What was asked for does not exist.']),
  known(AppendTooLarge, () => ['PAYLOAD_TOO_LARGE', 'This is too large to be recorded as one event.']),
  known(AccessRefused, ({ reason, message }) => [ACCESS_REFUSALS[reason], message]),
  known(ChallengeRefused, ({ reason, message }) => [reason === 'unknown' ? 'NOT_FOUND' : 'CONFLICT', message]),
  known(ExcuseBudgetSpent, ({ message }) => ['CONFLICT', message]),
  known(MemberIsErased, () => ['NOT_FOUND', 'They were erased: nothing can be kept of them any more.']),
  known(KeyRefused, ({ reason, message }) => fieldError(KEY_FIELDS[reason], message)),
  // Only operators can ask for these: they are told what it was.
  known(UnknownReadModel, ({ message }) => fieldError('names', message)),
  known(RebuildFailed, ({ message }) => ['INTERNAL_SERVER_ERROR', message]),
  known(VaultRefused, ({ message }) => ['PRECONDITION_FAILED', message]),
];

/** Fields of the form that makes a key. */
const KEY_FIELDS: Record<KeyRefused['reason'], string> = {
  'no-name': 'name',
  'no-scope': 'scopes',
  'scope-not-held': 'scopes',
  expiry: 'days',
};

/**
 * What the outside may know of anything thrown. The only place where errors of the house become API errors.
 * Messages of the unexpected stay inside; the original is kept as the cause, for the log.
 */
export function asApiError(thrown: unknown): TRPCError {
  if (thrown instanceof TRPCError && thrown.code !== 'INTERNAL_SERVER_ERROR') return thrown;
  const cause = thrown instanceof TRPCError ? (thrown.cause ?? thrown) : thrown;
  if (cause instanceof TRPCError && cause !== thrown) return asApiError(cause);
  const told = KNOWN.find(({ is }) => is(cause))?.tell(cause as Error) ?? (['INTERNAL_SERVER_ERROR', MASKED] as const);
  if (told instanceof TRPCError) return told;
  const [code, message] = told;
  return new TRPCError({ code, message, cause });
}

/** Seconds, where nobody knows when it is over. */
const A_MOMENT_S = 5;

/** What an answer with these errors says in its headers: how to come in, and when to ask again (RFC 9110, 11.6.1 and 10.2.3). */
export function errorHeaders(thrown: readonly unknown[]): Record<string, string> {
  const errors = thrown.map(asApiError);
  const away = errors.filter(({ code }) => code === 'SERVICE_UNAVAILABLE').map(retryAfterOf);
  return {
    ...(errors.some(({ code }) => code === 'UNAUTHORIZED') && { 'www-authenticate': 'Bearer' }),
    ...(away.length > 0 && { 'retry-after': String(Math.max(...away)) }),
  };
}

const retryAfterOf = ({ cause }: TRPCError): number =>
  (cause instanceof GitHubUnavailable ? cause.retryAfter : null) ?? A_MOMENT_S;

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
