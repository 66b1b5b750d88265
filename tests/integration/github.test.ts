import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGitHub, IDENTITY_SCOPES, REPOSITORY_SCOPES, type GitHub } from '../../server/identity/github.ts';
import { GitHubRefused, TokenRevoked } from '../../server/identity/github-faults.ts';
import { codeChallengeOf } from '../../server/identity/pkce.ts';
import { newSecret } from '../../server/identity/secrets.ts';
import { startGitHub, type GitHubStandIn } from '../support/github/server.ts';

const REDIRECT = 'http://127.0.0.1:3000/api/auth/callback';

let standIn: GitHubStandIn;
let github: GitHub;

beforeAll(async () => {
  standIn = await startGitHub();
  github = createGitHub(standIn);
  standIn.addUser({
    id: 583_231,
    login: 'garden-kim',
    name: '김정원',
    emails: [
      { email: 'Garden@Example.com', verified: true, primary: true },
      { email: '583231+garden-kim@users.noreply.github.com', verified: true, primary: false },
      { email: 'claimed@example.com', verified: false, primary: false },
    ],
  });
  standIn.addUser({ login: 'bob' });
});
afterAll(() => standIn[Symbol.asyncDispose]());

/** Signs somebody in at the stand-in. */
async function codeFor(login: string, scopes: readonly string[], codeVerifier = newSecret()) {
  const codeChallenge = codeChallengeOf(codeVerifier);
  const url = github.authorizeUrl({ state: 'the state', codeChallenge, scopes, redirectUri: REDIRECT });
  const back = await standIn.signIn(url, login);
  return { code: back.searchParams.get('code') ?? '', codeVerifier, redirectUri: REDIRECT };
}

const asked = (path: string) => standIn.requests.filter((request) => request.path === path);

