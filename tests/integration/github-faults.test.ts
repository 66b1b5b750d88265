import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createGitHub, IDENTITY_SCOPES, type GitHub } from '../../server/identity/github.ts';
import { GitHubUnavailable, GitHubRefused, TokenRevoked } from '../../server/identity/github-faults.ts';
import { codeChallengeOf } from '../../server/identity/pkce.ts';
import { newSecret } from '../../server/identity/secrets.ts';
import { errorFacts } from '../../server/log.ts';
import { primaryLimit, secondaryLimit, type Fault } from '../support/github/faults.ts';
import { startGitHub, type GitHubStandIn } from '../support/github/server.ts';

const REDIRECT = 'http://127.0.0.1:3000/api/auth/callback';
const SECRET = 'canary-client-secret';

let standIn: GitHubStandIn;
let github: GitHub;
let token: string;

beforeAll(async () => {
  standIn = await startGitHub({ clientSecret: SECRET });
  github = createGitHub({ ...standIn, timeoutMs: 500 });
  standIn.addUser({ login: 'garden-kim' });
  for (let one = 1; one <= 150; one += 1) standIn.addRepository({ owner: 'garden-kim', name: `r${one}` });
  token = standIn.tokenFor('garden-kim', IDENTITY_SCOPES);
});
afterEach(() => {
  standIn.faults.choose = () => null;
});
afterAll(() => standIn[Symbol.asyncDispose]());

const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'it went well',
    (error: unknown) => error,
  );

async function unavailable(attempt: Promise<unknown>): Promise<GitHubUnavailable> {
  const error = await failureOf(attempt);
  expect(error).toBeInstanceOf(GitHubUnavailable);
  return error as GitHubUnavailable;
}

async function exchange(of = github) {
  const codeVerifier = newSecret();
  const request = { state: 's', codeChallenge: codeChallengeOf(codeVerifier), scopes: [], redirectUri: REDIRECT };
  const back = await standIn.signIn(of.authorizeUrl(request), 'garden-kim');
  return { code: back.searchParams.get('code') ?? '', codeVerifier, redirectUri: REDIRECT };
}

describe('GitHub is unavailable', () => {
  test.each<[string, Fault, RegExp]>([
    ['in trouble', { status: 502 }, /in trouble \(status 502\)/],
    ['silent', { unanswered: true }, /did not answer \(timeout\)/],
    ['slower than is waited for', { delayMs: 700 }, /did not answer \(timeout\)/],
    ['cut off in the middle of an answer', { cutAfter: 20 }, /did not answer/],
    ['cut off before the answer', { cutAfter: 0 }, /did not answer/],
    ['speaking half a JSON', { body: (text) => text.slice(0, text.length / 2) }, /form that was not expected/],
    ['saying nothing', { body: () => '' }, /form that was not expected: everything/],
    ['speaking of something else', { body: () => '{"id":"1","login":7}' }, /not expected: id, login/],
    ['speaking HTML', { body: () => '<html>' }, /form that was not expected/],
  ])('when it is %s', async (_what, fault, message) => {
    standIn.faults.next(fault, '/user');
    const { message: said, retryAfter } = await unavailable(github.account(token));
    expect([said, retryAfter]).toEqual([expect.stringMatching(message), null]);
    expect(said).toContain(new URL(standIn.apiUrl).host);
  });

  test('when nobody listens, and when the name is nobody’s', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    const closed = createGitHub({ ...standIn, apiUrl: `http://127.0.0.1:${port}` });
    expect((await unavailable(closed.account(token))).message).toMatch('ECONNREFUSED');
    const nameless = createGitHub({ ...standIn, apiUrl: 'http://github.invalid', timeoutMs: 5_000 });
    await unavailable(nameless.account(token));
  });

  test('when it sends elsewhere: a secret does not follow', async () => {
    const seen: unknown[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const { port } = elsewhere.address() as AddressInfo;
    standIn.faults.choose = () => ({ status: 307, headers: { location: `http://127.0.0.1:${port}/` } });
    await unavailable(github.account(token));
    await unavailable(github.exchange({ code: 'c', codeVerifier: 'v'.repeat(43), redirectUri: REDIRECT }));
    await unavailable(github.revoke(token));
    elsewhere.close();
    expect(seen).toEqual([]);
  });

  test.each<[string, Fault]>([
    ['is in trouble', { status: 500 }],
    ['breaks off', { cutAfter: 1_000 }],
    ['says nothing', { body: () => '' }],
  ])('rather than knowing half of the repositories when it %s on the second page', async (_what, fault) => {
    standIn.faults.choose = ({ path, query }) =>
      path.endsWith('/user/repos') && query.get('page') === '2' ? fault : null;
    await unavailable(github.repositories(token));
    standIn.faults.choose = () => null;
    expect(await github.repositories(token)).toHaveLength(150);
  });

  test('when a repository leads people to something that is no web page', async () => {
    standIn.faults.next({ body: (text) => text.replaceAll('"html_url":"http', '"html_url":"javascript') });
    expect((await unavailable(github.repositories(token))).message).toMatch('html_url');
  });

  test('when its list has no end', async () => {
    const endless: typeof fetch = () =>
      Promise.resolve(Response.json([], { headers: { link: '<http://x.test/?page=9>; rel="next"' } }));
    const { message } = await unavailable(createGitHub({ ...standIn, fetch: endless }).repositories(token));
    expect(message).toMatch('no end');
  });
});

