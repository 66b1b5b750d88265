import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { startGitHub, type GitHubStandIn } from '../support/github/server.ts';

const CALLBACK = 'http://127.0.0.1:4000/api/auth/callback';
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

let github: GitHubStandIn;

beforeAll(async () => {
  github = await startGitHub();
  github.addUser({ login: 'garden-kim', emails: [{ email: 'garden@example.com', verified: true, primary: true }] });
  github.addUser({ login: '<b>bob' });
  github.addRepository({ owner: 'an-organization', name: 'one' });
});
afterAll(() => github[Symbol.asyncDispose]());

const PROOF = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };

function authorizeUrl(parameters: Record<string, string> = PROOF, of = github): string {
  const base = { client_id: of.clientId, redirect_uri: CALLBACK, state: 'a state/?&', scope: 'user:email read:user' };
  return `${of.webUrl}/login/oauth/authorize?${new URLSearchParams({ ...base, ...parameters })}`;
}

async function codeOf(parameters?: Record<string, string>, login = 'garden-kim'): Promise<string> {
  const back = await github.signIn(authorizeUrl(parameters), login);
  return back.searchParams.get('code') ?? '';
}

/** The answer to a code, as JSON unless told otherwise. */
function exchange(code: string, changes: Record<string, string | undefined> = {}, accept = 'application/json') {
  const { clientId: client_id, clientSecret: client_secret } = github;
  const fields = { client_id, client_secret, code, redirect_uri: CALLBACK, code_verifier: VERIFIER, ...changes };
  return fetch(`${github.webUrl}/login/oauth/access_token`, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  });
}

const errorOf = async (answer: Promise<Response>) => {
  const { status } = await answer;
  const { error, access_token } = (await (await answer).json()) as Record<string, unknown>;
  expect([status, access_token]).toEqual([200, undefined]);
  return error;
};

describe('the page that asks', () => {
  test('names every person as a button, what is asked for, and a way out', async () => {
    const page = await fetch(authorizeUrl());
    const html = await page.text();
    expect([...html.matchAll(/<button[^>]*>([^<]*)<\/button>/g)].map(([, label]) => label)).toEqual([
      'Sign in as garden-kim',
      'Sign in as &lt;b&gt;bob',
      'Cancel',
    ]);
    expect(html).toContain('user:email, read:user');
    expect(html).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).toBe("default-src 'none'");
  });

  test('sends back with a code and the state as it came', async () => {
    const back = await github.signIn(authorizeUrl(), 'garden-kim');
    expect(back.origin + back.pathname).toBe(CALLBACK);
    expect([...back.searchParams.keys()]).toEqual(['code', 'state']);
    expect(back.searchParams.get('state')).toBe('a state/?&');
    expect(back.searchParams.get('code')).toMatch(/^[\da-f]{20}$/);
  });

  test('sends back with access_denied after Cancel', async () => {
    const { searchParams } = await github.signIn(authorizeUrl(), null);
    expect([searchParams.get('error'), searchParams.get('state')]).toEqual(['access_denied', 'a state/?&']);
    expect(searchParams.has('code')).toBe(false);
  });

  test('can be answered once', async () => {
    const [, request = ''] = /name="request" value="(\w+)"/.exec(await (await fetch(authorizeUrl())).text()) ?? [];
    const answer = () =>
      fetch(`${github.webUrl}/login/oauth/authorize`, {
        method: 'POST',
        body: new URLSearchParams({ request, account: '' }),
        redirect: 'manual',
      });
    expect([(await answer()).status, (await answer()).status]).toEqual([302, 422]);
  });

  test.each([
    ['an unknown client', { client_id: 'another' }, 404],
    ['a callback on another host', { redirect_uri: 'http://127.0.0.2:4000/api/auth/callback' }, 400],
    ['a callback with another scheme', { redirect_uri: 'https://127.0.0.1:4000/' }, 400],
    ['a callback with credentials', { redirect_uri: 'http://evil.example@127.0.0.1/' }, 400],
    ['a callback that is no URL', { redirect_uri: 'callback' }, 400],
    ['a plain challenge', { code_challenge: VERIFIER, code_challenge_method: 'plain' }, 400],
    ['a challenge without a method', { code_challenge: CHALLENGE }, 400],
    ['a method without a challenge', { code_challenge_method: 'S256' }, 400],
    ['a challenge that is too short', { ...PROOF, code_challenge: 'short' }, 400],
  ])('is an error that leads nowhere for %s', async (_what, parameters, status) => {
    const page = await fetch(authorizeUrl(parameters), { redirect: 'manual' });
    expect(page.status).toBe(status);
    expect(await page.text()).not.toContain('<form');
  });

  test('follows a callback that was registered, on its own port only where it is no loopback address', async () => {
    await using other = await startGitHub({ callbackUrl: 'https://almanac.example/auth/' });
    const status = async (redirect_uri: string) => (await fetch(authorizeUrl({ redirect_uri }, other))).status;
    expect(await status('https://almanac.example/auth/callback')).toBe(200);
    expect(await status('https://almanac.example:444/auth/callback')).toBe(400);
    expect(await status('https://almanac.example/authority')).toBe(400);
    expect(await status('https://almanac.example.evil.example/auth/callback')).toBe(400);
    other.registerCallback('https://almanac.example:444/');
    expect(await status('https://almanac.example:444/auth/callback')).toBe(200);
  });

  test('is skipped for a login that is suggested only where that was asked for', async () => {
    await using other = await startGitHub({ followsLoginHint: true });
    other.addUser({ login: 'garden-kim' });
    const visit = async (of: GitHubStandIn, login: string) =>
      (await fetch(authorizeUrl({ login }, of), { redirect: 'manual' })).status;
    expect([await visit(github, 'garden-kim'), await visit(other, 'garden-kim'), await visit(other, 'nobody')]).toEqual(
      [200, 302, 200],
    );
  });

  test('works in a browser without script', async () => {
    const callback = createServer((_request, response) => response.end('Back at Almanac')).listen(0, '127.0.0.1');
    await once(callback, 'listening');
    const { port } = callback.address() as AddressInfo;
    const browser = await launchChromium();
    try {
      const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
      const url = authorizeUrl({ ...PROOF, redirect_uri: `http://127.0.0.1:${port}/back` });
      for (const [button, parameter] of [
        ['Sign in as garden-kim', 'code'],
        ['Cancel', 'error'],
      ] as const) {
        await page.goto(url);
        await page.getByRole('button', { name: button }).click();
        await page.getByText('Back at Almanac').waitFor();
        const back = new URL(page.url());
        expect([back.port, back.pathname, back.searchParams.has(parameter)]).toEqual([String(port), '/back', true]);
      }
    } finally {
      await browser.close();
      callback.close();
    }
  });
});

