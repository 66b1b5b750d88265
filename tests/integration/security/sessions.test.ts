import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCESS_COOKIE,
  browserWith,
  cookieSet,
  REFRESH_COOKIE,
  startAlmanac,
  type Almanac,
  type Credentials,
  type Person,
  type Tokens,
} from '../../support/signed-in.ts';

const SECRET = 'the secret of these tests, longer than thirty-two characters';
const ISSUER = 'https://almanac.example.org';

let almanac: Almanac;
let person: Person;
beforeAll(async () => {
  almanac = await startAlmanac({ env: { SESSION_SECRET: SECRET, PUBLIC_URL: ISSUER } });
});
afterAll(() => almanac?.[Symbol.asyncDispose]());
beforeEach(async () => {
  person = await almanac.join(`p-${randomUUID().slice(0, 8)}`);
});

const bearer = (token: string): Credentials => ({ authorization: `Bearer ${token}` });
const me = async (as: Credentials) => {
  const answer = await almanac.ask('/api/auth/me', { headers: as });
  return answer.status === 200 ? ((await answer.json()) as { id: string }).id : answer.status;
};
async function refreshed(refreshToken: string): Promise<{ status: number } & Partial<Tokens>> {
  const answer = await almanac.ask('/api/auth/refresh', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: refreshToken }),
  });
  const { access_token: accessToken, refresh_token: next } = (await answer.json()) as Record<string, string>;
  return { status: answer.status, ...(accessToken && next && { accessToken, refreshToken: next }) };
}
async function rotate(refreshToken: string): Promise<Tokens> {
  const { status, accessToken, refreshToken: next } = await refreshed(refreshToken);
  if (!accessToken || !next) throw new Error(`The session was not refreshed (${status}).`);
  return { accessToken, refreshToken: next };
}
/** Neither header nor cookie of these is anybody’s, and they cannot be refreshed. */
async function expectDead({ accessToken, refreshToken }: Tokens): Promise<void> {
  expect(await me(bearer(accessToken)), 'access token').toBe(401);
  expect(await me(browserWith({ accessToken })), 'access cookie').toBe(401);
  expect(await me(browserWith({ refreshToken })), 'refresh cookie').toBe(401);
  expect((await refreshed(refreshToken)).status, 'refresh token').toBe(401);
}

