import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../../support/raw-http.ts';
import { startServer, type ServerUnderTest } from '../../support/server.ts';
import { browserWith, startAlmanac, type Almanac, type Credentials, type Person } from '../../support/signed-in.ts';

const PUBLIC_URL = 'https://almanac.example.org';
const WEBHOOK_SECRET = 'a webhook secret of these tests, forty characters';

let almanac: Almanac;
beforeAll(async () => {
  almanac = await startAlmanac({ env: { PUBLIC_URL, GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET } });
});
afterAll(() => almanac?.[Symbol.asyncDispose]());

const isSignedIn = async (as: Credentials) => (await almanac.ask('/api/auth/me', { headers: as })).status === 200;

describe('CSRF cross-site POST', () => {
  let victim: Person;
  beforeAll(async () => {
    victim = await almanac.join(`p-${randomUUID().slice(0, 8)}`);
  });
  const BODIES = [
    ['application/json', '{}'],
    ['application/x-www-form-urlencoded', 'a=b'],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'],
    ['text/plain', '{"a":"="}'],
    ['', ''],
  ] as const;
  const FROM: readonly (readonly [string, Credentials])[] = [
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['a sister site', { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.org' }],
    ['another site of an old browser', { origin: 'https://evil.example' }],
    ['a sandboxed page', { origin: 'null' }],
    ['our name over http', { origin: 'http://almanac.example.org' }],
    ['a name that begins like ours', { origin: `${PUBLIC_URL}.evil.example` }],
    ['something that hides where it comes from', {}],
    [
      'a link followed by the person',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    ],
  ];
  const paths = () => [
    '/api/auth/logout',
    '/trpc/auth.logout',
    '/trpc/account.revokeSession',
    '/trpc/account.erase',
    `/api/users/${victim.id}`,
    '/account',
    '/?/logout',
  ];

  test.each(FROM)('by %s, whatever form it has', async (_who, headers) => {
    const { accessToken, refreshToken } = victim;
    for (const path of paths())
      for (const [type, body] of BODIES)
        for (const tokens of [{ accessToken, refreshToken }, { accessToken }, { refreshToken }]) {
          const { cookie = '' } = browserWith(tokens);
          const answer = await almanac.ask(path, {
            method: path.startsWith('/api/users/') ? 'PUT' : 'POST',
            headers: { cookie, ...headers, ...(type && { 'content-type': type }) },
            ...(body && { body }),
          });
          expect(answer.status, `${path} ${type}`).toBe(403);
          expect(answer.headers.getSetCookie()).toEqual([]);
        }
    expect(await isSignedIn(victim.bearer)).toBe(true);
  });

  test('is not what our own pages and programs do', async () => {
    const person = await almanac.join(`p-${randomUUID().slice(0, 8)}`);
    const { cookie = '' } = person.browser;
    for (const headers of [{ cookie, origin: PUBLIC_URL }, person.browser, person.bearer])
      expect((await almanac.mutate(headers, 'account.revokeSession', { id: null })).status).toBe(200);
  });
});

describe('forged X-Forwarded-For past the limit', () => {
  const TOKEN = 'a-token-of-these-tests';
  const asks = (server: ServerUnderTest) => async (forwardedFor: string) => {
    const { status } = await rawRequest(server.url, '/api/auth/me', { headers: { 'x-forwarded-for': forwardedFor } });
    return status;
  };

  test('without a proxy the header means nothing', async () => {
    await using server = await startServer({ env: { PUBLIC_URL, API_AUTH_TOKEN: TOKEN, RATE_LIMIT: '5' } });
    const statuses = [];
    for (let index = 0; index < 8; index += 1) statuses.push(await asks(server)(`203.0.113.${index}`));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const { headers } = await rawRequest(server.url, '/api/auth/me');
    expect(headers).toMatchObject({
      'x-ratelimit-remaining': '0',
      'retry-after': expect.stringMatching(/^[1-9]\d?$/) as string,
    });
  });

  test('behind one proxy what it appended counts, and nothing that stood there before', async () => {
    const env = { PUBLIC_URL, API_AUTH_TOKEN: TOKEN, RATE_LIMIT: '3', TRUSTED_PROXIES: '1' };
    await using server = await startServer({ env });
    const ask = asks(server);
    for (let index = 0; index < 3; index += 1) expect(await ask(`203.0.113.${index}, 198.51.100.7`)).toBe(401);
    for (const forged of ['203.0.113.99', '127.0.0.1', 'unknown', ',,', '::1', '198.51.100.8, 198.51.100.9'])
      expect(await ask(`${forged}, 198.51.100.7`), forged).toBe(429);
    expect(await ask('198.51.100.7, 198.51.100.8'), 'somebody else').toBe(401);
  });

  test('sign-in has a limit of its own, which no header and no escape gets past', async () => {
    await using server = await startServer({ env: { PUBLIC_URL, API_AUTH_TOKEN: TOKEN, RATE_LIMIT: '1000' } });
    const statusOf = async (path: string, forwardedFor: string) =>
      (await rawRequest(server.url, path, { headers: { 'x-forwarded-for': forwardedFor } })).status;
    for (let index = 0; index < 10; index += 1)
      expect(await statusOf('/api/auth/login', `203.0.113.${index}`)).not.toBe(429);
    expect(await statusOf('/api/auth/callback?code=1', '203.0.113.99')).toBe(429);
    for (const spelt of ['/api/auth/%6cogin', '/api/%61uth/login', '/api/auth/./login', '/api/x/../auth/login'])
      expect([400, 404, 429], spelt).toContain(await statusOf(spelt, '203.0.113.99'));
  });

  test('erasing oneself has one, too, alone or among others of a batch', async () => {
    await using server = await startServer({ env: { PUBLIC_URL, API_AUTH_TOKEN: TOKEN, RATE_LIMIT: '1000' } });
    const statuses = [];
    for (const path of ['account.erase', 'auth.caller,account.erase?batch=1', 'account%2Eerase', 'account.erase'])
      statuses.push((await rawRequest(server.url, `/trpc/${path}`, { method: 'POST' })).status);
    statuses.push((await rawRequest(server.url, '/trpc/account.erase', { method: 'POST' })).status);
    expect(statuses).toEqual([415, 415, 400, 415, 429]);
    // By the form of the page, which asks the API inside of the server, it is the same budget; looking at the page costs nothing.
    const { host } = new URL(server.url);
    const form = { method: 'POST', headers: { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' } };
    expect((await rawRequest(server.url, '/account/erase', form)).status).toBe(429);
    expect((await rawRequest(server.url, '/account/erase')).status).not.toBe(429);
  });

  test('who has asked too often is not found out any more: no session is refreshed for them', async () => {
    await using there = await startAlmanac({ env: { RATE_LIMIT: '6' } });
    const { refreshToken } = there.owner;
    const statuses = [];
    for (let index = 0; index < 6; index += 1) statuses.push((await there.ask('/api/auth/me')).status);
    expect(statuses.at(-1)).toBe(429);
    const answer = await there.ask('/api/auth/me', { headers: browserWith({ refreshToken }) });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([429, []]);
  });

  test('a batch counts as the calls it holds', async () => {
    await using server = await startServer({ env: { PUBLIC_URL, API_AUTH_TOKEN: TOKEN, RATE_LIMIT: '30' } });
    const batch = `/trpc/${Array.from({ length: 16 }, () => 'auth.caller').join('%2C')}?batch=1&input={}`;
    const statuses = [];
    for (let index = 0; index < 2; index += 1) statuses.push((await fetch(new URL(batch, server.url))).status);
    expect(statuses).toEqual([200, 429]);
  });
});

describe('X-Request-Id injection', () => {
  test.each([
    'short',
    'a'.repeat(65),
    'with blank 123',
    '<script>alert(1)</script>',
    '"},"level":"fatal',
    'ünïcödé-ünïcödé',
    '${jndi:ldap://x}',
  ])('%j is replaced', async (given) => {
    const { headers } = await rawRequest(almanac.server.url, '/health', {
      headers: { 'x-request-id': Buffer.from(given).toString('latin1') },
    });
    expect(headers['x-request-id']).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
  });
  test('one that is an id is kept', async () => {
    const answer = await almanac.ask('/health', { headers: { 'x-request-id': 'proxy:0123456789' } });
    expect(answer.headers.get('x-request-id')).toBe('proxy:0123456789');
  });
});

describe('a webhook', () => {
  const push = () => ({
    ref: 'refs/heads/main',
    after: randomUUID().replaceAll('-', '').padEnd(40, '0'),
    repository: { id: 7, full_name: 'kim/garden' },
  });
  const deliver = async (
    payload: unknown,
    delivery: { id?: string; signature?: string } = {},
    secret = WEBHOOK_SECRET,
  ) => {
    const { github, server } = almanac;
    const answer = await github.webhook(`${server.url}/webhooks/github`, secret, 'push', payload, delivery);
    return [answer.status, ((await answer.json()) as { status?: string }).status];
  };

  test('webhook replay: the same push is received once, under whatever delivery id', async () => {
    const payload = push();
    expect(await deliver(payload, { id: 'first-delivery' })).toEqual([202, 'accepted']);
    expect(await deliver(payload, { id: 'first-delivery' })).toEqual([200, 'duplicate']);
    expect(await deliver(payload, { id: 'another-delivery' })).toEqual([200, 'duplicate']);
  });
  test('wrong signature: another secret’s, of another body, none, SHA-1', async () => {
    const payload = push();
    expect((await deliver(payload, {}, 'another secret'))[0]).toBe(401);
    for (const signature of ['', 'sha256=', `sha256=${'0'.repeat(64)}`, `sha1=${'0'.repeat(40)}`, 'x'])
      expect((await deliver(payload, { signature }))[0], signature).toBe(401);
    expect(await deliver(payload)).toEqual([202, 'accepted']);
  });
  test('is not there where no secret is set', async () => {
    await using there = await startServer();
    const url = `${there.url}/webhooks/github`;
    expect((await almanac.github.webhook(url, '', 'push', push())).status).toBe(404);
  });
});
