import { TRPCError, type AnyTRPCRouter } from '@trpc/server';
import { Hono } from 'hono';
import type { Caller } from '../identity/caller.ts';
import type { Log } from '../log.ts';
import { createDocs } from './docs.ts';
import { asApiError } from './errors.ts';
import { routedBy, serveRoutes, type HttpRoute } from './http-route.ts';
import { openApiDocument } from './openapi.ts';
import { permissionsOf } from './operations.ts';
import { createRest, errorResponse, methodNotAllowed, type OnError } from './rest.ts';
import type { Services } from './services.ts';
import { createTrpcHandler } from './trpc-handler.ts';
import type { Context } from './trpc.ts';

/** What comes with a request besides itself. */
export type ApiBindings = {
  readonly requestId: string;
  readonly caller: Caller;
  readonly setCookie?: (cookie: string) => void;
};
export type ApiEnv = { Bindings: ApiBindings };

export type ApiOptions = {
  readonly router: AnyTRPCRouter;
  readonly services: Services;
  readonly log: Log;
  readonly routes?: readonly HttpRoute[];
  /** Tells this run of the server from whatever else may listen at its address; `/health` shows it. */
  readonly instance?: string;
  /** Ends streams when the server shuts down. */
  readonly closing?: AbortSignal;
};

export type Api = {
  readonly fetch: (request: Request, bindings: ApiBindings) => Response | Promise<Response>;
  /** Whether a path is one of the API's, not one of the dashboard's. */
  readonly handles: (path: string) => boolean;
};

const OWN = ['/api', '/trpc', '/webhooks', '/health', '/metrics', '/openapi.json', '/docs', '/redoc'];

/**
 * The API as an app of web requests.
 * @throws {TypeError} naming a procedure that does not say who may call it, or cannot be served where it says
 */
export function createApi({ router, services, log, routes = [], instance, closing }: ApiOptions): Api {
  permissionsOf(router);
  const onError: OnError = (thrown, procedure) => {
    if (asApiError(thrown).code === 'INTERNAL_SERVER_ERROR')
      log.error({ err: thrown, procedure }, 'A procedure failed');
    else if (asApiError(thrown).code === 'SERVICE_UNAVAILABLE') log.warn({ err: thrown, procedure }, 'Not available');
  };
  const rest = createRest(router, onError);
  const trpc = createTrpcHandler(router, onError, closing);
  const docs = createDocs(openApiDocument(rest.operations, { version: services.version, routes }));
  const contextOf = (request: Request, { requestId, caller, setCookie }: ApiBindings): Context => ({
    services,
    requestId,
    caller,
    ...(setCookie && { setCookie }),
    signal: request.signal,
  });

  const api = new Hono<ApiEnv>();
  api.get('/health', () => health(services, instance));
  api.all('/health', ({ req }) => methodNotAllowed(req.method, ['GET', 'HEAD']));
  api.all('/trpc/*', ({ req, env }) => trpc(req.raw, contextOf(req.raw, env)));
  api.route('/', serveRoutes(routes));
  api.route('/', docs);
  api.all('*', async ({ req, env }) => {
    const restCall = { request: req.raw, url: new URL(req.url), context: contextOf(req.raw, env) };
    return (await rest.handle(restCall)) ?? notFound(req.path);
  });
  api.onError((thrown) => {
    onError(thrown, 'http');
    return errorResponse(thrown);
  });
  const isRouted = routedBy(routes);
  const handles = (path: string) =>
    OWN.some((own) => path === own || path.startsWith(`${own}/`)) || rest.knows(path) || isRouted(path);
  return { fetch: (request, bindings) => api.fetch(request, bindings), handles };
}

const notFound = (path: string) =>
  errorResponse(
    new TRPCError({ code: 'NOT_FOUND', message: `There is nothing at ${path}. /docs shows what there is.` }),
  );

/** A store that does not even refuse counts as away after this long. */
const HEALTH_TIMEOUT_MS = 2_000;

async function health(services: Services, instance: string | undefined): Promise<Response> {
  const timeout = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
  try {
    await Promise.race([services.health(), rejection(timeout)]);
  } catch (cause) {
    const message = 'The event store does not answer.';
    const away = errorResponse(new TRPCError({ code: 'SERVICE_UNAVAILABLE', message, cause }));
    return Response.json({ ...((await away.json()) as object), instance }, away);
  }
  const { version, startedAt } = services;
  const body = { status: 'ok', timestamp: new Date(services.now()).toISOString(), version, startedAt, instance };
  return Response.json(body, { headers: { 'cache-control': 'no-store' } });
}

const rejection = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