describe('the exchange of a code', () => {
  test('gives a token with the scopes that were asked for, parted by commas, none of them twice', async () => {
    const answer = await exchange(await codeOf({ ...PROOF, scope: 'user:email repo user public_repo' }));
    expect(await answer.json()).toEqual({
      access_token: expect.stringMatching(/^gho_[A-Za-z0-9]{36}$/) as string,
      token_type: 'bearer',
      scope: 'repo,user',
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('answers as a form unless JSON is asked for, and reads forms', async () => {
    const answer = await exchange(await codeOf(), {}, '*/*');
    expect(answer.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(new URLSearchParams(await answer.text()).get('scope')).toBe('read:user,user:email');
    const { clientId: client_id, clientSecret: client_secret } = github;
    const form = new URLSearchParams({ client_id, client_secret, code: await codeOf(), code_verifier: VERIFIER });
    const byForm = await fetch(`${github.webUrl}/login/oauth/access_token`, { method: 'POST', body: form });
    expect(new URLSearchParams(await byForm.text()).get('token_type')).toBe('bearer');
  });

  test('takes a code once', async () => {
    const code = await codeOf();
    expect((await exchange(code)).status).toBe(200);
    expect(await errorOf(exchange(code))).toBe('bad_verification_code');
  });

  test('takes a code for ten minutes', async () => {
    const code = await codeOf();
    github.advance(10 * 60_000);
    expect(await errorOf(exchange(code))).toBe('bad_verification_code');
  });

  test.each([
    ['incorrect_client_credentials', { client_secret: 'wrong' }],
    ['incorrect_client_credentials', { client_secret: undefined }],
    ['incorrect_client_credentials', { client_id: 'another' }],
    ['redirect_uri_mismatch', { redirect_uri: 'http://127.0.0.1:4001/api/auth/callback' }],
    ['bad_verification_code', { code: 'made up' }],
    ['bad_verification_code', { code_verifier: undefined }],
    ['bad_verification_code', { code_verifier: CHALLENGE }],
    ['bad_verification_code', { code_verifier: '' }],
  ])('is refused with %s for %o', async (error, changes) => {
    expect(await errorOf(exchange(await codeOf(), changes))).toBe(error);
  });

  test('uses a code up that was shown with a wrong verifier', async () => {
    const code = await codeOf();
    await errorOf(exchange(code, { code_verifier: 'x'.repeat(43) }));
    expect(await errorOf(exchange(code))).toBe('bad_verification_code');
  });

  test('needs no verifier where no challenge was sent', async () => {
    const answer = await exchange(await codeOf({}), { code_verifier: undefined });
    expect(await answer.json()).toHaveProperty('access_token');
  });

  test('is refused for an account whose primary address is not verified', async () => {
    github.addUser({ login: 'new', emails: [{ email: 'new@example.com', verified: false, primary: true }] });
    expect(await errorOf(exchange(await codeOf(PROOF, 'new')))).toBe('unverified_user_email');
  });
});

describe('a webhook', () => {
  test('is signed over its very bytes, and names its event and delivery', async () => {
    const received: { headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
    const receiver = createServer((request, response) => {
      void text(request).then((body) => {
        received.push({ headers: request.headers, body });
        response.writeHead(202).end();
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const answer = await github.webhook(url, "It's a Secret to Everybody", 'push', { zen: '작게' });
    await github.webhook(url, 'secret', 'ping', {}, { id: 'again', signature: 'sha256=00' });
    receiver.close();
    expect(answer.status).toBe(202);
    expect(received[0]).toMatchObject({
      body: '{"zen":"작게"}',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        // openssl dgst -sha256 -hmac "It's a Secret to Everybody"
        'x-hub-signature-256': 'sha256=8dd7f0e0428f3b5ffedde38c6205536d81aa76312bef7d147da75662d2952e1c',
        'x-github-delivery': expect.stringMatching(/^[\da-f-]{36}$/) as string,
      },
    });
    expect(received[1]?.headers).toMatchObject({ 'x-github-delivery': 'again', 'x-hub-signature-256': 'sha256=00' });
  });
});
