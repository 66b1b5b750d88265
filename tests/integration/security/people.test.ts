import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appRouter } from '../../../server/api/router.ts';
import { permissionsOf } from '../../../server/api/operations.ts';
import { startGitHub } from '../../support/github/server.ts';
import {
  beginSignIn,
  comeBack,
  OWNER,
  startAlmanac,
  type Almanac,
  type Credentials,
  type Person,
} from '../../support/signed-in.ts';

let almanac: Almanac;
let admin: Person;
let member: Person;
beforeAll(async () => {
  almanac = await startAlmanac();
  admin = await almanac.join('an-admin', 'admin');
  member = await almanac.join('a-member');
});
afterAll(() => almanac?.[Symbol.asyncDispose]());

const newLogin = () => `p-${randomUUID().slice(0, 8)}`;
const newcomer = () => almanac.signIn(almanac.github.addUser({ login: newLogin() }).login);
const NOBODY: Credentials = {};
type Me = { kind: string; role: string | null; id: string | null };
const me = async (as: Credentials) => {
  const answer = await almanac.ask('/api/auth/me', { headers: as });
  return answer.status === 200 ? ((await answer.json()) as Me) : answer.status;
};

const procedures = Object.entries(appRouter._def.procedures).map(([path, procedure]) => ({
  path,
  type: (procedure as { _def: { type: 'query' | 'mutation' | 'subscription' } })._def.type,
  permission: permissionsOf(appRouter).get(path),
}));
type Procedure = (typeof procedures)[number];
async function statusOf(as: Credentials, { path, type }: Procedure): Promise<number> {
  if (type === 'mutation') return (await almanac.mutate(as, path)).status;
  if (type === 'query') return (await almanac.query(as, path)).status;
  // A stream begins with 200 and tells then.
  const stream = await almanac.ask(`/trpc/${path}`, {
    headers: { ...as, accept: 'text/event-stream' },
    signal: AbortSignal.timeout(5_000),
  });
  const [, error = '{}'] = /event: serialized-error\ndata: (.*)/.exec(await stream.text()) ?? [];
  return (JSON.parse(error) as { data: { httpStatus: number } }).data.httpStatus;
}

/** What anybody may ask. Whoever adds to this list says so here, too. */
const OPEN = ['auth.caller', 'auth.refresh', 'auth.logout', 'profiles.shared'];
/** What somebody may ask who has signed in and is not let in. */
const WAITING = ['auth.me', 'account.get', 'account.sessions', 'account.revokeSession', 'account.erase'];

describe('every procedure, over the network', () => {
  test('refuses nobody by 401, but for what must be open', async () => {
    const answered = [];
    for (const procedure of procedures) {
      if ((await statusOf(NOBODY, procedure)) !== 401) answered.push(procedure.path);
    }
    expect(answered.toSorted()).toEqual(OPEN.toSorted());
  });

  test('an unknown account waits and sees nothing', async () => {
    const waiting = await newcomer();
    expect(await me(waiting.bearer)).toMatchObject({ kind: 'waiting', role: null });
    const answered = [];
    for (const procedure of procedures.filter(({ path }) => !OPEN.includes(path)))
      if ((await statusOf(waiting.bearer, procedure)) !== 403) answered.push(procedure.path);
    expect(answered.toSorted()).toEqual(WAITING.toSorted());
    for (const path of ['/api/users', '/api/attendance/stats', '/api/github-commits/the-owner'])
      expect((await almanac.ask(path, { headers: waiting.browser })).status, path).toBe(403);
  });

  test('a member is refused what is for admins, owners and the operator, an admin what is for owners and the operator', async () => {
    const above = (...permissions: string[]) =>
      procedures.filter(({ permission = '' }) => permissions.includes(permission));
    for (const procedure of above('admin', 'owner', 'operator'))
      expect(await statusOf(member.bearer, procedure), procedure.path).toBe(403);
    for (const procedure of above('owner', 'operator'))
      expect(await statusOf(admin.bearer, procedure), procedure.path).toBe(403);
    for (const procedure of above('operator'))
      expect(await statusOf(almanac.owner.bearer, procedure), procedure.path).toBe(403);
  });

  test('a key does nothing that is for people in person, and without a scope nothing but say whose it is', async () => {
    const { bearer } = await almanac.keyOf(almanac.owner, ['admin', 'read', 'log:write']);
    const inPerson = procedures.filter(({ permission = '' }) =>
      ['account', 'person', 'owner', 'operator'].includes(permission),
    );
    for (const procedure of inPerson) expect(await statusOf(bearer, procedure), procedure.path).toBe(403);
    const { bearer: writer } = await almanac.keyOf(almanac.owner, ['log:write']);
    const beyond = procedures.filter(({ path }) => ![...OPEN, 'auth.me'].includes(path));
    for (const procedure of beyond) expect(await statusOf(writer, procedure), procedure.path).toBe(403);
  });
});

describe('declined and deactivated', () => {
  test('declined sees nothing, and signing in again changes nothing', async () => {
    const declined = await newcomer();
    await almanac.mutate(admin.bearer, 'users.decline', { id: declined.id });
    const again = await almanac.signIn(declined.login);
    for (const { bearer } of [declined, again]) {
      expect(await me(bearer)).toMatchObject({ kind: 'waiting', id: declined.id });
      expect((await almanac.query(bearer, 'users.list')).status).toBe(403);
    }
  });

  test('session after deactivation, and a key, and a new sign-in', async () => {
    const person = await almanac.join(newLogin());
    const { bearer: key } = await almanac.keyOf(person, ['read']);
    expect((await almanac.query(key, 'users.list')).status).toBe(200);
    const put = { method: 'PUT', headers: { ...admin.bearer, 'content-type': 'application/json' } };
    const url = `/api/users/${person.id}`;
    expect((await almanac.ask(url, { ...put, body: JSON.stringify({ active: false }) })).status).toBe(200);
    const again = await almanac.signIn(person.login).catch(() => null);
    for (const as of [person.bearer, person.browser, key, again?.bearer ?? NOBODY]) expect(await me(as)).toBe(401);
  });
});

