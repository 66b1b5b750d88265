import { getTRPCErrorShape, type AnyTRPCRouter } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { asApiError, errorHeaders } from './errors.ts';
import { readBody } from './request-input.ts';
import type { OnError } from './rest.ts';
import { answerQueries } from './trpc-queries.ts';
import type { Context } from './trpc.ts';

/** More calls than this in one request are refused: a page needs a few, and each holds its answer in memory. */
const BATCH_LIMIT = 20;

/**
 * tRPC over HTTP at `/trpc`: batches, and subscriptions as server-sent events.
 * @param closing ends the subscriptions, which would hold a server open for as long as a page is
 */
export function createTrpcHandler(router: AnyTRPCRouter, onError: OnError, closing?: AbortSignal) {
  /** The error as tRPC's clients read it, for what fails before tRPC itself is at work. */
  const refuse = (thrown: unknown): Response => {
    const error = asApiError(thrown);
    onError(thrown, 'trpc');
    const shape: unknown = getTRPCErrorShape({
      config: router._def._config,
      error,
      type: 'unknown',
      path: undefined,
      input: undefined,
      ctx: undefined,
    });
    return Response.json({ error: shape }, { status: getHTTPStatusCodeFromError(error) });
  };

  return async (request: Request, context: Context): Promise<Response> => {
    const queried = await answerQueries(router, request, context, { batchLimit: BATCH_LIMIT, onError });
    if (queried) return queried;
    let accepted: Request;
    try {
      accepted = await accept(request, closing);
    } catch (thrown) {
      return refuse(thrown);
    }
    return fetchRequestHandler({
      endpoint: '/trpc',
      req: accepted,
      router,
      maxBatchSize: BATCH_LIMIT,
      createContext: () => context,
      onError: ({ error, path }) => onError(error, path ?? 'trpc'),
      responseMeta: ({ errors }) => ({ headers: errorHeaders(errors) }),
    });
  };
}

/** The request as tRPC gets it: its body measured, its stream bound to the server's life. @throws {TRPCError} 413 */
async function accept(request: Request, closing: AbortSignal | undefined): Promise<Request> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const { url, method, headers, signal } = request;
    return new Request(url, { method, headers, signal, body: await readBody(request) });
  }
  if (closing && request.headers.get('accept')?.includes('text/event-stream')) {
    return new Request(request, { signal: AbortSignal.any([request.signal, closing]) });
  }
  return request;
}
