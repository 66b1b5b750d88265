import { initTRPC, TRPCError, type TRPCDefaultErrorShape } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { z } from 'zod';
import { judge, type Permission } from '../identity/permissions.ts';
import type { Caller } from '../identity/caller.ts';
import { asApiError, issuesOf, messageOf, type Issue } from './errors.ts';
import type { Services } from './services.ts';

/** What every procedure gets. */
export type Context = {
  readonly services: Services;
  /** Names the request in the answer (`X-Request-Id`) and in the log. */
  readonly requestId: string;
  readonly caller: Caller;
  /** Sets a cookie at the caller's browser (a whole `Set-Cookie` value); absent where there is none, as for a command. */
  readonly setCookie?: (cookie: string) => void;
  /** Aborts when the caller leaves or the server shuts down. */
  readonly signal?: AbortSignal;
};

export type RestMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Where a procedure stands in the REST API. A procedure without it is tRPC only. */
export type RestPlace = {
  readonly method: RestMethod;
  /** `/api/attendance/stats/{date}`: a parameter in braces is the input's field of that name. */
  readonly path: string;
  readonly status?: 200 | 201;
  /** Fields that travel in the query although the method has a body. */
  readonly query?: readonly string[];
  readonly summary: string;
  readonly tags: readonly string[];
  /** Statuses it answers with besides those that follow from its shape (400, 401, 500, 503). */
  readonly errors?: readonly (403 | 404 | 409 | 413 | 429)[];
};

export type Meta = {
  readonly description: string;
  readonly rest?: RestPlace;
  /** Who may call it; the builders below set it, and a procedure without it is not served. */
  readonly permission?: Permission;
};

/** Proxies and browsers drop a silent connection; a client hears at least this often that the server is there. */
const PING_MS = 15_000;

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    sse: {
      ping: { enabled: true, intervalMs: PING_MS },
      client: { reconnectAfterInactivityMs: 3 * PING_MS },
    },
    errorFormatter: ({ error, shape }) => errorShape(asApiError(error), shape),
  });

function errorShape(error: TRPCError, shape: TRPCDefaultErrorShape) {
  const issues: Issue[] | undefined = issuesOf(error);
  return {
    ...shape,
    message: messageOf(error, issues),
    code: TRPC_ERROR_CODES_BY_KEY[error.code],
    data: { ...shape.data, code: error.code, httpStatus: getHTTPStatusCodeFromError(error), issues },
  };
}

export const router = t.router;

/** A procedure for callers with a permission. The check stands before `.input`: 401 and 403 come before 400. */
const procedureFor = (permission: Permission) =>
  t.procedure.meta({ description: '', permission }).use(({ ctx, next }) => {
    const verdict = judge(permission, ctx.caller);
    if (verdict === 'granted') return next();
    if (verdict === 'unauthorized')
      throw new TRPCError({ code: 'UNAUTHORIZED', message: MISSING[permission] ?? MISSING_CREDENTIALS });
    throw new TRPCError({ code: 'FORBIDDEN', message: REFUSED[permission] ?? 'You may not do this.' });
  });

const MISSING_CREDENTIALS = 'Sign in, or send a key as Bearer authorization.';
const MISSING: Partial<Record<Permission, string>> = {
  operator: 'This needs the operator token as Bearer authorization.',
};
const REFUSED: Partial<Record<Permission, string>> = {
  read: 'You may not read this: your account waits to be let in, or the key lacks the scope "read".',
  account: 'This is for people in person, not for keys.',
  person: 'This is for members in person, not for keys.',
  admin: 'This is for admins; a key needs the scope "admin".',
  operator: 'This is for the operator of this server.',
};

/** Anybody who reaches the server may call it. */
export const openProcedure = procedureFor('anyone');
/** Whoever shows credentials, be they still waiting to be let in. */
export const signedInProcedure = procedureFor('signed-in');
/** Somebody in person, about themselves: also who waits, never a key. */
export const accountProcedure = procedureFor('account');
/** Members, and keys that may read. */
export const readProcedure = procedureFor('read');
/** Members in person: what a key must not do. */
export const personProcedure = procedureFor('person');
export const adminProcedure = procedureFor('admin');
/** Only the operator: the command line of this machine. */
export const operatorProcedure = procedureFor('operator');

/**
 * The output of a procedure, `.output(answers(schema))`: documented by the schema, and nothing but what the schema names leaves the
 * server. A value is looked at once: the very same object gives the very same answer again, so what is served from a cache
 * must never be changed in place.
 */
export function answers<Schema extends z.ZodType>(schema: Schema): Answers<Schema> {
  const seen = new WeakMap<object, z.output<Schema>>();
  return {
    answer: schema,
    parse: (value) => {
      if (typeof value !== 'object' || value === null) return schema.parse(value);
      const known = seen.get(value);
      if (known !== undefined) return known;
      const answer = schema.parse(value);
      seen.set(value, answer);
      return answer;
    },
  };
}

export type Answers<Schema extends z.ZodType = z.ZodType> = {
  readonly answer: Schema;
  readonly parse: (value: unknown) => z.output<Schema>;
};