describe('session after role change', () => {
  test('an admin who becomes a member loses admin procedures at once, and so do the keys made before', async () => {
    const person = await almanac.join(newLogin(), 'admin');
    const { bearer: key } = await almanac.keyOf(person, ['admin', 'read']);
    for (const as of [person.bearer, key]) expect((await almanac.query(as, 'users.access')).status).toBe(200);
    await almanac.mutate(almanac.owner.bearer, 'users.update', { id: person.id, role: 'member' });
    for (const as of [person.bearer, person.browser, key])
      expect((await almanac.query(as, 'users.access')).status).toBe(403);
    expect((await almanac.query(key, 'users.list')).status).toBe(200);
    expect(await me(key)).toMatchObject({ role: 'member', scopes: ['read'] });
  });

  test('a member makes no key with more than they may do themselves', async () => {
    const { status, message } = await almanac.mutate(member.bearer, 'account.issueKey', {
      ...{ name: 'more', scopes: ['admin'], days: 1 },
    });
    expect([status, message]).toEqual([400, expect.stringContaining('admin')]);
  });
});

describe('session after erase', () => {
  test('is nobody’s, as are keys, and the account comes back as somebody new who waits', async () => {
    const person = await almanac.join(newLogin());
    const { bearer: key } = await almanac.keyOf(person, ['read']);
    const erased = await almanac.mutate(person.browser, 'account.erase', { confirm: person.login });
    expect(erased.data).toEqual({ status: 'erased' });
    for (const as of [person.bearer, person.browser, key]) expect(await me(as)).toBe(401);
    const again = await almanac.signIn(person.login);
    expect(again.id).not.toBe(person.id);
    expect(await me(again.bearer)).toMatchObject({ kind: 'waiting' });
  });
});

describe('who an account is', () => {
  test('an invited login taken over by another account number is not the one who had it', async () => {
    const login = newLogin();
    const first = almanac.github.addUser({ login });
    await almanac.mutate(almanac.owner.bearer, 'users.create', { github_id: login, role: 'admin' });
    const invited = await almanac.signIn(login);
    expect(await me(invited.bearer)).toMatchObject({ kind: 'session', role: 'admin' });
    almanac.github.renameUser(first.id, newLogin());
    almanac.github.addUser({ login });
    const thief = await almanac.signIn(login);
    expect(thief.id).not.toBe(invited.id);
    expect(await me(thief.bearer)).toMatchObject({ kind: 'waiting', role: null });
  });

  test('the login of an owner taken over by another account number is no owner', async () => {
    await using github = await startGitHub();
    const { id } = github.addUser({ login: OWNER });
    await using there = await startAlmanac({ github });
    github.renameUser(id, 'renamed');
    github.addUser({ login: OWNER });
    const thief = await there.signIn(OWNER);
    expect((await there.query(thief.bearer, 'users.list')).status).toBe(403);
  });

  test('an address that GitHub has not verified leads to nobody', async () => {
    const email = `${newLogin()}@example.org`;
    const login = newLogin();
    almanac.github.addUser({ login, emails: [{ email, verified: true, primary: true }] });
    const whose = await almanac.signIn(login);
    const claiming = newLogin();
    almanac.github.addUser({
      login: claiming,
      emails: [
        { email, verified: false, primary: false },
        { email: `${claiming}@example.org`, verified: true, primary: true },
      ],
    });
    expect((await almanac.signIn(claiming)).id).not.toBe(whose.id);
  });
});

describe('a narrower login never replaces a wider token', () => {
  type Account = { scopes: string[] | null };
  const scopesOf = async (person: Person) =>
    ((await almanac.query(person.bearer, 'account.get')).data as Account).scopes;
  const connect = async (person: Person, login: string) => {
    const { authorizeUrl, ticket } = await beginSignIn(almanac, {
      query: '?connect=repositories&next=/account',
      headers: person.browser,
    });
    return comeBack(almanac, await almanac.github.signIn(authorizeUrl, login), { ticket, headers: person.browser });
  };

  test('signing in again leaves the repositories within reach, and gives the narrow token back', async () => {
    const person = await almanac.join(newLogin());
    almanac.github.addRepository({ owner: person.login, name: 'garden', private: true });
    expect((await connect(person, person.login)).headers.get('location')).toBe('/account');
    expect(await scopesOf(person)).toContain('repo');
    const before = almanac.github.requests.filter(({ method }) => method === 'DELETE').length;
    const again = await almanac.signIn(person.login);
    expect(await scopesOf(again)).toContain('repo');
    expect((await almanac.query(again.bearer, 'account.reachable')).data).toEqual([
      expect.objectContaining({ name: `${person.login}/garden`, private: true }),
    ]);
    expect(almanac.github.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(before + 1);
  });

  test('repositories of another account are connected to nobody', async () => {
    const stranger = newLogin();
    almanac.github.addUser({ login: stranger });
    const answer = await connect(member, stranger);
    expect(answer.headers.get('location')).toBe('/sign-in?fault=other-account');
    expect(await scopesOf(member)).not.toContain('repo');
  });
});
