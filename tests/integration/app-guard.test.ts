import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../support/raw-http.ts';
import { startToy, type ToyServer } from '../support/toy-api.ts';

let server: ToyServer;
beforeAll(async () => {
  server = await startToy();
});
afterAll(() => server.close());

describe('a server of this machine', () => {
  const own = (host: string) => rawRequest(server.url, '/api/plants/latest', { headers: { host } });

  test.each(['localhost', 'LOCALHOST:3000', '127.0.0.1', '127.0.0.2:80', '[::1]:3000', 'almanac.localhost:3000'])(
    'answers to %s',
    async (host) => {
      expect((await own(host)).status).toBe(200);
    },
  );

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:3000', '192.168.0.2', '0.0.0.0'])(
    'does not answer to "%s": a foreign name may point here',
    async (host) => {
      const { status, body } = await own(host);
      expect(status).toBe(403);
      expect(JSON.parse(body)).toMatchObject({ error: { code: 'FORBIDDEN' } });
    },
  );

  test('says that it knows no TRACE', async () => {
    const { status, body } = await rawRequest(server.url, '/api/plants/latest', { method: 'TRACE' });
    expect(status).toBe(405);
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'METHOD_NOT_SUPPORTED' } });
  });

  const post = (headers: Record<string, string>, to: ToyServer = server) =>
    rawRequest(to.url, '/api/plants', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"name":"oak","height":3}',
    });

  test('is changed by its own pages and by programs', async () => {
    const { host } = new URL(server.url);
    expect((await post({})).status).toBe(201);
    expect((await post({ origin: `http://${host}`, host, 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    expect((await post({ 'sec-fetch-site': 'none' })).status).toBe(201);
  });

  test.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://localhost:1' }],
    ['a sandboxed page', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sister site', { 'sec-fetch-site': 'same-site' }],
    ['another site with a token', { 'sec-fetch-site': 'cross-site', authorization: 'Bearer the-operator-token' }],
  ])('is not changed by %s', async (_what, headers) => {
    expect((await post(headers)).status).toBe(403);
  });

  test('gives other sites nothing to load, and no program is kept from it', async () => {
    const get = async (path: string, headers: Record<string, string>) =>
      (await rawRequest(server.url, path, { headers })).status;
    const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    expect(await get('/api/plants/latest', image)).toBe(403);
    expect(await get('/api/plants/latest', { origin: 'https://evil.example' })).toBe(403);
    expect(await get('/trpc/plants.latest', { 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await get('/api/plants/latest', {})).toBe(200);
    expect((await fetch(`${server.url}/api/plants/latest`)).status).toBe(200);
  });

  test('is led to by links: its pages and its documentation, but not its API', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const follow = async (path: string) => (await rawRequest(server.url, path, { headers: link })).status;
    expect(await follow('/docs')).toBe(200);
    expect(await follow('/no-such-page')).toBe(404);
    expect(await follow('/api/plants/latest')).toBe(403);
    expect(await follow('/openapi.json')).toBe(403);
  });

  test('elsewhere any name will do, and Bearer is proof enough of intent', async () => {
    await using open = await startToy({ host: '0.0.0.0' });
    const foreign = { host: 'almanac.example', origin: 'https://evil.example' };
    expect((await post({ host: 'almanac.example', origin: 'https://almanac.example' }, open)).status).toBe(201);
    expect((await post(foreign, open)).status).toBe(403);
    expect((await post({ ...foreign, authorization: 'Bearer something' }, open)).status).toBe(201);
  });
});
