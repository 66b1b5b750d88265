import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WebHandler } from '../../server/app.ts';
import { StoreUnavailable } from '../../server/event-store/event-store.ts';
import { rawRequest } from '../support/raw-http.ts';
import { expectEnd, startToy, toyServices, type ToyServer, type toyRouter } from '../support/toy-api.ts';

let server: ToyServer;
beforeAll(async () => {
  server = await startToy();
});
afterAll(() => server.close());

const clientOf = ({ url }: { url: string }, headers: Record<string, string> = {}) =>
  createTRPCClient<typeof toyRouter>({
    links: [httpBatchLink({ url: `${url}/trpc`, headers })],
  });
const refused = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(() => null).catch((thrown: unknown) => thrown);
  if (!(error instanceof TRPCClientError)) throw new Error('The call was not refused.', { cause: error });
  return { message: error.message, data: error.data as { code: string; httpStatus: number; issues?: unknown[] } };
};

describe('tRPC', () => {
  test('answers batches', async () => {
    const client = clientOf(server);
    const [latest, one] = await Promise.all([
      client.plants.latest.query(),
      client.plants.one.query({ name: '소나무' }),
    ]);
    expect(latest).toEqual(one);
    expect(JSON.stringify(latest)).not.toContain('hunter2');
  });

  test('refuses a batch of more than twenty calls', async () => {
    const paths = Array.from({ length: 21 }, () => 'plants.latest').join(',');
    const response = await fetch(`${server.url}/trpc/${paths}?batch=1&input={}`);
    expect(response.status).toBe(400);
  });

  test('names fields at fault', async () => {
    const { data } = await refused(clientOf(server).plants.list.query({ limit: 0 }));
    expect(data).toMatchObject({ code: 'BAD_REQUEST', issues: [{ path: 'limit' }] });
  });

  test('401 comes before 400, and the operator passes', async () => {
    const wrong = { name: 'x'.repeat(30) };
    expect((await refused(clientOf(server).plants.remove.mutate(wrong))).data.code).toBe('UNAUTHORIZED');
    const operator = clientOf(server, { authorization: 'Bearer the-operator-token' });
    expect((await refused(operator.plants.remove.mutate(wrong))).data.code).toBe('BAD_REQUEST');
    expect(await operator.plants.remove.mutate({ name: 'oak' })).toEqual({ ok: true });
    const response = await fetch(`${server.url}/trpc/plants.remove`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('masks what went wrong inside', async () => {
    const { message, data } = await refused(clientOf(server).faults.crash.query());
    expect(data).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', httpStatus: 500 });
    expect(data).not.toHaveProperty('stack');
    expect(message).not.toMatch(/fire|postgres/);
  });

  test('says when the store is away, and when a race is lost', async () => {
    expect((await refused(clientOf(server).faults.away.query())).data.httpStatus).toBe(503);
    expect((await refused(clientOf(server).faults.raced.mutate())).data.httpStatus).toBe(409);
  });

  test('refuses a body of more than 1 MiB in a way its clients read', async () => {
    const { data } = await refused(clientOf(server).plants.add.mutate({ name: 'x'.repeat(1024 * 1024), height: 1 }));
    expect(data).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', httpStatus: 413 });
  });

  test('a subscription ends at the server when its client leaves', async () => {
    const { promise } = expectEnd();
    const leaving = new AbortController();
    const headers = { accept: 'text/event-stream' };
    const stream = await fetch(`${server.url}/trpc/ticks`, { headers, signal: leaving.signal });
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(await untilText(stream, '"tick":1')).toContain('id: 1');
    leaving.abort();
    await promise;
  });
});

async function untilText(stream: Response, wanted: string): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  const reader = stream.body?.getReader();
  while (reader && !text.includes(wanted)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader?.releaseLock();
  return text;
}

describe('shutting down', () => {
  test('ends subscriptions and takes no more requests', async () => {
    const own = await startToy();
    const { promise } = expectEnd();
    const stream = await fetch(`${own.url}/trpc/ticks`, { headers: { accept: 'text/event-stream' } });
    await untilText(stream, '"tick":1');
    const began = performance.now();
    await Promise.all([own.close(), promise]);
    expect(performance.now() - began).toBeLessThan(1_000);
    await untilText(stream, 'nothing more');
    await expect(fetch(`${own.url}/health`)).rejects.toThrow();
  });

  test('a port that is taken says what to do', async () => {
    await expect(startToy({ port: server.port })).rejects.toThrow(
      `Port ${server.port} is taken by another program. Choose another one: PORT=${server.port + 1}`,
    );
  });

  test('an address that is not this machine’s says what to do', async () => {
    await expect(startToy({ host: '192.0.2.1' })).rejects.toThrow('"192.0.2.1" is not an address of this machine');
  });
});

describe('where programs of this machine reach it', () => {
  test.each([
    ['127.0.0.1', 'http://127.0.0.1'],
    ['127.0.0.2', 'http://127.0.0.2'],
    ['::1', 'http://[::1]'],
    ['0.0.0.0', 'http://127.0.0.1'],
    ['::', 'http://[::1]'],
  ])('bound to %s: %s', async (host, url) => {
    await using bound = await startToy({ host });
    expect(bound.localUrl).toBe(`${url}:${bound.port}`);
    expect((await fetch(`${bound.localUrl}/health`)).status).toBe(200);
  });
});

describe('health', () => {
  test('is ok while the store answers', async () => {
    const response = await fetch(`${server.url}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ok',
      timestamp: '2025-11-05T00:00:00.000Z',
      version: '1.2.3',
      startedAt: '2025-11-05T00:00:00.000Z',
    });
    expect((await fetch(`${server.url}/health`, { method: 'HEAD' })).status).toBe(200);
  });

  test.each([
    ['answers', () => Promise.resolve()],
    ['is away', () => Promise.reject(new StoreUnavailable('away'))],
  ])('names this run of the server while the store %s', async (_what, health) => {
    await using own = await startToy({ instance: 'the-instance', services: toyServices({ health }) });
    expect(await (await fetch(`${own.url}/health`)).json()).toMatchObject({ instance: 'the-instance' });
  });

  test.each([
    ['refuses', () => Promise.reject(new StoreUnavailable('esdb://admin:secret@host'))],
    ['never answers', () => new Promise<void>(() => undefined)],
  ])('is 503 when the store %s', async (_what, health) => {
    await using away = await startToy({ services: toyServices({ health }) });
    const response = await fetch(`${away.url}/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      error: { code: 'SERVICE_UNAVAILABLE', message: 'The event store does not answer.' },
    });
  });
});

describe('every answer', () => {
  test.each([
    '/health',
    '/api/plants/latest',
    '/api/nothing',
    '/trpc/plants.latest',
    '/docs',
    '/openapi.json',
    '/page',
  ])('%s has a request id and closed doors', async (path) => {
    const { headers } = await fetch(`${server.url}${path}`);
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy') ?? "frame-ancestors 'none'").toContain("frame-ancestors 'none'");
  });

  test('keeps a request id that is one, and replaces what is not', async () => {
    const idFor = async (given: string) =>
      (await rawRequest(server.url, '/health', { headers: { 'x-request-id': given } })).headers['x-request-id'];
    expect(await idFor('proxy-0123456789')).toBe('proxy-0123456789');
    for (const odd of ['short', 'x'.repeat(65), 'with blanks in it', '{"level":"error"}']) {
      expect(await idFor(odd)).toMatch(/^[\w-]{36}$/);
    }
  });

  test('leaves one line in the log, without what was asked for', async () => {
    server.logged.length = 0;
    await fetch(`${server.url}/api/plants?q=something-private`, { headers: { authorization: 'Bearer abcdefghijkl' } });
    const lines = server.logged.filter(({ request }) => request !== undefined);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'debug',
        request: { id: expect.any(String), method: 'GET', path: '/api/plants', status: 200, ms: expect.any(Number) },
      }),
    ]);
    expect(JSON.stringify(server.logged)).not.toMatch(/something-private|abcdefghijkl/);
  });

  test.each([
    ['what was only looked at', '/api/plants/latest', {}, 'debug'],
    ['what does not exist', '/api/nothing', {}, 'info'],
    ['what was changed', '/api/plants', { method: 'POST', body: '{"name":"oak","height":3}' }, 'info'],
  ])('is told of %s as loud as it matters', async (_what, path, request, level) => {
    await using own = await startToy();
    await fetch(`${own.url}${path}`, { headers: { 'content-type': 'application/json' }, ...request });
    await own.close();
    expect(own.logged).toMatchObject([{ level, request: { path } }]);
  });
});

