import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginSignIn, comeBack, startAlmanac, type Almanac, type Person } from '../../support/signed-in.ts';

let almanac: Almanac;
let owner: Person;
beforeAll(async () => {
  almanac = await startAlmanac({ env: { LOG_LEVEL: 'info' } });
  ({ owner } = almanac);
});
afterAll(() => almanac?.[Symbol.asyncDispose]());

describe('headers', () => {
  const sent = async (...lines: readonly string[]) => {
    const { hostname, port } = new URL(almanac.server.url);
    const socket = connect(Number(port), hostname);
    socket.end(
      Buffer.from(['GET /api/auth/me HTTP/1.1', ...lines, 'Connection: close', '', ''].join('\r\n'), 'latin1'),
    );
    return Buffer.concat(await Array.fromAsync(socket as AsyncIterable<Buffer>)).toString('latin1');
  };
  const host = () => `Host: ${new URL(almanac.server.url).host}`;

  test.each(['a\0b', '\0', 'a\u0001b', 'a\nb'])('with %j are no request', async (text) => {
    for (const name of ['Authorization', 'Cookie', 'X-Request-Id', 'X-Forwarded-For', 'User-Agent'])
      expect(await sent(host(), `${name}: ${text}`), name).toMatch(/^HTTP\/1\.1 400 /);
  });
  test('of which there are two where one is meant are no request, or nobody’s', async () => {
    const own = `Authorization: ${owner.bearer['authorization']}`;
    expect(await sent(host(), own)).toMatch(/^HTTP\/1\.1 200 /);
    for (const lines of [
      [host(), 'Host: evil.example'],
      [host(), 'Content-Length: 1', 'Content-Length: 2'],
      [host(), 'Content-Length: 1', 'Transfer-Encoding: chunked'],
      ['Host: '],
      [],
    ])
      expect(await sent(...lines), lines.join()).toMatch(/^HTTP\/1\.1 40[01] /);
  });
  test('longer than any header is are refused', async () => {
    expect(await sent(host(), `Cookie: ${'a'.repeat(20_000)}`)).toMatch(/^HTTP\/1\.1 431 /);
  });
  test('of a browser that calls itself anything sign in, and are shown as text', async () => {
    const login = `p-${randomUUID().slice(0, 8)}`;
    almanac.github.addUser({ login });
    const { authorizeUrl, ticket } = await beginSignIn(almanac);
    const back = await almanac.github.signIn(authorizeUrl, login);
    const agent = `\u00ed\u00a0\u0080<script>${'x'.repeat(2_000)}`;
    const headers = { 'user-agent': agent, accept: 'application/json' };
    const answer = await comeBack(almanac, back, { ticket, headers });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const [session] = (await almanac.query({ authorization: `Bearer ${token}` }, 'account.sessions')).data as [
      { client: string },
    ];
    expect(session.client.isWellFormed()).toBe(true);
    expect(session.client.length).toBeLessThanOrEqual(300);
  });
});

test('log injection: what is sent makes no line of its own', async () => {
  const line = '{"level":"error","msg":"forged"}';
  const asked = [
    almanac.ask(`/${encodeURIComponent(`\n${line}\n`)}`),
    almanac.ask(`/api/users/${encodeURIComponent(`\r\n${line}`)}`, { headers: owner.bearer }),
    almanac.mutate(owner.bearer, 'users.create', { github_id: `\n${line}\n` }),
    almanac.ask('/api/auth/me', { headers: { 'user-agent': line, 'x-request-id': line } }),
  ];
  await Promise.all(asked);
  const lines = almanac.server
    .output()
    .split('\n')
    .filter((one) => one.startsWith('{'));
  expect(lines.length).toBeGreaterThan(3);
  for (const one of lines) expect(JSON.parse(one)).not.toMatchObject({ msg: 'forged' });
});
