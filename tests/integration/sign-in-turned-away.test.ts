import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCESS_COOKIE,
  beginSignIn,
  comeBack,
  cookieSet,
  REFRESH_COOKIE,
  startAlmanac,
  type Almanac,
  type Person,
} from '../support/signed-in.ts';

let almanac: Almanac;
let numbers = 0;
beforeAll(async () => {
  almanac = await startAlmanac();
});
afterAll(() => almanac[Symbol.asyncDispose]());

const newLogin = () => `turned-away-${(numbers += 1)}`;
const givenBack = () => almanac.github.requests.filter(({ method }) => method === 'DELETE').length;
/** Everybody the server has ever heard of, let in or not. */
const known = async () => {
  const { data } = await almanac.query(almanac.owner.bearer, 'users.access');
  return (data as { login: string | null; status: string }[]).map(({ login }) => login);
};
const setActive = (person: Person, active: boolean) =>
  almanac.mutate(almanac.owner.bearer, 'users.update', { id: person.id, active });
const statusOf = async (person: Person) => (await almanac.ask('/api/auth/me', { headers: person.bearer })).status;

describe('whoever connects repositories with another account', () => {
  test('is not signed in, nor registered, as that one, whose token is given back', async () => {
    const member = await almanac.join(newLogin());
    const stranger = newLogin();
    almanac.github.addUser({ login: stranger });
    const before = givenBack();
    const { authorizeUrl, ticket } = await beginSignIn(almanac, {
      query: '?connect=repositories&next=/account',
      headers: member.browser,
    });
    const callback = await almanac.github.signIn(authorizeUrl, stranger);
    const answer = await comeBack(almanac, callback, { ticket, headers: member.browser });
    expect(answer.headers.get('location')).toBe('/sign-in?fault=other-account');
    expect(await known()).not.toContain(stranger);
    expect(givenBack()).toBe(before + 1);
  });
});

describe('whoever is deactivated', () => {
  const signIn = async (login: string, headers: Record<string, string> = {}) => {
    const { authorizeUrl, ticket } = await beginSignIn(almanac);
    return comeBack(almanac, await almanac.github.signIn(authorizeUrl, login), { ticket, headers });
  };

  test('is told so, and gets no session; their token is given back', async () => {
    const person = await almanac.join(newLogin());
    await setActive(person, false);
    const before = givenBack();
    const answer = await signIn(person.login);
    expect(answer.headers.get('location')).toBe('/sign-in?fault=deactivated');
    for (const cookie of [ACCESS_COOKIE, REFRESH_COOKIE]) expect(cookieSet(answer, cookie)).toBe(undefined);
    expect(givenBack()).toBe(before + 1);
    const asProgram = await signIn(person.login, { accept: 'application/json' });
    expect([asProgram.status, await asProgram.json()]).toMatchObject([403, { error: { code: 'FORBIDDEN' } }]);
  });

  test('has no session left that wakes when they are let in again', async () => {
    const person = await almanac.join(newLogin());
    await setActive(person, false);
    await setActive(person, true);
    expect(await statusOf(person)).toBe(401);
    expect(await statusOf(await almanac.signIn(person.login))).toBe(200);
  });
});

describe('whoever has disconnected GitHub', () => {
  test('is asked to connect it before repositories are', async () => {
    const person = await almanac.join(newLogin());
    await almanac.mutate(person.browser, 'account.disconnectGitHub');
    expect(await almanac.mutate(person.browser, 'account.connectRepositories', { githubIds: [1] })).toMatchObject({
      status: 409,
      code: 'CONFLICT',
      message: 'Connect GitHub first.',
    });
  });
});

describe('whoever is erased', () => {
  test('has no session that can be refreshed, and GitHub lets Almanac see nothing of theirs', async () => {
    const person = await almanac.join(newLogin());
    const before = givenBack();
    const erased = await almanac.mutate(person.browser, 'account.erase', { confirm: person.login });
    expect(erased.data).toEqual({ status: 'erased' });
    expect(givenBack()).toBe(before + 1);
    const refreshed = await almanac.ask('/api/auth/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: person.refreshToken }),
    });
    expect(refreshed.status).toBe(401);
  });

  test('or would be, but for being the only owner, keeps everything', async () => {
    const { owner } = almanac;
    const before = givenBack();
    expect(await almanac.mutate(owner.browser, 'account.erase', { confirm: owner.login })).toMatchObject({
      status: 409,
    });
    expect(givenBack()).toBe(before);
    expect(await statusOf(owner)).toBe(200);
  });
});
