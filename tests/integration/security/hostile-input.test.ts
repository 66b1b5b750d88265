import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appRouter } from '../../../server/api/router.ts';
import { startAlmanac, type Almanac, type Person } from '../../support/signed-in.ts';

let almanac: Almanac;
let owner: Person;
let member: Person;
beforeAll(async () => {
  almanac = await startAlmanac();
  ({ owner } = almanac);
  member = await almanac.join('a-member');
});
afterAll(async () => {
  // Whatever was sent: nothing of it was a fault of ours.
  const faults = almanac.server.output().match(/.*"level":"(error|fatal)".*/g) ?? [];
  await almanac[Symbol.asyncDispose]();
  expect(faults).toEqual([]);
});

const isUp = async () => (await almanac.ask('/health')).status;
const post = (path: string, body: string, type = 'application/json') =>
  almanac.ask(path, { method: 'POST', headers: { ...owner.bearer, 'content-type': type }, body });
const mutations = Object.entries(appRouter._def.procedures).flatMap(([path, procedure]) =>
  (procedure as { _def: { type: string } })._def.type === 'mutation' && path !== 'auth.logout' ? [path] : [],
);

describe('a tRPC batch of 1,000', () => {
  test('queries are refused as one', async () => {
    const paths = Array.from({ length: 1_000 }, () => 'auth.caller').join(',');
    const answer = await almanac.ask(`/trpc/${paths}?batch=1&input={}`);
    expect(answer.status).toBe(400);
    expect((await answer.text()).length).toBeLessThan(10_000);
  });
  test('mutations are refused as one, and none is done', async () => {
    const paths = Array.from({ length: 1_000 }, () => 'users.create').join(',');
    const inputs = Array.from({ length: 1_000 }, (_, index) => [index, { github_id: `many-${index}` }]);
    const body = JSON.stringify(Object.fromEntries(inputs));
    expect((await post(`/trpc/${paths}?batch=1`, body)).status).toBe(400);
    expect(JSON.stringify((await almanac.query(owner.bearer, 'users.list')).data)).not.toContain('many-');
  });
  test('inputs beyond the calls count for nothing', async () => {
    const input = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [index, {}]));
    const answer = await almanac.ask(`/trpc/auth.caller?batch=1&input=${encodeURIComponent(JSON.stringify(input))}`);
    expect(await answer.json()).toHaveLength(1);
  });
});

/** Sends a head and, chunk by chunk, as much of a body as the server takes. @returns its status, and how much was taken */
function flood(path: string, head: readonly string[], total: number, chunk: (size: number) => Buffer) {
  const { hostname, port } = new URL(almanac.server.url);
  return new Promise<{ status: number; sent: number }>((resolve, reject) => {
    let [answer, sent] = ['', 0];
    const socket = connect(Number(port), hostname);
    const end = () => {
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0), sent });
    };
    const piece = chunk(64 * 1024);
    const pump = () => {
      while (sent < total && !socket.destroyed && answer === '') {
        sent += piece.length;
        if (!socket.write(piece)) return void socket.once('drain', pump);
      }
    };
    socket.on('data', (data) => {
      answer += data.toString();
      end();
    });
    socket
      .on('error', end)
      .on('close', end)
      .setTimeout(20_000, () => reject(new Error('No answer came.')));
    socket.write([`POST ${path} HTTP/1.1`, `Host: ${hostname}:${port}`, ...head, '', ''].join('\r\n'), pump);
  });
}

