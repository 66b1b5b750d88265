import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAddress } from '../../../server/server-address.ts';
import { startGitHub, type GitHubStandIn } from '../../support/github/server.ts';
import {
  beginSignIn,
  comeBack,
  cookieSet,
  OWNER,
  REFRESH_COOKIE,
  startAlmanac,
  type Almanac,
} from '../../support/signed-in.ts';

const CONFIGURED = {
  GITHUB_CLIENT_SECRET: 'canary-client-secret-0123456789abcdef0123',
  SESSION_SECRET: 'canary-session-secret-0123456789abcdef0123',
  SESSION_SECRET_PREVIOUS: 'canary-session-previous-0123456789abcdef',
  MASTER_KEY: 'canary-master-key-0123456789abcdef01234567',
  API_AUTH_TOKEN: 'canary-api-token-0123456789abcdef012345678',
  GITHUB_WEBHOOK_SECRET: 'canary-webhook-secret-0123456789abcdef012',
};
const PERSONAL = ['canary-person-name', 'canary.address@cage.example', 'canary-key-name', 'canary-garden'];

let github: GitHubStandIn;
let almanac: Almanac;
/** Everything that was answered, but for the places where somebody is given a secret of their own. */
const answers: string[] = [];
/** By what it is. */
const secrets = new Map<string, string>(Object.entries(CONFIGURED));

const keep = async (answer: Response): Promise<Response> => {
  answers.push([...answer.headers].join('\n'), await answer.clone().text());
  return answer;
};

/** Signs in, connects repositories, makes a key, refreshes; fails at each of them, too. */
async function journey(): Promise<void> {
  const { ask, mutate, query } = almanac;
  github.addUser({
    login: 'canary',
    name: 'canary-person-name',
    emails: [{ email: 'canary.address@cage.example', verified: true, primary: true }],
  });
  github.addRepository({ owner: 'canary', name: 'canary-garden', private: true });
  const person = await almanac.signIn('canary');
  await mutate(almanac.owner.bearer, 'users.approve', { id: person.id });
  const { authorizeUrl, ticket } = await beginSignIn(almanac, {
    query: '?connect=repositories',
    headers: person.browser,
  });
  const callback = await github.signIn(authorizeUrl, 'canary');
  secrets.set('code', callback.searchParams.get('code') ?? '');
  await keep(await comeBack(almanac, callback, { ticket, headers: person.browser }));
  await keep(await comeBack(almanac, callback, { ticket, headers: person.browser }));
  const reachable = (await query(person.bearer, 'account.reachable')).data as { githubId: number }[];
  await mutate(person.bearer, 'account.connectRepositories', { githubIds: reachable.map(({ githubId }) => githubId) });
  const { key } = await almanac.keyOf(person, ['read', 'log:write'], 'canary-key-name');
  secrets.set('key', key).set('secret of the key', key.split('_').slice(2).join('_'));
  secrets.set('refresh token', person.refreshToken).set('access token', person.accessToken);
  await everythingAsked({ authorization: `Bearer ${key}` }, person.bearer, person.browser, almanac.owner.bearer, {
    authorization: `Bearer ${CONFIGURED.API_AUTH_TOKEN}`,
  });
  await faults(key);
  const refreshed = await ask('/trpc/auth.caller', { headers: { cookie: `${REFRESH_COOKIE}=${person.refreshToken}` } });
  secrets.set('second refresh token', cookieSet(refreshed, REFRESH_COOKIE) ?? '');
  await keep(await ask('/trpc/auth.caller', { headers: { cookie: `${REFRESH_COOKIE}=${person.refreshToken}` } }));
}

async function everythingAsked(...callers: readonly Readonly<Record<string, string>>[]): Promise<void> {
  const paths = [
    ...['/', '/sign-in', '/docs', '/openapi.json', '/health', '/api/users', '/api/auth/me', '/api/users/me/export'],
    ...['account.get', 'account.sessions', 'account.keys', 'account.reachable', 'users.access', 'status.get'].map(
      (procedure) => `/trpc/${procedure}`,
    ),
    '/trpc/audit.list?input={}',
    `/trpc/events.latest?input=${encodeURIComponent('{"limit":200}')}`,
  ];
  for (const headers of callers) for (const path of paths) await keep(await almanac.ask(path, { headers }));
}