describe('GitHub takes no more requests', () => {
  test('for as long as Retry-After says', async () => {
    standIn.faults.next(secondaryLimit(77), '/user');
    expect((await unavailable(github.account(token))).retryAfter).toBe(77);
  });

  test('for a minute where it does not say', async () => {
    const body = () => JSON.stringify({ message: 'You have exceeded a secondary rate limit.' });
    standIn.faults.next({ status: 403, body }, '/user');
    expect((await unavailable(github.account(token))).retryAfter).toBe(60);
  });

  test('until its quota is fresh, by its own clock', async () => {
    standIn.leaveQuota('garden-kim', 0);
    const { retryAfter } = await unavailable(github.account(token));
    standIn.leaveQuota('garden-kim', 4_000);
    expect(retryAfter).toBeGreaterThan(3_500);
    expect(retryAfter).toBeLessThanOrEqual(3_601);
    standIn.faults.next(primaryLimit(1_900_000_000), '/user');
    const at = Date.parse('2030-03-17T17:45:40Z');
    const limited = createGitHub({ ...standIn, fetch: (url, init) => atTime(at, fetch(url, init)) });
    expect((await unavailable(limited.account(token))).retryAfter).toBe(1_900_000_000 - at / 1000);
  });

  test('while a code is exchanged', async () => {
    standIn.faults.next(secondaryLimit(5), '/access_token');
    expect((await unavailable(github.exchange(await exchange()))).retryAfter).toBe(5);
  });
});

async function atTime(ms: number, pending: Promise<Response>): Promise<Response> {
  const answer = await pending;
  const headers = new Headers(answer.headers);
  headers.set('date', new Date(ms).toUTCString());
  return new Response(answer.body, { status: answer.status, headers });
}

describe('GitHub refuses', () => {
  test('what is forbidden for another reason than too many requests', async () => {
    standIn.faults.next({ status: 403 }, '/user');
    expect(await failureOf(github.account(token))).toMatchObject({ name: 'GitHubRefused', reason: 'forbidden' });
  });

  test('with a reason nobody knows, which is not repeated: it could be anything', async () => {
    const body = () => JSON.stringify({ error: 'canary_reason', error_description: 'canary' });
    standIn.faults.next({ body }, '/access_token');
    const error = await failureOf(github.exchange(await exchange()));
    expect(error).toMatchObject({ name: 'GitHubRefused', reason: 'unknown' });
    expect(inspect(error)).not.toMatch('canary');
  });

  test('an application it does not know, with 401 as well', async () => {
    standIn.faults.next({ status: 401 }, '/access_token');
    const error = await failureOf(github.exchange(await exchange()));
    expect(error).toMatchObject({ name: 'GitHubRefused', reason: 'incorrect_client_credentials' });
  });
});

describe('no secret is in an error or a log', () => {
  const channels = ['log', 'info', 'warn', 'error', 'debug'] as const;

  /** All that could be read of an error: by the log, by an inspecting program, as JSON. */
  const readable = (error: unknown) =>
    JSON.stringify([inspect(error, { depth: 20, showHidden: true }), errorFacts(error)]);

  test.each<[string, Fault]>([
    ['401', { status: 401 }],
    ['403', { status: 403 }],
    ['404', { status: 404 }],
    ['422', { status: 422 }],
    ['429', { status: 429 }],
    ['503', { status: 503 }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['silence', { unanswered: true }],
    ['a broken connection', { cutAfter: 0 }],
    ['half an answer', { body: (text) => text.slice(0, -3) }],
    ['a deprecation', { status: 400, headers: { deprecation: 'true', sunset: 'today' } }],
  ])('after %s', async (_what, fault) => {
    const spies = channels.map((name) => vi.spyOn(console, name).mockImplementation(() => undefined));
    const given = await exchange();
    const token = standIn.tokenFor('garden-kim', []);
    standIn.faults.choose = () => fault;
    const attempts = [github.exchange(given), github.account(token), github.repositories(token), github.revoke(token)];
    const errors = await Promise.all(attempts.map(failureOf));
    const printed = spies.flatMap(({ mock }) => mock.calls);
    vi.restoreAllMocks();
    expect(printed).toEqual([]);
    for (const secret of [SECRET, token, given.code, given.codeVerifier, btoa(`${standIn.clientId}:${SECRET}`)]) {
      for (const error of errors) expect(readable(error)).not.toContain(secret);
    }
    // What only half arrives of an answer to `revoke` is no fault: it has no content.
    const known = [GitHubUnavailable, GitHubRefused, TokenRevoked];
    for (const error of errors.slice(0, 3)) expect(known.some((kind) => error instanceof kind)).toBe(true);
  });

  test('after an answer that repeats them', async () => {
    const given = await exchange();
    const body = () => JSON.stringify({ message: `${token} ${given.code}`, error: given.code, errors: [token] });
    for (const status of [400, 401, 403, 404, 429, 500]) {
      standIn.faults.choose = () => ({ status, body });
      const errors = await Promise.all([github.exchange(given), github.account(token)].map(failureOf));
      for (const text of errors.map(readable)) {
        expect(text).not.toContain(token);
        expect(text).not.toContain(given.code);
      }
    }
  });

  test('for a token that cannot even be sent', async () => {
    const error = await failureOf(github.account('canary\ntoken'));
    expect(error).toBeInstanceOf(GitHubUnavailable);
    expect(readable(error)).not.toContain('canary');
  });
});
