import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../../support/raw-http.ts';
import { startServer } from '../../support/server.ts';
import { startAlmanac, type Almanac } from '../../support/signed-in.ts';

const PUBLIC_URL = 'https://almanac.example.org';
/** For the answer to a push that is not signed. */
const GITHUB_WEBHOOK_SECRET = 'a webhook secret of these tests, forty characters';

const DASHBOARD = join(import.meta.dirname, '..', '..', '..', 'web', 'build', 'handler.js');

let almanac: Almanac;
beforeAll(async () => {
  almanac = await startAlmanac({ env: { PUBLIC_URL, GITHUB_WEBHOOK_SECRET } });
});
afterAll(() => almanac?.[Symbol.asyncDispose]());

describe('HSTS and CSP headers', () => {
  test.each([
    ['a page', '/'],
    ['the sign-in page', '/sign-in'],
    ['an answer of the API', '/api/auth/me', 200],
    ['an answer of tRPC', '/trpc/auth.caller'],
    ['an error of the API', '/api/users/nobody', 404],
    ['an error of tRPC', '/trpc/nothing', 404],
    ['a 401', '/api/users', 401],
    ['a redirect', '/api/auth/login', 302],
    ['a refused sign-in', '/api/auth/callback', 302],
    ['a 404 of the API', '/api/nothing', 404],
    ['a 404 of the pages', '/nothing'],
    ['a path that cannot be read', '/api/%E0%A4%A'],
    ['a page that cannot be read', '/%E0%A4%A'],
    ['a path spelt otherwise', '/%64ocs'],
    ['a path with dots', '/x/../api/auth/me'],
    ['the documentation', '/docs', 200],
    ['the document', '/openapi.json', 200],
    ['an export', '/api/users/me/export', 200],
    ['a method there is not', '/api/users', 405],
    ['a refused webhook', '/webhooks/github', 401],
  ] as const)('on %s', async (_what, path, status?: number) => {
    const method = status === 405 ? 'TRACE' : path.startsWith('/webhooks') ? 'POST' : 'GET';
    const headers = status === 401 ? {} : { ...almanac.owner.bearer };
    const answer = await rawRequest(almanac.server.url, path, { method, headers });
    if (status !== undefined) expect(answer.status).toBe(status);
    expectSecured(answer.headers);
  });

  const expectSecured = (headers: Record<string, string | string[] | undefined>) => {
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': expect.stringMatching(/^(no-referrer|strict-origin-when-cross-origin)$/) as string,
    });
    expect(String(headers['content-security-policy'])).toMatch(/frame-ancestors 'none'/);
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['server']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
  };

  test('on a 429 and on what another site asked for', async () => {
    const env = { PUBLIC_URL, API_AUTH_TOKEN: 'a-token-of-these-tests', RATE_LIMIT: '1' };
    await using server = await startServer({ env });
    await rawRequest(server.url, '/api/auth/me');
    const tooMany = await rawRequest(server.url, '/api/auth/me');
    expect(tooMany.status).toBe(429);
    const foreign = await rawRequest(server.url, '/api/users', {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    });
    expect(foreign.status).toBe(403);
    for (const { headers } of [tooMany, foreign]) expectSecured(headers);
  });

  test('answers of the API load nothing, run nothing and are kept by nobody', async () => {
    for (const path of [
      '/api/auth/me',
      '/trpc/auth.caller',
      '/api/nothing',
      '/api/users/me/export',
      '/api/auth/login',
    ]) {
      const { headers } = await almanac.ask(path, { headers: almanac.owner.bearer });
      expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
      expect(headers.get('cache-control'), path).toMatch(/no-store|private, no-cache/);
    }
  });

  test.runIf(existsSync(DASHBOARD))('a page runs no script but our own, and sends its forms nowhere else', async () => {
    const policies = [];
    for (const path of ['/seasons', '/account', '/nothing', '/docs', '/redoc']) {
      const { headers } = await almanac.ask(path, { headers: { ...almanac.owner.browser, accept: 'text/html' } });
      const policy = headers.get('content-security-policy') ?? '';
      policies.push(policy);
      expect(policy, path).toMatch(/default-src 'self'/);
      expect(policy, path).toMatch(/object-src 'none'/);
      expect(policy, path).toMatch(/base-uri 'none'/);
      expect(policy, path).toMatch(/form-action '(self|none)'/);
      expect(policy, path).toMatch(/frame-ancestors 'none'/);
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '';
      expect(scripts.replace(/ ?'nonce-[\w+/=]{20,}'/, ''), path).toMatch(/^('self')?$/);
    }
    expect(new Set(policies.slice(0, 3)).size, 'a nonce is good once').toBe(3);
  });

  test('no other site is told that it may read', async () => {
    for (const method of ['GET', 'OPTIONS', 'POST'])
      for (const path of ['/api/auth/me', '/trpc/auth.caller', '/']) {
        const headers = {
          origin: 'https://evil.example',
          'access-control-request-method': 'POST',
          ...almanac.owner.bearer,
        };
        const answer = await almanac.ask(path, { method, headers });
        for (const [name] of answer.headers) expect(name, `${method} ${path}`).not.toMatch(/^access-control-/);
      }
  });
});

