import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../../support/raw-http.ts';
import {
  ACCESS_COOKIE,
  beginSignIn,
  comeBack,
  cookieSet,
  OWNER,
  REFRESH_COOKIE,
  SIGN_IN_COOKIE,
  startAlmanac,
  type Almanac,
} from '../../support/signed-in.ts';

let almanac: Almanac;
beforeAll(async () => {
  almanac = await startAlmanac();
});
afterAll(() => almanac?.[Symbol.asyncDispose]());

/** A login nobody has yet. */
const newLogin = () => `p-${randomUUID().slice(0, 8)}`;
const newAccount = () => almanac.github.addUser({ login: newLogin() }).login;

/** Somebody who has pressed the button at GitHub and is on the way back. */
async function onTheWayBack(login = newAccount(), query = '') {
  const { authorizeUrl, ticket } = await beginSignIn(almanac, { query });
  return { callback: await almanac.github.signIn(authorizeUrl, login), ticket, authorizeUrl };
}
const isSignedIn = (answer: Response) => !!cookieSet(answer, ACCESS_COOKIE) || !!cookieSet(answer, REFRESH_COOKIE);
const expectNobody = (answer: Response, fault: string) => {
  expect(isSignedIn(answer)).toBe(false);
  expect(answer.headers.get('location')).toBe(`/sign-in?fault=${fault}`);
};
const changed = (url: URL, change: Record<string, string | null>) => {
  const other = new URL(url);
  for (const [name, value] of Object.entries(change))
    if (value === null) other.searchParams.delete(name);
    else other.searchParams.set(name, value);
  return other;
};

describe('a sign-in that is right', () => {
  test('signs in: what the refusals below are compared with', async () => {
    const { callback, ticket } = await onTheWayBack();
    expect(isSignedIn(await comeBack(almanac, callback, { ticket }))).toBe(true);
  });
});

describe('state', () => {
  test('state missing', async () => {
    const { callback, ticket } = await onTheWayBack();
    expectNobody(await comeBack(almanac, changed(callback, { state: null }), { ticket }), 'expired');
  });
  test('state of another browser: an attacker’s code does not sign the victim in as the attacker', async () => {
    const attackers = await onTheWayBack();
    const victims = await onTheWayBack();
    expectNobody(await comeBack(almanac, attackers.callback, { ticket: victims.ticket }), 'expired');
    expectNobody(await comeBack(almanac, attackers.callback, { ticket: null }), 'expired');
  });
  test('state reused', async () => {
    const login = newAccount();
    const { callback, ticket, authorizeUrl } = await onTheWayBack(login);
    expect(isSignedIn(await comeBack(almanac, callback, { ticket }))).toBe(true);
    const { searchParams } = await almanac.github.signIn(authorizeUrl, login);
    const newCode = changed(callback, { code: searchParams.get('code') });
    expectNobody(await comeBack(almanac, newCode, { ticket }), 'expired');
  });
  test('the ticket is taken away from the browser once it is used; what does not belong to it leaves it alone', async () => {
    const [first, second] = [await onTheWayBack(), await onTheWayBack()];
    const kept = await comeBack(almanac, first.callback, { ticket: second.ticket });
    expect(cookieSet(kept, SIGN_IN_COOKIE), 'the sign-in of another tab goes on').toBeUndefined();
    expect(cookieSet(await comeBack(almanac, second.callback, { ticket: second.ticket }), SIGN_IN_COOKIE)).toBe('');
  });
});