test('who goes to a page that is refused is told so on a page', async () => {
  const headers = { host: 'evil.example', accept: 'text/html,application/xhtml+xml' };
  const { status, body, headers: answered } = await rawRequest(server.url, '/', { headers });
  expect(status).toBe(403);
  expect(answered['content-type']).toBe('text/html; charset=utf-8');
  expect(body).toContain('<p lang="en">This server is not for other sites, nor by other names.</p>');
});

describe('what is no request', () => {
  test.each([
    ['a target that is no URL', 'GET http://[bad/ HTTP/1.1\r\nHost: localhost', 400],
    ['a backslash in the path', 'GET /api/\\evil HTTP/1.1\r\nHost: localhost', 400],
    ['no name asked for', 'GET /health HTTP/1.0', 403],
    ['no HTTP', 'HELLO', 400],
  ])('%s is refused, and nothing falls over', async (_what, head, status) => {
    const socket = connect(server.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.end(`${head}\r\nConnection: close\r\n\r\n`);
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});

test.each(['/api/plants', '/trpc/plants.add'])('a body that breaks off at %s is no fault of ours', async (path) => {
  await using own = await startToy();
  const socket = connect(own.port, '127.0.0.1');
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50`;
  socket.end(`${head}\r\n\r\n{"na`);
  await Promise.all([once(own.log, 'line'), once(socket.resume(), 'close')]);
  await own.close();
  expect(own.logged.filter(({ level }) => level !== 'info')).toEqual([]);
  expect(own.logged).toMatchObject([{ request: { path, aborted: true } }]);
});

describe('the dashboard', () => {
  const web: WebHandler = (request, response, next) => {
    const path = request.url ?? '/';
    if (path === '/missing') return next();
    if (path === '/broken') return next(new Error('secret of the dashboard'));
    const { almanac } = request as typeof request & { almanac: { fetch(request: Request): Promise<Response> } };
    void almanac
      .fetch(new Request('http://localhost/api/plants/latest'))
      .then((answer) => answer.json())
      .then((plant: unknown) => {
        response.setHeader('content-security-policy', "script-src 'self'");
        response.end(JSON.stringify({ plant, method: request.method, proto: request.headers['x-forwarded-proto'] }));
      });
  };

  test('gets everything that is not the API, and calls the API without leaving the process', async () => {
    await using own = await startToy({ web });
    const response = await fetch(`${own.url}/members/oak`);
    expect(await response.json()).toMatchObject({ plant: { name: '소나무' }, method: 'GET', proto: 'http' });
    expect(response.headers.get('content-security-policy')).toBe("script-src 'self'");
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    expect((await fetch(`${own.url}/api/nothing`)).headers.get('content-type')).toContain('json');
    expect((await fetch(`${own.url}/members/oak`, { method: 'HEAD' })).status).toBe(200);
    expect(await (await fetch(`${own.url}/form`, { method: 'POST', body: 'a=b' })).json()).toMatchObject({
      method: 'POST',
    });
  });

  test('what it does not have is 404, and its failures stay inside', async () => {
    await using own = await startToy({ web });
    expect((await fetch(`${own.url}/missing`)).status).toBe(404);
    const broken = await fetch(`${own.url}/broken`);
    expect(broken.status).toBe(500);
    expect(await broken.text()).not.toContain('secret');
  });

  test('a fetch in process is answered like one from outside', async () => {
    const response = await server.fetch(new Request('http://localhost/api/faults/crash'));
    expect(response.status).toBe(500);
  });
});