describe('a 100 MB body', () => {
  const SIZE = 100 * 2 ** 20;
  const plain = (size: number) => Buffer.alloc(size, 'a');
  const chunked = (size: number) => Buffer.from(`${size.toString(16)}\r\n${'a'.repeat(size)}\r\n`);
  const LEAST_TO_FILL_SOCKETS = 20 * 2 ** 20;
  const heads = () => [
    'Content-Type: application/json',
    `Authorization: ${owner.bearer['authorization']}`,
    'Connection: close',
  ];

  test.each(['/trpc/account.issueKey', '/api/users', '/api/auth/refresh'])(
    'declared is refused at once: %s',
    async (path) => {
      const { status, sent } = await flood(path, [...heads(), `Content-Length: ${SIZE}`], SIZE, plain);
      expect([413, 0]).toContain(status);
      expect(sent).toBeLessThan(LEAST_TO_FILL_SOCKETS);
      expect(await isUp()).toBe(200);
    },
  );
  test.each(['/trpc/account.issueKey', '/api/users', '/api/auth/refresh'])(
    'chunked is refused on the way: %s',
    async (path) => {
      const { status, sent } = await flood(path, [...heads(), 'Transfer-Encoding: chunked'], SIZE, chunked);
      expect([413, 0]).toContain(status);
      expect(sent).toBeLessThan(LEAST_TO_FILL_SOCKETS);
      expect(await isUp()).toBe(200);
    },
  );
  test.each(['/', '/api/auth/logout', '/nothing', '/webhooks/github', '/docs'])(
    'where no body is expected it fills no memory: %s',
    async (path) => {
      const { sent } = await flood(
        path,
        ['Content-Type: text/plain', 'Transfer-Encoding: chunked', 'Connection: close'],
        SIZE,
        chunked,
      );
      expect(sent).toBeLessThan(LEAST_TO_FILL_SOCKETS);
      expect(await isUp()).toBe(200);
    },
  );
});

describe('100,000-deep JSON', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const deepObject = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

  test.each(mutations)('%s refuses it as what it is', async (path) => {
    for (const body of [deep, deepObject, `{"0":${deep}}`, `{"id":${deep},"name":${deepObject},"scopes":${deep}}`])
      expect([200, 400, 403]).toContain((await post(`/trpc/${path}`, body)).status);
    expect(await isUp()).toBe(200);
  });
  test('over REST it is 400', async () => {
    for (const body of [deep, deepObject, `{"github_id":${deep}}`])
      expect((await post('/api/users', body)).status).toBe(400);
  });
  test('never ended it is 400', async () => {
    expect((await post('/api/users', '['.repeat(500_000))).status).toBe(400);
    expect((await post('/trpc/users.create', '['.repeat(500_000))).status).toBe(400);
  });
});

describe('__proto__, constructor and prototype', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

  test.each(NAMES)('%s as a field is an unknown field, and nothing else has it afterwards', async (name) => {
    const login = `p-${randomUUID().slice(0, 8)}`;
    const evil = `{"role":"owner","scopes":["admin"],"polluted":true}`;
    for (const [path, body] of [
      ['/api/users', `{"github_id":"${login}","${name}":${evil}}`],
      ['/trpc/users.create', `{"github_id":"${login}","${name}":${evil}}`],
      ['/trpc/account.issueKey', `{"name":"x","scopes":["read"],"days":1,"${name}":${evil}}`],
    ] as const)
      expect((await post(path, body)).status, path).toBe(400);
    const batch = `{"${name}":${evil},"0":{"github_id":"${login}"}}`;
    await post('/trpc/users.create?batch=1', batch);
    const access = (await almanac.query(owner.bearer, 'users.access')).data as { login: string; role: string }[];
    expect(access.find((one) => one.login === login)?.role ?? 'member').toBe('member');
    expect(await (await almanac.ask('/api/auth/me', { headers: member.bearer })).text()).not.toContain('polluted');
  });
  test.each(NAMES)('%s as a procedure, a path, a query or an id is not there', async (name) => {
    for (const path of [
      `/trpc/${name}`,
      `/trpc/users.${name}`,
      `/trpc/${name}.${name}`,
      `/api/users/${name}`,
      `/api/${name}`,
    ])
      expect((await almanac.ask(path, { headers: owner.bearer })).status, path).toBe(404);
    expect((await almanac.ask(`/api/users?${name}=1`, { headers: owner.bearer })).status).toBeLessThan(500);
    expect((await almanac.mutate(owner.bearer, 'users.approve', { id: name })).status).toBeLessThan(500);
  });
});