describe('PKCE', () => {
  test('PKCE missing: a challenge goes to GitHub, and only its verifier, which no browser sees, redeems the code', async () => {
    const { callback, ticket, authorizeUrl } = await onTheWayBack();
    const asked = new URL(authorizeUrl).searchParams;
    expect(asked.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(asked.get('code_challenge_method')).toBe('S256');
    await comeBack(almanac, callback, { ticket });
    const exchange = almanac.github.requests.findLast(({ path }) => path === '/login/oauth/access_token');
    const { code_verifier: verifier } = JSON.parse(exchange?.body ?? '{}') as { code_verifier?: string };
    expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
    expect(authorizeUrl + callback.href).not.toContain(verifier);
    expect(Buffer.from(ticket, 'base64url').toString('latin1')).not.toContain(verifier);
  });
  test('PKCE of another sign-in: a stolen code is of no use in one’s own', async () => {
    const [victims, attackers] = [await onTheWayBack(), await onTheWayBack()];
    const stolen = changed(attackers.callback, { code: victims.callback.searchParams.get('code') });
    expectNobody(await comeBack(almanac, stolen, { ticket: attackers.ticket }), 'refused');
  });
});

test('code replay', async () => {
  const login = newAccount();
  const first = await onTheWayBack(login);
  expect(isSignedIn(await comeBack(almanac, first.callback, { ticket: first.ticket }))).toBe(true);
  const second = await onTheWayBack(login);
  const replayed = changed(second.callback, { code: first.callback.searchParams.get('code') });
  expectNobody(await comeBack(almanac, replayed, { ticket: second.ticket }), 'refused');
});

test('login by id alone: no endpoint signs in by typing one', async () => {
  const { id } = almanac.owner;
  const claims = { github_id: OWNER, id, memberId: id, user: id, login: OWNER, username: OWNER, sub: id };
  const forms = [claims, ...Object.entries(claims).map(([name, value]) => ({ [name]: value }))];
  const auth = ['login', 'callback', 'refresh', 'me', 'session', 'token'];
  const paths = ['/api/users', '/sign-in', ...auth.flatMap((name) => [`/api/auth/${name}`, `/trpc/auth.${name}`])];
  for (const path of paths)
    for (const form of forms)
      for (const [method, type, body] of [
        ['GET', null, null],
        ['POST', 'application/json', JSON.stringify(form)],
        ['POST', 'application/x-www-form-urlencoded', new URLSearchParams(form).toString()],
      ] as const) {
        const answer = await almanac.ask(method === 'GET' ? `${path}?${new URLSearchParams(form)}` : path, {
          method,
          ...(type && { headers: { 'content-type': type }, body }),
        });
        expect(isSignedIn(answer), `${method} ${path}`).toBe(false);
        expect(await answer.text(), `${method} ${path}`).not.toMatch(/"(access|refresh)_?token":/i);
      }
  for (const authorization of [`Bearer ${id}`, `Bearer ${OWNER}`, `Basic ${btoa(`${id}:`)}`, `Token ${id}`])
    expect((await almanac.ask('/api/auth/me', { headers: { authorization } })).status).toBe(401);
});

describe('open redirect by next', () => {
  test.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '\\\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    'javascript:alert(1)',
    ' https://evil.example',
    '/\r\nLocation: https://evil.example',
    'https:evil.example',
    '@evil.example',
  ])('%j', async (next) => {
    const { callback, ticket } = await onTheWayBack(newAccount(), `?${new URLSearchParams({ next })}`);
    const answer = await comeBack(almanac, callback, { ticket });
    expect(isSignedIn(answer)).toBe(true);
    expect(new URL(answer.headers.get('location') ?? '', almanac.server.url).origin).toBe(almanac.server.url);
    expect(answer.headers.get('location')).toMatch(/^\/(?![/\\])/);
  });
  test('a path of ours is where it leads', async () => {
    const next = '/members/%ED%99%8D?as_of=2025-03-10';
    const { callback, ticket } = await onTheWayBack(newAccount(), `?${new URLSearchParams({ next })}`);
    expect((await comeBack(almanac, callback, { ticket })).headers.get('location')).toBe(next);
  });
  test('next in the way back counts for nothing', async () => {
    const { callback, ticket } = await onTheWayBack();
    const answer = await comeBack(almanac, changed(callback, { next: 'https://evil.example/' }), { ticket });
    expect(answer.headers.get('location')).toBe('/');
  });
});

describe('host header poisoning of redirect_uri', () => {
  const redirectUriOf = async (url: string, headers: Record<string, string>) => {
    const { status, headers: answered } = await rawRequest(url, '/api/auth/login', { headers });
    const location = new URL(String(answered['location'] ?? '/'), 'http://here.invalid');
    return { status, redirectUri: location.searchParams.get('redirect_uri') };
  };
  test('without PUBLIC_URL nobody is sent back to a name that a request chose', async () => {
    for (const host of ['evil.example', 'evil.example:3000', 'localhost.evil.example', 'user@evil.example']) {
      const { status, redirectUri } = await redirectUriOf(almanac.server.url, { host });
      expect(redirectUri, `${host} (${status})`).toBeNull();
    }
    const { host } = new URL(almanac.server.url);
    const { redirectUri } = await redirectUriOf(almanac.server.url, { host, 'x-forwarded-host': 'evil.example' });
    expect(redirectUri).toBe(`${almanac.server.url}/api/auth/callback`);
  });
  test('with PUBLIC_URL it is that, whatever name was asked for', async () => {
    await using published = await startAlmanac({ env: { PUBLIC_URL: 'https://almanac.example.org' } });
    for (const headers of [
      { host: 'evil.example' },
      { host: 'almanac.example.org', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
      { host: 'almanac.example.org', forwarded: 'host=evil.example;proto=http' },
    ])
      expect((await redirectUriOf(published.server.url, headers)).redirectUri).toBe(
        'https://almanac.example.org/api/auth/callback',
      );
  });
});

test('cookies are for this host alone, over https alone, for no script, and for no other site’s requests', async () => {
  const begun = await almanac.ask('/api/auth/login');
  const { callback, ticket } = await onTheWayBack();
  const ended = await comeBack(almanac, callback, { ticket });
  const out = await almanac.ask('/api/auth/logout', { method: 'POST', headers: almanac.owner.browser });
  const cookies = [begun, ended, out].flatMap((answer) => answer.headers.getSetCookie());
  expect(new Set(cookies.map((cookie) => cookie.split('=', 1)[0]))).toEqual(
    new Set([SIGN_IN_COOKIE, ACCESS_COOKIE, REFRESH_COOKIE]),
  );
  for (const cookie of cookies) {
    const attributes = cookie
      .split('; ')
      .slice(1)
      .map((one) => one.toLowerCase());
    expect(attributes).toEqual(expect.arrayContaining(['httponly', 'secure', 'path=/', 'samesite=lax']));
    expect(attributes.join()).not.toContain('domain');
    expect(cookie).toMatch(/^__Host-/);
  }
  almanac = Object.assign(almanac, { owner: await almanac.signIn(OWNER) });
});