describe('what is not for everybody', () => {
  const DOCUMENTATION = [
    '/docs',
    '/docs/',
    '/docs/start.js',
    '/docs/swagger-ui-bundle.js',
    '/redoc',
    '/redoc/start.js',
    '/openapi.json',
    '/openapi.json/',
  ];
  const SPELT = [
    '/%64ocs',
    '/%6fpenapi.json',
    '/openapi%2ejson',
    '//docs',
    '/./docs',
    '/x/../docs',
    '/DOCS',
    '/docs;x',
  ];
  const shows = ({ status, body }: { status: number; body: string }) =>
    status < 400 && /openapi|swagger|redoc/i.test(body);

  test('DOCS=closed', async () => {
    await using closed = await startAlmanac({ env: { DOCS: 'closed' } });
    for (const path of [...DOCUMENTATION, ...SPELT])
      for (const headers of [{}, { ...closed.owner.bearer }]) {
        const answer = await rawRequest(closed.server.url, path, { headers });
        expect(shows(answer), path).toBe(false);
        if (DOCUMENTATION.includes(path)) expect(answer.status, path).toBe(404);
      }
  });

  test('DOCS=members', async () => {
    await using there = await startAlmanac({ env: { DOCS: 'members' } });
    there.github.addUser({ login: 'waits' });
    const waiting = await there.signIn('waits');
    const { bearer: writer } = await there.keyOf(there.owner, ['log:write']);
    for (const path of [...DOCUMENTATION, ...SPELT])
      for (const headers of [{}, waiting.bearer, writer, { authorization: 'Bearer wrong' }]) {
        const answer = await rawRequest(there.server.url, path, { headers: { ...headers } });
        expect(shows(answer), path).toBe(false);
      }
    for (const headers of [there.owner.bearer, there.owner.browser])
      expect((await there.ask('/openapi.json', { headers })).status).toBe(200);
  });

  test('/metrics is for admins', async () => {
    const member = await almanac.join('measures');
    for (const headers of [{}, member.bearer, (await almanac.keyOf(almanac.owner, ['read'])).bearer]) {
      const { status, body } = await rawRequest(almanac.server.url, '/metrics', { headers: { ...headers } });
      expect([401, 403]).toContain(status);
      expect(body).not.toMatch(/^# (HELP|TYPE)/m);
    }
    const { bearer } = await almanac.keyOf(almanac.owner, ['admin']);
    const { status, body } = await rawRequest(almanac.server.url, '/metrics', { headers: { ...bearer } });
    expect(status).toBe(200);
    expect(body).toMatch(/^# HELP almanac_info /m);
  });

  test('what other servers show is absent', async () => {
    for (const path of [
      '/metrics/',
      '/api/metrics',
      '/actuator',
      '/.env',
      '/.git/config',
      '/server.json',
      '/data/server.json',
    ])
      for (const headers of [{}, { ...almanac.owner.bearer }]) {
        const { status, body } = await rawRequest(almanac.server.url, path, { headers });
        expect([302, 303, 307, 401, 404], path).toContain(status);
        expect(body).not.toMatch(/^# (HELP|TYPE)|"token"/m);
      }
  });

  test('/health tells nobody more than that it is well', async () => {
    const body = (await (await almanac.ask('/health')).json()) as object;
    expect(Object.keys(body).toSorted()).toEqual(['instance', 'startedAt', 'status', 'timestamp', 'version']);
  });
});