describe('where somebody is sent to sign in', () => {
  const request = { state: 'a&b', codeChallenge: 'c'.repeat(43), scopes: IDENTITY_SCOPES, redirectUri: REDIRECT };

  test('carries the state, the challenge with its method, and scopes parted by spaces', () => {
    const url = new URL(github.authorizeUrl(request));
    expect(url.origin + url.pathname).toBe(`${standIn.webUrl}/login/oauth/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: standIn.clientId,
      redirect_uri: REDIRECT,
      scope: 'read:user user:email',
      state: 'a&b',
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256',
    });
  });

  test('may suggest an account', () => {
    const url = new URL(github.authorizeUrl({ ...request, login: 'garden-kim' }));
    expect(url.searchParams.get('login')).toBe('garden-kim');
  });

  test('lies under the configured address, with or without a slash at its end', () => {
    const at = (webUrl: string) =>
      createGitHub({ ...standIn, webUrl })
        .authorizeUrl(request)
        .split('?')[0];
    expect(at('https://github.example')).toBe('https://github.example/login/oauth/authorize');
    expect(at('https://example.com/github/')).toBe('https://example.com/github/login/oauth/authorize');
  });
});

describe('signing in', () => {
  test('leads from a code to who somebody is: number, login, name and the addresses that are verified', async () => {
    const { token, scopes } = await github.exchange(await codeFor('garden-kim', IDENTITY_SCOPES));
    expect(scopes).toEqual(['read:user', 'user:email']);
    expect(await github.account(token)).toEqual({
      id: 583_231,
      login: 'garden-kim',
      name: '김정원',
      emails: ['garden@example.com', '583231+garden-kim@users.noreply.github.com'],
    });
  });

  test('sends the verifier and the secret in the body, never in the address', async () => {
    const exchange = await codeFor('bob', IDENTITY_SCOPES);
    await github.exchange(exchange);
    const last = asked('/login/oauth/access_token').at(-1);
    expect(last?.query.size).toBe(0);
    expect(JSON.parse(last?.body ?? '')).toEqual({
      client_id: standIn.clientId,
      client_secret: standIn.clientSecret,
      code: exchange.code,
      code_verifier: exchange.codeVerifier,
      redirect_uri: REDIRECT,
    });
  });

  test('finds no addresses where the token may not read them, and does not ask for them', async () => {
    const before = asked('/api/v3/user/emails').length;
    const { token } = await github.exchange(await codeFor('garden-kim', ['read:user']));
    expect(await github.account(token)).toMatchObject({ login: 'garden-kim', emails: [] });
    expect(asked('/api/v3/user/emails')).toHaveLength(before);
  });

  test('knows a person without a name, and one who has changed the login, by the number', async () => {
    const { id } = standIn.addUser({ login: 'old-login', name: null });
    const token = standIn.tokenFor('old-login', ['user']);
    standIn.renameUser(id, 'new-login');
    expect(await github.account(token)).toEqual({ id, login: 'new-login', name: null, emails: [] });
  });

  test('reads every address of somebody with more than a page of them', async () => {
    const emails = Array.from({ length: 120 }, (_, one) => ({ email: `${one}@x.test`, verified: true, primary: !one }));
    standIn.addUser({ login: 'many', emails });
    expect((await github.account(standIn.tokenFor('many', ['user']))).emails).toHaveLength(120);
  });
});

describe('a code is refused', () => {
  const reason = (code: Promise<unknown>) =>
    code.then(
      () => 'none',
      (error: unknown) => (error instanceof GitHubRefused ? error.reason : error),
    );

  test('the second time', async () => {
    const exchange = await codeFor('bob', IDENTITY_SCOPES);
    await github.exchange(exchange);
    expect(await reason(github.exchange(exchange))).toBe('bad_verification_code');
  });

  test('with the verifier of another sign-in', async () => {
    const exchange = await codeFor('bob', IDENTITY_SCOPES);
    const codeVerifier = newSecret();
    expect(await reason(github.exchange({ ...exchange, codeVerifier }))).toBe('bad_verification_code');
  });

  test('at another callback', async () => {
    const exchange = await codeFor('bob', IDENTITY_SCOPES);
    const redirectUri = 'http://127.0.0.1:3001/api/auth/callback';
    expect(await reason(github.exchange({ ...exchange, redirectUri }))).toBe('redirect_uri_mismatch');
  });

  test('to an application with the wrong secret', async () => {
    const other = createGitHub({ ...standIn, clientSecret: 'wrong' });
    const exchange = await codeFor('bob', IDENTITY_SCOPES);
    expect(await reason(other.exchange(exchange))).toBe('incorrect_client_credentials');
  });

  test('of an account that has not verified its primary address', async () => {
    standIn.addUser({ login: 'new', emails: [{ email: 'new@example.com', verified: false, primary: true }] });
    expect(await reason(github.exchange(await codeFor('new', IDENTITY_SCOPES)))).toBe('unverified_user_email');
  });
});

describe('repositories', () => {
  beforeAll(() => {
    standIn.addUser({ login: 'collector' });
    for (let one = 1; one <= 230; one += 1) {
      standIn.addRepository({
        owner: 'collector',
        name: `r${one}`,
        private: one % 2 === 0,
        description: one === 230 ? '비공개' : null,
        pushedAt: one === 1 ? null : new Date(Date.UTC(2025, 0, one)).toISOString(),
      });
    }
  });

  test('are all that the token reaches, of every page, the last pushed first', async () => {
    const { token } = await github.exchange(await codeFor('collector', REPOSITORY_SCOPES));
    const found = await github.repositories(token);
    expect(found).toHaveLength(230);
    expect(found[0]).toEqual({
      id: expect.any(Number) as number,
      fullName: 'collector/r230',
      private: true,
      pushedAt: '2025-08-18T00:00:00Z',
      url: `${standIn.webUrl}/collector/r230`,
      description: '비공개',
    });
    expect(found.at(-1)).toMatchObject({ fullName: 'collector/r1', pushedAt: null });
    expect(new Set(found.map(({ id }) => id)).size).toBe(230);
  });

  test('are all there when somebody pushes between two pages', async () => {
    const repository = standIn.addRepository({ owner: 'collector', name: 'pushed', pushedAt: '2024-01-01T00:00:00Z' });
    const author = { name: 'C', email: 'c@example.com', date: '2025-12-01T00:00:00Z' };
    standIn.faults.choose = ({ query }) => {
      if (query.get('page') === '2') standIn.addCommit(repository, { author });
      return null;
    };
    const found = await github.repositories(standIn.tokenFor('collector', REPOSITORY_SCOPES));
    standIn.faults.choose = () => null;
    expect(found).toHaveLength(231);
  });

  test('are the public ones for a token without the scope repo', async () => {
    const found = await github.repositories(standIn.tokenFor('collector', IDENTITY_SCOPES));
    expect(found).toHaveLength(116);
    expect(found.every((one) => !one.private)).toBe(true);
  });

  test('are none where there are none', async () => {
    expect(await github.repositories(standIn.tokenFor('bob', REPOSITORY_SCOPES))).toEqual([]);
  });
});

describe('a token', () => {
  test('ends when it is given back; giving it back again is no error', async () => {
    const token = standIn.tokenFor('bob', []);
    await github.revoke(token);
    await expect(github.account(token)).rejects.toThrow(TokenRevoked);
    await github.revoke(token);
  });

  test('that the person has withdrawn is no longer taken', async () => {
    standIn.addUser({ login: 'withdrawer' });
    const token = standIn.tokenFor('withdrawer', ['repo']);
    standIn.withdraw('withdrawer');
    await expect(github.account(token)).rejects.toThrow(TokenRevoked);
    await expect(github.repositories(token)).rejects.toThrow(TokenRevoked);
  });

  test('is not given back by an application with the wrong secret', async () => {
    const token = standIn.tokenFor('bob', []);
    const refused = createGitHub({ ...standIn, clientSecret: 'wrong' }).revoke(token);
    await expect(refused).rejects.toMatchObject({ name: 'GitHubRefused', reason: 'incorrect_client_credentials' });
    expect((await github.account(token)).login).toBe('bob');
  });

  test('is not taken for ended because an address knows nothing of tokens', async () => {
    const token = standIn.tokenFor('bob', []);
    standIn.faults.next({ status: 404 }, '/token');
    await expect(github.revoke(token)).rejects.toMatchObject({ name: 'GitHubRefused', reason: 'not_found' });
    const misled = createGitHub({ ...standIn, apiUrl: `${standIn.webUrl}/elsewhere` });
    await expect(misled.revoke(token)).rejects.toMatchObject({ name: 'GitHubRefused', reason: 'not_found' });
  });
});
