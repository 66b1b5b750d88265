import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAddress } from '../../../server/server-address.ts';
import { DOOR } from '../../support/command-line.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { startServer, unconfigured, type ServerUnderTest } from '../../support/server.ts';

describe('local mode', () => {
  let server: ServerUnderTest;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    rawRequest(server.url, path, { method, headers });
  const own = () => new URL(server.url).host;

  test('whoever is at this machine is the owner: what the refusals below are compared with', async () => {
    const { status, body } = await ask('/api/auth/me', { host: own() });
    expect([status, JSON.parse(body)]).toEqual([200, expect.objectContaining({ kind: 'local', role: 'owner' })]);
    expect((await ask('/api/users', { host: 'localhost:3000', 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('foreign origin: it reads nothing and changes nothing', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'http://localhost:1' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
      { 'sec-fetch-site': 'same-site' },
    ])
      for (const path of ['/api/users', '/trpc/users.list', '/openapi.json', '/', '/health'])
        for (const method of ['GET', 'POST', 'OPTIONS'])
          expect((await ask(path, { host: own(), ...headers }, method)).status, `${method} ${path}`).toBe(403);
  });

  test('DNS rebinding: it answers to no name but this machine’s', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${new URL(server.url).port}`,
      '192.168.0.2',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
    ])
      for (const path of ['/api/users', '/', '/health', '/docs'])
        expect((await ask(path, { host, 'sec-fetch-site': 'same-origin' })).status, `${host}${path}`).toBe(403);
  });

  test('the operator’s token is not the owner’s by being at this machine, and nobody else can read it', async () => {
    expect((await ask('/trpc/projections.list', { host: own() })).status).toBe(401);
    const token = readAddress(server.dataDirectory)?.token ?? '';
    expect((await ask('/trpc/projections.list', { host: own(), authorization: `Bearer ${token}` })).status).toBe(200);
    for (const file of ['server.json', 'vault/keys.sqlite', 'vault/master.key'])
      expect((await stat(join(server.dataDirectory, file))).mode & 0o077, file).toBe(0);
  });

  test('wrong credentials are nobody’s, not the owner’s', async () => {
    for (const authorization of [
      'Bearer wrong',
      'Basic d3Jvbmc6',
      'Bearer',
      `Bearer almanac_${'0'.repeat(16)}_${'A'.repeat(43)}`,
    ])
      expect((await ask('/api/users', { host: own(), authorization })).status, authorization).toBe(401);
  });
});

test('what is kept is for its user alone, also in a folder that others may look into', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-data-'));
  await chmod(dataDirectory, 0o755);
  try {
    await using _server = await startServer({ dataDirectory });
    const kept = await readdir(dataDirectory, { recursive: true });
    expect(kept).toContain('events.sqlite');
    for (const file of kept) expect((await stat(join(dataDirectory, file))).mode & 0o077, file).toBe(0);
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
});

test('API_AUTH_TOKEN asked for: a program of this machine shows it, a person does not have to', async () => {
  const token = 'the-token-of-this-test';
  await using server = await startServer({ env: { API_AUTH_TOKEN: token } });
  const statusOf = async (path: string, headers: Record<string, string>) =>
    (await rawRequest(server.url, path, { headers })).status;
  expect(await statusOf('/api/users', {})).toBe(401);
  expect(await statusOf('/api/users', { authorization: `Bearer ${token}!` })).toBe(401);
  expect(await statusOf('/api/users', { authorization: `Bearer ${token}` })).toBe(200);
  expect(await statusOf('/api/users', { 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await statusOf('/trpc/users.access', { authorization: `Bearer ${token}` }), 'no admin').toBe(403);
});

describe('a server that would be open does not start', () => {
  /** One that has started after all is not waited for. */
  const MOST_MS = 20_000;
  const ended = async (child: ChildProcess) => {
    const [out, err, [code]] = await Promise.all([
      text(child.stdout as Readable),
      text(child.stderr as Readable),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { code, out, err };
  };
  const SECRET = 'k3Jt-9sPq_vL2xWmZr8YbNc4HdFgTe6U5aQo';
  const strong = { API_AUTH_TOKEN: SECRET, SESSION_SECRET: `${SECRET}1`, MASTER_KEY: `${SECRET}2` };
  const production = { NODE_ENV: 'production', ...strong };
  const started = async (env: Record<string, string>, ...flags: string[]) => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-data-'));
    try {
      const own = ['--port', '0', '--data-dir', dataDirectory, '--no-dashboard', ...flags];
      const asked = { cwd: tmpdir(), env: { ...unconfigured(), ...env }, timeout: MOST_MS };
      return await ended(execFile(process.execPath, [DOOR, 'start', ...own], asked));
    } finally {
      await rm(dataDirectory, { recursive: true, force: true });
    }
  };

  test.each([
    ['HOST=0.0.0.0 without authentication', { HOST: '0.0.0.0' }, /HOST \(--host\) is "0\.0\.0\.0"/],
    ['TRUSTED_PROXIES without authentication', { TRUSTED_PROXIES: '1' }, /TRUSTED_PROXIES is 1/],
    ['PUBLIC_URL without authentication', { PUBLIC_URL: 'https://almanac.example.org' }, /PUBLIC_URL is/],
    ['production without its secrets', { NODE_ENV: 'production' }, /API_AUTH_TOKEN[^]*SESSION_SECRET[^]*MASTER_KEY/],
    [
      'production with a placeholder',
      { ...production, SESSION_SECRET: 'change-me-change-me-change-me-change-me' },
      /SESSION_SECRET is a placeholder/,
    ],
    [
      'production with a short master key',
      { ...production, MASTER_KEY: 'short but not empty' },
      /MASTER_KEY is set to 19 characters/,
    ],
    [
      'production with a short webhook secret',
      { ...production, GITHUB_WEBHOOK_SECRET: 'k3Jt' },
      /GITHUB_WEBHOOK_SECRET/,
    ],
  ])('%s', async (_what, env, fault) => {
    const { code, out, err } = await started(env);
    expect(code).toBe(2);
    expect(err).toMatch(fault);
    expect(out + err).not.toContain(SECRET);
    expect(err).not.toMatch(/^ +at /m);
  });

  test('--host 0.0.0.0 as a flag', async () => {
    expect(await started({}, '--host', '0.0.0.0')).toMatchObject({ code: 2 });
  });
});