/** Secrets in places where they do not belong, and a GitHub that fails while it is shown them. */
async function faults(key: string): Promise<void> {
  const { ask, mutate, owner } = almanac;
  const headers = { ...owner.bearer, 'content-type': 'application/json' };
  for (const fault of [
    { status: 500, body: () => JSON.stringify({ message: CONFIGURED.GITHUB_CLIENT_SECRET }) },
    { status: 401 },
    { body: () => 'no json', cutAfter: 3 },
  ]) {
    const { authorizeUrl, ticket } = await beginSignIn(almanac);
    const callback = await github.signIn(authorizeUrl, 'canary');
    secrets.set(`code of a failed sign-in ${fault.status ?? 'cut'}`, callback.searchParams.get('code') ?? '');
    github.faults.next(fault, '/login/oauth/access_token');
    await keep(await comeBack(almanac, callback, { ticket }));
  }
  await keep(await ask('/api/users', { method: 'POST', headers, body: `{"github_id":"x"` }));
  await mutate({ authorization: `Bearer ${key}x` }, 'account.keys');
  await keep(await ask('/trpc/account.get', { headers: { authorization: `Bearer ${key}\u00a0` } }));
  await github.webhook(`${almanac.server.url}/webhooks/github`, 'wrong', 'push', {});
  await github.webhook(`${almanac.server.url}/webhooks/github`, CONFIGURED.GITHUB_WEBHOOK_SECRET, 'push', { ref: 1 });
}

const filesIn = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

beforeAll(async () => {
  github = await startGitHub({ clientSecret: CONFIGURED.GITHUB_CLIENT_SECRET });
  github.addUser({ login: OWNER });
  almanac = await startAlmanac({ github, env: { ...CONFIGURED, LOG_LEVEL: 'debug' } });
  await journey();
  // Every token that GitHub gave, as it came back to it.
  for (const { headers } of github.requests) {
    const shown = /^(?:bearer|token) (gho_\w+)$/i.exec(headers['authorization'] ?? '')?.[1];
    if (shown) secrets.set(`GitHub token ${secrets.size}`, shown);
  }
  secrets.set('operator token', readAddress(almanac.server.dataDirectory)?.token ?? '');
});
afterAll(async () => {
  await almanac?.[Symbol.asyncDispose]();
  await github?.[Symbol.asyncDispose]();
});

describe('a secret', () => {
  const found = (text: string) => [...secrets].flatMap(([what, secret]) => (text.includes(secret) ? [what] : []));

  test('was shown at each step: what is looked for is what there was', () => {
    expect([...secrets.values()].filter((secret) => secret.length < 16)).toEqual([]);
    expect([...secrets.keys()].filter((what) => what.startsWith('GitHub token')).length).toBeGreaterThan(1);
    expect([...secrets.keys()].filter((what) => what.startsWith('code')).length).toBe(4);
    expect(answers.length).toBeGreaterThan(100);
    expect(almanac.server.output().split('\n').length).toBeGreaterThan(100);
  });
  test('is in no log line', () => expect(found(almanac.server.output())).toEqual([]));
  test('is in no answer and no error', () => expect(answers.flatMap(found)).toEqual([]));
  test('is in no file in clear, but the operator’s token, which its user alone may read', () => {
    for (const file of filesIn(almanac.server.dataDirectory)) {
      const expected = file.endsWith('server.json') ? ['operator token'] : [];
      expect(found(readFileSync(file, 'latin1')), file).toEqual(expected);
    }
  });
});

test('what is personal is in clear in no file but those of read models', () => {
  const directory = almanac.server.dataDirectory;
  expect(PERSONAL.filter((one) => !answers.some((answer) => answer.includes(one)))).toEqual([]);
  for (const file of filesIn(directory).filter((one) => !one.startsWith(join(directory, 'read-models')))) {
    const text = readFileSync(file, 'latin1');
    expect(
      PERSONAL.filter((one) => text.includes(one)),
      file,
    ).toEqual([]);
  }
});
