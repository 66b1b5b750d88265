import { getRequestListener } from '@hono/node-server';
import { TRPCError } from '@trpc/server';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { identify, logAccess } from './access-log.ts';
import { createApi, type Api, type ApiBindings, type ApiOptions } from './api/api.ts';
import { asApiError } from './api/errors.ts';
import { errorResponse } from './api/rest.ts';
import { enter, type DoorOptions } from './door.ts';
import { refusalPage, wantsPage } from './edge/refusal-page.ts';
import { secure } from './edge/security-headers.ts';
import type { Log } from './log.ts';

/** The dashboard's handler, as adapter-node builds it. It finds the API in `req.almanac`, without a way over the network. */
export type WebHandler = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

export type AppOptions = ApiOptions &
  DoorOptions & {
    /** Without it only the API is served. */
    readonly web?: WebHandler;
  };

export type App = {
  /** Answers a request of this very process, such as a command's: who asks is what its headers show. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Answers a request from the network: `http.createServer(app.listener)`. */
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void;
};

/** All that is served on the one port, in the order in which a request meets it. */
export function createApp(options: AppOptions): App {
  const { log, web, protection } = options;
  const api = createApi(options);
  const https = protection.publicUrl?.startsWith('https:') ?? false;
  const answers = new WeakMap<IncomingMessage, (request: Request) => Response | Promise<Response>>();
  /** Hands a request of the network to what answers it as a web request. */
  const respond = getRequestListener(
    (request, { incoming }) => answers.get(incoming as IncomingMessage)?.(request) ?? errorResponse(null),
    { errorHandler: (thrown) => unreadable(thrown, log) },
  );
  const respondBy = (request: IncomingMessage, response: ServerResponse, answer: (asked: Request) => Answer) => {
    answers.set(request, answer);
    void respond(request, response);
  };

  async function serve(request: IncomingMessage, response: ServerResponse, requestId: string, path: string) {
    const isApi = api.handles(path);
    secure(response, { isApi, https, path });
    if (!isPlain(path))
      return refuse(request, response, errorResponse(new TRPCError({ code: 'BAD_REQUEST', message: NOT_PLAIN })));
    const entered = await enter(options, { request, path, isApi }, response);
    if (entered instanceof Response) return refuse(request, response, entered);
    const setCookie = (cookie: string) => void response.appendHeader('Set-Cookie', cookie);
    const bindings: ApiBindings = { requestId, caller: entered, setCookie };
    if (isApi || !web) return respondBy(request, response, (asked) => api.fetch(asked, bindings));
    serveWeb({ web, https, log }, (asked) => api.fetch(asked, bindings), request, response);
  }

  return {
    fetch: (request) => fetchByHeader(api, options, request),
    listener(request, response) {
      const requestId = identify(request, response);
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
      logAccess(log, request, response, { requestId, path });
      serve(request, response, requestId, path).catch((thrown: unknown) => {
        const unexpected = asApiError(thrown).code === 'INTERNAL_SERVER_ERROR';
        log[unexpected ? 'error' : 'warn']({ err: thrown }, 'A request could not be let in');
        return refuse(request, response, errorResponse(thrown));
      });
    },
  };
}

/**
 * Whether everything that reads a path reads the same one: it begins with a slash and has neither dot segments nor letters written
 * another way. Rules by path (limits, closed documents) would be walked around otherwise.
 */
export function isPlain(path: string): boolean {
  // Node hands on a fragment, which an URL does not count as its path.
  if (!path.startsWith('/') || path.startsWith('//') || /[\\#]/.test(path)) return false;
  if (/%(2[de]|5[cf]|7e|3\d|[46][1-9a-f]|[57][\da])/i.test(path)) return false;
  return !path.split('/').some((segment) => segment === '.' || segment === '..');
}

const NOT_PLAIN = 'The path must be written plainly: no dot segments, backslashes, or letters as escapes.';

/** What is refused is not read, to its end or at all: it may be no request that could be. */
async function refuse(request: IncomingMessage, response: ServerResponse, refusal: Response): Promise<void> {
  const body = await refusal.text();
  if (response.headersSent) return void response.destroy();
  const { status } = refusal;
  const headers = { ...Object.fromEntries(refusal.headers), connection: 'close' };
  if (!wantsPage(request.headers.accept)) return void response.writeHead(status, headers).end(body);
  const page = { ...headers, 'content-type': 'text/html; charset=utf-8' };
  response.writeHead(status, page).end(refusalPage(status, refusal.headers.get('retry-after')));
}

type Answer = Response | Promise<Response>;

async function fetchByHeader(api: Api, { authenticate }: DoorOptions, request: Request): Promise<Response> {
  const authorization = request.headers.get('authorization');
  const { caller } = await authenticate({ authorization, cookie: null, byBrowser: false });
  return api.fetch(request, { requestId: randomUUID(), caller });
}

/** What is no request at all: an URL or host that cannot be read. */
function unreadable(thrown: unknown, log: Log): Response {
  log.debug({ err: thrown }, 'A request could not be read');
  const message = 'The request could not be read: its URL or Host header is malformed.';
  return errorResponse(new TRPCError({ code: 'BAD_REQUEST', message, cause: thrown }));
}

function serveWeb(
  { web, https, log }: { web: WebHandler; https: boolean; log: Log },
  fetch: (request: Request) => Answer,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // The dashboard refuses forms of a protocol other than its own. Which that is, PUBLIC_URL says, and no header.
  request.headers['x-forwarded-proto'] = https ? 'https' : 'http';
  keepCookies(response);
  web(Object.assign(request, { almanac: { fetch } }), response, (error) => {
    if (error !== undefined) log.error({ err: error }, 'The dashboard failed');
    if (response.headersSent) return void response.destroy();
    response.writeHead(error === undefined ? 404 : 500, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(error === undefined ? 'There is no such page.' : 'Something went wrong.');
  });
}

/** The dashboard sets its own cookies in place of all others: those of a session, set before or meanwhile, are to stay. */
function keepCookies(response: ServerResponse): void {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    if (name.toLowerCase() !== 'set-cookie') return setHeader(name, value);
    // Not by `appendHeader`: that sets the first one itself, by this very function.
    const held = [response.getHeader(name) ?? []].flat().map(String);
    return setHeader(name, [...held, ...[value].flat().map(String)]);
  };
}