describe('NUL and lone surrogates', () => {
  const TEXTS = [
    'a\0b',
    '\0',
    '\ud800',
    'a\udfffb',
    '\ud800\ud800',
    '\u202e\u2066',
    'a\r\nb',
    '\u001b[2J',
    '\ufeff',
    'e\u0301',
  ];

  test.each(TEXTS)('%j in ids, handles and names is answered, not stumbled over', async (text) => {
    for (const [procedure, input] of [
      ['users.get', { id: text }],
      ['users.byGitHub', { github_id: text }],
      ['members.profile', { handle: text }],
      ['attendance.history', { github_id: text }],
      ['commits.list', { github_id: text }],
      ['attendance.book', { challenge: text }],
    ] as const)
      expect((await almanac.query(owner.bearer, procedure, input)).status, procedure).toBeLessThan(500);
    for (const [procedure, input] of [
      ['users.approve', { id: text }],
      ['users.decline', { id: text }],
      ['users.update', { id: text, role: 'admin' }],
      ['users.create', { github_id: text }],
      ['users.erase', { id: text, confirm: text }],
      ['account.revokeSession', { id: text }],
      ['account.revokeKey', { id: text }],
      ['account.disconnectRepository', { repositoryId: text }],
      ['account.erase', { confirm: text }],
      ['auth.refresh', { refresh_token: text }],
      ['challenges.setJoining', { challenge: text, open: true }],
    ] as const)
      expect((await almanac.mutate(owner.bearer, procedure, input)).status, procedure).toBeLessThan(500);
    expect(await (await almanac.ask('/api/auth/me', { headers: owner.bearer })).json()).toMatchObject({
      role: 'owner',
    });
  });

  test.each(TEXTS)('%j in the name of a key stays in it, and the key works', async (text) => {
    const issued = await almanac.mutate(member.bearer, 'account.issueKey', {
      name: `k${text}`,
      scopes: ['read'],
      days: 1,
    });
    expect(issued.status).toBe(200);
    const { keyId, key } = issued.data as { keyId: string; key: string };
    expect((await almanac.query({ authorization: `Bearer ${key}` }, 'users.list')).status).toBe(200);
    const listed = (await almanac.query(member.bearer, 'account.keys')).data as { id: string; name: string }[];
    const name = listed.find(({ id }) => id === keyId)?.name ?? '';
    // eslint-disable-next-line no-control-regex -- These are what is looked for.
    expect(name).not.toMatch(/[\0\r\n\u001b]/);
    expect(name.isWellFormed()).toBe(true);
  });

  test.each([
    '/api/users/%00',
    '/api/users/%ED%A0%80',
    '/api/users/%FF',
    '/%00',
    '/trpc/%00',
    '/trpc/users.get?input=%00',
    '/members/%00',
    '/days/%ED%A0%80',
  ])('%s is answered', async (path) => {
    const answer = await almanac.ask(path, { headers: owner.bearer });
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
  });

  test('a name at GitHub with any of them signs in, and is shown without what could do harm', async () => {
    for (const [index, text] of TEXTS.entries()) {
      const login = `odd-${index}`;
      almanac.github.addUser({ login, name: `n${text}m` });
      const { bearer } = await almanac.signIn(login);
      const { name } = (await (await almanac.ask('/api/auth/me', { headers: bearer })).json()) as { name: string };
      expect(name.isWellFormed(), JSON.stringify(text)).toBe(true);
      // eslint-disable-next-line no-control-regex -- These are what is looked for.
      expect(name, JSON.stringify(text)).not.toMatch(/[\0\r\n\u001b]/);
    }
  });
});
