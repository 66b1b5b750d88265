import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bed, startToy, type ToyServer } from '../support/toy-api.ts';

let server: ToyServer;
beforeAll(async () => {
  server = await startToy();
});
afterAll(() => server.close());

const OPERATOR = { authorization: 'Bearer the-operator-token' };

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(`${server.url}${path}`, init);
  const text = await response.text();
  const body = text === '' ? null : (JSON.parse(text) as Record<string, never>);
  return { status: response.status, headers: response.headers, body, text };
}
const send = (path: string, method: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(path, { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const issue = (path: string) => ({ error: expect.objectContaining({ issues: [expect.objectContaining({ path })] }) });

describe('reading', () => {
  test('query texts become what the schema asks for', async () => {
    const { status, body } = await ask('/api/plants?limit=5&tall=true&tag=a&tag=b&q=12');
    expect(status).toBe(200);
    expect(body).toMatchObject({ asked: { limit: 5, tall: true, tag: ['a', 'b'], q: '12' } });
  });

  test('a text stays one where texts are accepted, though it looks like a number', async () => {
    expect((await ask('/api/plants?ref=007')).body).toMatchObject({ asked: { ref: '007' } });
    expect((await ask('/api/plants?ref=7')).body).toMatchObject({ asked: { ref: '7' } });
  });

  test('a single value of a list is a list', async () => {
    expect((await ask('/api/plants?tag=a')).body).toMatchObject({ asked: { tag: ['a'], limit: 10 } });
  });

  test.each([
    ['a word for a number', 'limit=abc', 'limit'],
    ['an empty text for a number', 'limit=', 'limit'],
    ['a number in another notation', 'limit=0x10', 'limit'],
    ['a number with a blank', 'limit=%205', 'limit'],
    ['a number out of range', 'limit=101', 'limit'],
    ['a number of no size', 'limit=1e999', 'limit'],
    ['a fraction for an integer', 'limit=1.5', 'limit'],
    ['a number for a boolean', 'tall=1', 'tall'],
    ['a boolean in capitals', 'tall=True', 'tall'],
    ['one value given twice', 'limit=1&limit=2', 'limit'],
  ])('%s is 400 and names the field', async (_what, query, field) => {
    const { status, body } = await ask(`/api/plants?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect(body).toEqual(issue(field));
  });

  test('a literal path is meant before a parameter', async () => {
    expect((await ask('/api/plants/latest')).body).toMatchObject({ name: '소나무' });
  });

  test('path parameters are decoded', async () => {
    expect((await ask(`/api/plants/${encodeURIComponent('소나무')}`)).body).toMatchObject({ height: 2 });
    expect((await ask('/api/plants/a%2Fb')).body).toMatchObject({ error: { message: 'There is no plant "a/b".' } });
  });

  test('a query cannot overrule the path', async () => {
    expect((await ask('/api/plants/oak?name=latest')).body).toMatchObject({
      error: { message: 'There is no plant "oak".' },
    });
  });

  test('a malformed escape is 400', async () => {
    expect((await ask('/api/plants/%E0%A4')).status).toBe(400);
  });

  test('what does not exist is 404 and names the field', async () => {
    const { status, body } = await ask('/api/plants/oak');
    expect(status).toBe(404);
    expect(body).toEqual(issue('name'));
    expect(body).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  test('only what the schema names leaves the server', async () => {
    const { text } = await ask('/api/plants');
    expect(text).toContain('소나무');
    expect(text).not.toContain('hunter2');
  });

  test('HEAD has the headers of GET and no body', async () => {
    const get = await ask('/api/plants/latest');
    const head = await ask('/api/plants/latest', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '' });
    for (const name of ['content-type', 'content-length', 'etag']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
      expect(head.headers.get(name)).not.toBeNull();
    }
  });

  test('an unchanged answer is 304', async () => {
    const { headers } = await ask('/api/plants/latest');
    const etag = headers.get('etag') ?? '';
    const again = await ask('/api/plants/latest', { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect(again.headers.get('etag')).toBe(etag);
    expect((await ask('/api/plants/latest', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('the very same object is written out once', async () => {
    bed.written = 0;
    for (let times = 0; times < 3; times += 1) expect((await ask('/api/counted')).body).toEqual({ count: 1 });
    expect(bed.written).toBe(1);
  });
});

describe('writing', () => {
  test('answers with the status of its meta', async () => {
    const { status, body, headers } = await send('/api/plants', 'POST', { name: 'oak', height: 3 });
    expect({ status, body }).toEqual({ status: 201, body: { name: 'oak', dry: false } });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('a field may travel in the query beside a body', async () => {
    expect((await send('/api/plants?dry=true', 'POST', { name: 'oak', height: 3 })).body).toMatchObject({ dry: true });
  });

  test('a field of the body in the query is 400', async () => {
    expect((await send('/api/plants?height=3', 'POST', { name: 'oak' })).body).toEqual(issue('height'));
  });

  test('texts of a body are not taken for numbers', async () => {
    const { status, body } = await send('/api/plants', 'POST', { name: 'oak', height: '3' });
    expect(status).toBe(400);
    expect(body).toEqual(issue('height'));
  });

  test('every field at fault is named', async () => {
    const { body } = await send('/api/plants', 'POST', { name: '', tags: ['a', 2], colour: 'green' });
    const { error } = body as unknown as { error: { message: string; issues: { path: string }[] } };
    expect(error.issues.map(({ path }) => path).toSorted()).toEqual(['colour', 'height', 'name', 'tags.1']);
    expect(error.message).toMatch(/and 1 more/);
  });

  test('a field called __proto__ is a field like any other', async () => {
    const body = '{"name":"oak","height":3,"__proto__":{"dry":true}}';
    const answer = await ask('/api/plants', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(issue('__proto__'));
  });

  test.each([
    ['malformed JSON', '{"name":', 'application/json', 400],
    ['a list', '[]', 'application/json', 400],
    ['a text', '"oak"', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['a form', 'name=oak', 'application/x-www-form-urlencoded', 415],
    ['bytes that are no UTF-8', Buffer.from('{"name":"\xff","height":1}', 'latin1'), 'application/json', 400],
  ])('%s as the body is refused', async (_what, body, type, expected) => {
    const { status, body: answer } = await ask('/api/plants', {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(status).toBe(expected);
    expect(answer).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
  });

  test('a body of more than 1 MiB is 413, by its declared length', async () => {
    const { status, body } = await send('/api/plants', 'POST', { name: 'x'.repeat(1024 * 1024), height: 1 });
    expect(status).toBe(413);
    expect(body).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  test('a body of more than 1 MiB is 413, when its length is not declared', async () => {
    const chunk = new TextEncoder().encode(' '.repeat(64 * 1024));
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < 20 ? controller.enqueue(chunk) : controller.close()),
    });
    const headers = { 'content-type': 'application/json' };
    const { status } = await ask('/api/plants', { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    expect(status).toBe(413);
  });

  test('a body of unknown length below that is read', async () => {
    const body = new Blob([JSON.stringify({ name: 'oak', height: 3 })]).stream();
    const headers = { 'content-type': 'application/json' };
    const { status } = await ask('/api/plants', { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    expect(status).toBe(201);
  });
});

describe('who may', () => {
  test('401 comes before the body is looked at', async () => {
    const { status, headers, body } = await send('/api/plants/oak', 'PUT', 'x'.repeat(2 * 1024 * 1024));
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(body).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
    expect((await send('/api/plants/oak', 'PUT', { height: 'wrong' }, OPERATOR)).status).toBe(400);
    expect((await send('/api/plants/oak', 'PUT', { height: 1 }, OPERATOR)).status).toBe(200);
  });

  test('401 comes before 400', async () => {
    const wrong = `/api/plants/${'x'.repeat(30)}?force=maybe`;
    expect((await ask(wrong, { method: 'DELETE' })).status).toBe(401);
    expect((await ask(wrong, { method: 'DELETE', headers: OPERATOR })).status).toBe(400);
  });

  test.each(['Bearer the-operator-toke', 'Bearer ', 'the-operator-token', 'Basic the-operator-token', 'Bearer a b'])(
    '%s is not the operator',
    async (authorization) => {
      expect((await ask('/api/plants/oak', { method: 'DELETE', headers: { authorization } })).status).toBe(401);
    },
  );

  test('without an operator token nobody is the operator', async () => {
    await using closed = await startToy({ operatorToken: '' });
    for (const authorization of ['Bearer ', 'Bearer undefined', 'Bearer the-operator-token']) {
      const { status } = await fetch(`${closed.url}/api/plants/oak`, { method: 'DELETE', headers: { authorization } });
      expect(status).toBe(401);
    }
  });
});

describe('what is not there', () => {
  test('an unknown path of the API is 404 in the shape of the contract', async () => {
    for (const path of [
      '/api',
      '/api/nothing',
      '/api/plants/oak/leaves',
      '/api/plants/',
      '/health/deep',
      '/docs/nothing',
    ]) {
      const { status, body } = await ask(path);
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(body).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
  });

  test.each([
    ['/api/plants', 'DELETE', 'GET, HEAD, POST'],
    ['/api/plants/oak', 'POST', 'DELETE, GET, HEAD, PUT'],
    ['/api/plants/latest', 'PUT', 'GET, HEAD'],
    ['/health', 'POST', 'GET, HEAD'],
    ['/docs', 'POST', 'GET, HEAD'],
  ])('%s does not know %s and says what it knows', async (path, method, allow) => {
    const { status, headers, body } = await ask(path, { method });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe(allow);
    expect(body).toMatchObject({ error: { code: 'METHOD_NOT_SUPPORTED' } });
  });
});

describe('when it fails', () => {
  test('a crash is 500 without internals, and in the log without secrets', async () => {
    server.logged.length = 0;
    const { status, text, body } = await ask('/api/faults/crash');
    expect(status).toBe(500);
    expect(body).toMatchObject({ error: { code: 'INTERNAL_SERVER_ERROR' } });
    expect(text).not.toMatch(/postgres|hunter2|at /);
    const logged = JSON.stringify(server.logged);
    expect(logged).toContain('is on fire');
    expect(logged).not.toContain('hunter2');
  });

  test('an answer that breaks its own schema is 500, not the caller’s fault', async () => {
    const { status, body } = await ask('/api/faults/lies');
    expect(status).toBe(500);
    expect(body).toEqual({ error: { code: 'INTERNAL_SERVER_ERROR', message: expect.any(String) } });
  });

  test('a store that is away is 503 and says when to come again', async () => {
    const { status, headers, text } = await ask('/api/faults/away');
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
    expect(text).not.toMatch(/esdb|hunter2/);
  });

  test('a lost race is 409', async () => {
    expect((await ask('/api/faults/raced', { method: 'POST' })).status).toBe(409);
  });
});
