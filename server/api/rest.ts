import { callTRPCProcedure, TRPCError, type AnyTRPCRouter } from '@trpc/server';
import { errorAnswer, errorHeaders } from './errors.ts';
import { operationsOf, type Operation } from './operations.ts';
import { queryReaders, readInput, type QueryReaders } from './request-input.ts';
import { Routes } from './routes.ts';
import type { Context } from './trpc.ts';
import { SerialisedAnswer } from './serialised-answer.ts';

export type RestCall = { readonly request: Request; readonly url: URL; readonly context: Context };

/** Told of everything thrown, also of what the caller gets to see masked. */
export type OnError = (thrown: unknown, procedure: string) => void;

const JSON_TYPE = 'application/json; charset=utf-8';
/** Answers may be kept, but are asked about again each time: an ETag makes that cheap. */
const REVALIDATE = 'private, no-cache';

/**
 * The REST API of a router: each procedure that names a place in its meta, with its own schemas and errors.
 * @throws {TypeError} when a procedure's place cannot be served as declared
 */
export function createRest(router: AnyTRPCRouter, onError: OnError) {
  const operations = operationsOf(router);
  const routes = new Routes(operations);
  const readers = new Map<Operation, QueryReaders>(operations.map((one) => [one, queryReaders(one)]));

  async function call(
    operation: Operation,
    parameters: ReadonlyMap<string, string>,
    { request, url, context }: RestCall,
  ) {
    try {
      const data: unknown = await callTRPCProcedure({
        router,
        path: operation.procedure,
        type: operation.type,
        ctx: context,
        getRawInput: () => readInput(request, url, operation, parameters, readers.get(operation) ?? new Map()),
        signal: request.signal,
        batchIndex: 0,
      });
      return answer(request, operation, data);
    } catch (thrown) {
      onError(thrown, operation.procedure);
      return errorResponse(thrown);
    }
  }

  return {
    operations,
    /** Whether an operation stands at a path, for any method. */
    knows: (path: string): boolean => routes.has(path),
    /** The answer to a request, or null when the REST API knows nothing of its path. */
    handle(restCall: RestCall): Promise<Response> | Response | null {
      const { request, url } = restCall;
      try {
        const match = routes.find(request.method, url.pathname);
        if (!match) return null;
        if ('allow' in match) return methodNotAllowed(request.method, match.allow);
        return call(match.operation, match.parameters, restCall);
      } catch (cause) {
        if (!(cause instanceof URIError)) throw cause;
        const message = `The path ${url.pathname} holds a malformed percent escape.`;
        return errorResponse(new TRPCError({ code: 'BAD_REQUEST', message, cause }));
      }
    },
  };
}

function answer(request: Request, { place, type }: Operation, data: unknown): Response {
  const answered = SerialisedAnswer.of(data);
  const { json } = answered;
  const headers: Record<string, string> = { 'content-type': JSON_TYPE, 'cache-control': 'no-store' };
  if (type === 'query') {
    headers['cache-control'] = REVALIDATE;
    headers['etag'] = answered.etag;
    if (matches(request.headers.get('if-none-match'), answered.etag))
      return new Response(null, { status: 304, headers });
  }
  if (request.method === 'HEAD') headers['content-length'] = String(json.byteLength);
  return new Response(request.method === 'HEAD' ? null : json, { status: place.status ?? 200, headers });
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
const matches = (wanted: string | null, etag: string) =>
  wanted !== null && wanted.split(',').some((one) => [etag, '*'].includes(one.trim().replace(/^W\//, '')));

/** An error in the shape of the REST contract. */
export function errorResponse(thrown: unknown, headers: Record<string, string> = {}): Response {
  const { status, body } = errorAnswer(thrown);
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-store', ...errorHeaders([thrown]), ...headers },
  });
}

/** 405 names the methods there are (RFC 9110, 15.5.6). */
export function methodNotAllowed(method: string, allow: readonly string[]): Response {
  const message = `${method} is not answered here; ${allow.join(', ')} are.`;
  return errorResponse(new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message }), { allow: allow.join(', ') });
}
