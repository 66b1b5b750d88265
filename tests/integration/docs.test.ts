import { afterAll, beforeAll, expect, test } from 'vitest';
import { rawRequest } from '../support/raw-http.ts';
import { startToy, type ToyServer } from '../support/toy-api.ts';

let server: ToyServer;
beforeAll(async () => {
  server = await startToy();
});
afterAll(() => server.close());

test('the document is served as it is generated', async () => {
  const response = await fetch(`${server.url}/openapi.json`);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await response.json()).toMatchObject({ openapi: '3.1.1', info: { version: '1.2.3' } });
});

test.each(['/docs', '/redoc'])(
  '%s refers to nothing outside this server, and all it refers to is here',
  async (path) => {
    const response = await fetch(`${server.url}${path}`);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await response.text();
    expect(html).not.toMatch(/<script>|https?:\/\//);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const asset = await fetch(`${server.url}${file}`);
      expect({ file, status: asset.status }).toEqual({ file, status: 200 });
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(0);
    }
  },
);

test('an asset is compressed for who asks, and not sent twice', async () => {
  const path = '/docs/swagger-ui.css';
  const plain = await rawRequest(server.url, path);
  const small = await rawRequest(server.url, path, { headers: { 'accept-encoding': 'gzip' } });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(small.headers['content-encoding']).toBe('gzip');
  expect(Number(small.headers['content-length'])).toBeLessThan(Number(plain.headers['content-length']) / 3);
  const again = await rawRequest(server.url, path, { headers: { 'if-none-match': String(plain.headers['etag']) } });
  expect(again).toMatchObject({ status: 304, body: '' });
});

test.each([
  '/docs/../package.json',
  '/docs/%2e%2e/package.json',
  '/docs/..%2f..%2f..%2f..%2fetc%2fpasswd',
  '/docs//etc/passwd',
  '/docs/swagger-ui.css/../../package.json',
  '/docs/package.json',
  '/redoc/..%5c..%5cpackage.json',
  '/redoc/redoc.standalone.js%00.html',
])('%s leads to no file', async (path) => {
  const { status, body } = await rawRequest(server.url, path);
  expect([400, 404]).toContain(status);
  expect(body).not.toMatch(/"name"|root:/);
});