describe('an access token', () => {
  const now = Math.floor(Date.now() / 1000);
  const sessionOf = ({ accessToken }: Tokens) =>
    (JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid;
  const forged = (header: object, claims: object, secret = SECRET) =>
    new SignJWT({ iss: ISSUER, aud: 'almanac-api', sub: person.id, sid: sessionOf(person), ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header })
      .sign(new TextEncoder().encode(secret));
  const timely = { iat: now, nbf: now, exp: now + 600 };

  test('made like ours with our secret is taken: what the refusals below are compared with', async () => {
    expect(await me(bearer(await forged({}, timely)))).toBe(person.id);
  });
  test.each([
    ['expired', {}, { iat: now - 700, nbf: now - 700, exp: now - 100 }],
    ['not yet valid', {}, { ...timely, nbf: now + 300 }],
    ['of another issuer', {}, { ...timely, iss: 'http://almanac.localhost' }],
    ['for another audience', {}, { ...timely, aud: 'sign-in' }],
    ['of another type', { typ: 'JWT' }, timely],
    ['with a kid', { kid: '/dev/null' }, timely],
    ['with a jku', { jku: 'https://evil.example/keys' }, timely],
    ['of a session that never was', {}, { ...timely, sid: randomUUID() }],
  ])('%s is refused', async (_what, header, claims) => {
    const token = await forged(header, claims);
    for (const as of [bearer(token), browserWith({ accessToken: token })]) expect(await me(as)).toBe(401);
  });
  test('of somebody’s session does not become another’s by its subject', async () => {
    expect(await me(bearer(await forged({}, { ...timely, sub: almanac.owner.id })))).toBe(401);
  });
  test('signed with another secret, or with none (alg none), is refused', async () => {
    expect(await me(bearer(await forged({}, timely, `${SECRET}!`)))).toBe(401);
    const [, claims = ''] = (await forged({}, timely)).split('.');
    const header = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    expect(await me(bearer(`${header}.${claims}.`))).toBe(401);
  });
});

describe('refresh as access', () => {
  test('a refresh token opens nothing by itself', async () => {
    const { refreshToken } = person;
    expect(await me(bearer(refreshToken))).toBe(401);
    expect(await me({ cookie: `${ACCESS_COOKIE}=${refreshToken}` })).toBe(401);
    expect(await me(bearer(person.accessToken))).toBe(person.id);
  });
  test('an access token refreshes nothing', async () => {
    expect([400, 401]).toContain((await refreshed(person.accessToken)).status);
    expect(await me({ cookie: `${REFRESH_COOKIE}=${person.accessToken}` })).toBe(401);
  });
});

describe('refresh reuse', () => {
  test('revokes the family: access token, new refresh token and cookie are all dead', async () => {
    const second = await rotate(person.refreshToken);
    const third = await rotate(second.refreshToken);
    expect(await me(bearer(third.accessToken))).toBe(person.id);
    expect((await refreshed(person.refreshToken)).status).toBe(401);
    for (const tokens of [person, second, third]) await expectDead(tokens);
  });
  test('by a cookie revokes it, too, and the browser is told to forget it', async () => {
    const second = await rotate(person.refreshToken);
    const third = await rotate(second.refreshToken);
    const answer = await almanac.ask('/api/auth/me', {
      headers: { cookie: `${REFRESH_COOKIE}=${person.refreshToken}` },
    });
    expect(answer.status).toBe(401);
    expect([cookieSet(answer, ACCESS_COOKIE), cookieSet(answer, REFRESH_COOKIE)]).toEqual(['', '']);
    await expectDead(third);
  });
  test('ends no other session of theirs', async () => {
    const elsewhere = await almanac.signIn(person.login);
    const second = await rotate(person.refreshToken);
    await rotate(second.refreshToken);
    await refreshed(person.refreshToken);
    expect(await me(elsewhere.bearer)).toBe(person.id);
    expect((await refreshed(elsewhere.refreshToken)).status).toBe(200);
  });
  test('a guessed secret refreshes nothing and ends nobody’s session', async () => {
    const guessed = `${person.refreshToken.split('.')[0]}.${'A'.repeat(43)}`;
    expect((await refreshed(guessed)).status).toBe(401);
    expect((await refreshed(person.refreshToken)).status).toBe(200);
  });
});

describe('two refreshes at once', () => {
  test('end no session, and leave one refresh token that is good', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => refreshed(person.refreshToken)));
    expect(answers.filter(({ status }) => ![200, 409].includes(status))).toEqual([]);
    const given = new Set(answers.flatMap(({ refreshToken = [] }) => refreshToken));
    expect(given.size).toBe(1);
    const next = await rotate([...given][0] ?? '');
    expect(await me(bearer(next.accessToken))).toBe(person.id);
  });
  test('of two tabs both are served', async () => {
    const asTab = { cookie: `${REFRESH_COOKIE}=${person.refreshToken}` };
    expect(await Promise.all([me(asTab), me(asTab), me(asTab)])).toEqual([person.id, person.id, person.id]);
    expect(await me(asTab), 'a moment later').toBe(person.id);
  });
});

describe('session after logout', () => {
  const logout = (headers: Credentials) => almanac.ask('/api/auth/logout', { method: 'POST', headers });

  test('is dead by header and cookie, and the browser is told to forget it', async () => {
    const second = await rotate(person.refreshToken);
    const answer = await logout(browserWith(second));
    expect(answer.status).toBe(200);
    expect([cookieSet(answer, ACCESS_COOKIE), cookieSet(answer, REFRESH_COOKIE)]).toEqual(['', '']);
    for (const tokens of [person, second]) await expectDead(tokens);
  });
  test('of one browser leaves the other’s', async () => {
    const elsewhere = await almanac.signIn(person.login);
    await logout(person.bearer);
    await expectDead(person);
    expect(await me(elsewhere.bearer)).toBe(person.id);
  });
  test('ended from another browser is dead', async () => {
    const elsewhere = await almanac.signIn(person.login);
    await almanac.mutate(elsewhere.browser, 'account.revokeSession', { id: null });
    await expectDead(person);
    expect(await me(elsewhere.bearer)).toBe(person.id);
  });
});

test('a key that was revoked, changed or cut short is nobody’s', async () => {
  const { keyId, key } = await almanac.keyOf(person, ['read']);
  expect(await me(bearer(key))).toBe(person.id);
  const last = key.endsWith('A') ? 'B' : 'A';
  for (const wrong of [key.slice(0, -1), key.slice(0, -1) + last, key.slice(0, 25), `almanac_${keyId}_`, keyId])
    expect(await me(bearer(wrong))).toBe(401);
  await almanac.mutate(person.bearer, 'account.revokeKey', { id: keyId });
  expect(await me(bearer(key))).toBe(401);
});
