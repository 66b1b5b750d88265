import { getRequestListener } from '@hono/node-server';
import { TRPCError, type AnyTRPCRouter } from '@trpc/server';
import { Hono } from 'hono';
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createDocs } from './api/docs.ts';
import { asApiError } from './api/errors.ts';
import { openApiDocument } from './api/openapi.ts';
import { createRest, errorResponse, methodNotAllowed, type OnError } from './api/rest.ts';
import { createTrpcHandler } from './api/trpc-handler.ts';
import type { Services } from './api/services.ts';
import type { Context } from './api/trpc.ts';
import type { Log } from './log.ts';
import { factsOf, refusal } from './request-guard.ts';

/** The dashboard's handler, as adapter-node builds it. It finds the API in `req.almanac`, without a way over the network. */
export type WebHandler = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

export type AppOptions = {
  readonly router: AnyTRPCRouter;
  readonly services: Services;
  readonly log: Log;
  /** Bound to this machine's own addresses only. */
  readonly loopback: boolean;
  /** Without it only the API is served. */
  readonly web?: WebHandler;
  /** Whoever shows it as Bearer may call operator procedures; without it nobody may. */
  readonly operatorToken?: string;
  /** Tells this run of the server from whatever else may listen at its address; `/health` shows it. */
  readonly instance?: string;
  /** Ends streams when the server shuts down. */
  readonly closing?: AbortSignal;
};

export type App = {
  /** Answers a request of this very process, such as a page being rendered. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Answers a request from the network: `http.createServer(app.listener)`. */
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void;
};

type Env = { Bindings: { requestId: string } };

/** All that is served on the one port, in the order in which a request meets it. */
export function createApp(options: AppOptions): App {
  const { log, web, loopback } = options;
  const { api, handles } = createApi(options);
  const fetch: App['fetch'] = async (request) => api.fetch(request, { requestId: randomUUID() });
  const apiListener = getRequestListener(
    (request, { outgoing }) => api.fetch(request, { requestId: String(outgoing.getHeader('X-Request-Id')) }),
    { errorHandler: (thrown) => unreadable(thrown, log) },
  );

  function listener(request: IncomingMessage, response: ServerResponse): void {
    const requestId = identify(request, response);
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    logAccess(log, request, response, { requestId, path });
    const isApi = handles(path);
    secure(response, isApi);
    if (!METHODS.has(request.method ?? ''))
      return refuse(response, 405, 'METHOD_NOT_SUPPORTED', 'There is no such method here.');
    const facts = factsOf(request, isApi && !DOCUMENTS.has(path));
    const refused = refusal(facts, { local: loopback, publicUrl: null });
    if (refused !== null) return refuse(response, 403, 'FORBIDDEN', refused);
    if (isApi || !web) return void apiListener(request, response);
    serveWeb(web, fetch, log, request, response);
  }
  return { fetch, listener };
}

/** The API as an app of web requests and responses, and which paths are its own. */
function createApi({ router, services, log, operatorToken, instance, closing }: AppOptions) {
  const onError: OnError = (thrown, procedure) => {
    if (asApiError(thrown).code === 'INTERNAL_SERVER_ERROR')
      log.error({ err: thrown, procedure }, 'A procedure failed');
    else if (asApiError(thrown).code === 'SERVICE_UNAVAILABLE') log.warn({ err: thrown, procedure }, 'Not available');
  };
  const rest = createRest(router, onError);
  const trpc = createTrpcHandler(router, onError, closing);
  const docs = createDocs(openApiDocument(rest.operations, { version: services.version }));
  const isOperator = tokenCheck(operatorToken);
  const contextOf = (request: Request, requestId: string): Context => ({
    services,
    requestId,
    operator: isOperator(request.headers.get('authorization')),
    signal: request.signal,
  });

  const api = new Hono<Env>();
  api.get('/health', () => health(services, instance));
  api.all('/health', ({ req }) => methodNotAllowed(req.method, ['GET', 'HEAD']));
  api.all('/trpc/*', ({ req, env }) => trpc(req.raw, contextOf(req.raw, env.requestId)));
  api.route('/', docs);
  api.all('*', async ({ req, env }) => {
    const restCall = { request: req.raw, url: new URL(req.url), context: contextOf(req.raw, env.requestId) };
    return (await rest.handle(restCall)) ?? notFound(req.path);
  });
  api.onError((thrown) => {
    onError(thrown, 'http');
    return errorResponse(thrown);
  });
  const OWN = ['/api', '/trpc', '/health', '/openapi.json', '/docs', '/redoc'];
  const handles = (path: string) => OWN.some((own) => path === own || path.startsWith(`${own}/`)) || rest.knows(path);
  return { api, handles };
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

/** Compared as hashes, so that neither time nor length tells anything about the token. */
function tokenCheck(token: string | undefined): (authorization: string | null) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = token ? digest(token) : null;
  return (authorization) => {
    const shown = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return wanted !== null && shown !== undefined && timingSafeEqual(digest(shown), wanted);
  };
}

/** A request id given by a proxy is kept when it is one; anything else in that header could be meant to confuse a log. */
function identify(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && /^[\w.:-]{8,64}$/.test(given) ? given : randomUUID();
  response.setHeader('X-Request-Id', id);
  return id;
}

const LOOKING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** One line a request, when it has ended. Never the query: what people look for is theirs. */
function logAccess(
  log: Log,
  { method }: IncomingMessage,
  response: ServerResponse,
  { requestId, path }: { requestId: string; path: string },
): void {
  const started = performance.now();
  response.once('close', () => {
    const { statusCode: status, writableFinished } = response;
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const request = { id: requestId, method, path: path.slice(0, 200), status, ms };
    const line = { request: writableFinished ? request : { ...request, aborted: true } };
    if (status >= 500) log.warn(line, 'Request failed');
    // What is only looked at is nobody's news.
    else if (status < 400 && LOOKING.has(method ?? '')) log.debug(line, 'Request');
    else log.info(line, 'Request');
  });
}

/** Pages of the dashboard and of the documentation bring a content policy of their own. */
function secure(response: ServerResponse, isApi: boolean): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'strict-origin-when-cross-origin');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  if (!isApi) return;
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  response.setHeader('Cache-Control', 'no-store');
}

/** Shown to people, though the API serves them. */
const DOCUMENTS = new Set(['/docs', '/redoc']);

/** Others (TRACE, CONNECT) are no request by the Fetch standard, which the API and the pages are written for. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function refuse(response: ServerResponse, status: 403 | 405, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' });
  response.end(JSON.stringify({ error: { code, message } }));
}

/** What is no request at all: an URL or host that cannot be read. */
function unreadable(thrown: unknown, log: Log): Response {
  log.debug({ err: thrown }, 'A request could not be read');
  const message = 'The request could not be read: its URL or Host header is malformed.';
  return errorResponse(new TRPCError({ code: 'BAD_REQUEST', message, cause: thrown }));
}

function serveWeb(
  web: WebHandler,
  fetch: App['fetch'],
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // The dashboard refuses forms of a protocol other than its own, and takes https for granted where nobody says.
  request.headers['x-forwarded-proto'] ??= 'http';
  web(Object.assign(request, { almanac: { fetch } }), response, (error) => {
    if (error !== undefined) log.error({ err: error }, 'The dashboard failed');
    if (response.headersSent) return void response.destroy();
    response.writeHead(error === undefined ? 404 : 500, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(error === undefined ? 'There is no such page.' : 'Something went wrong.');
  });
}
