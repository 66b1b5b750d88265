import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from './log.ts';

/** A request id given by a proxy is kept when it is one; anything else in that header could be meant to confuse a log. */
export function identify(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && /^[\w.:-]{8,64}$/.test(given) ? given : randomUUID();
  response.setHeader('X-Request-Id', id);
  return id;
}

const LOOKING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** One line a request, when it has ended. Never the query: what people look for is theirs, and a sign-in's code would be in it. */
export function logAccess(
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
