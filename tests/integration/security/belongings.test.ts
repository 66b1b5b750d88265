import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appRouter } from '../../../server/api/router.ts';
import { permissionsOf } from '../../../server/api/operations.ts';
import { startAlmanac, type Almanac, type Credentials, type Person } from '../../support/signed-in.ts';

let almanac: Almanac;
let admin: Person;
let member: Person;
let other: Person;
beforeAll(async () => {
  almanac = await startAlmanac();
  admin = await almanac.join('an-admin', 'admin');
  member = await almanac.join('a-member');
  other = await almanac.join('another-member');
});
afterAll(() => almanac?.[Symbol.asyncDispose]());

const newLogin = () => `p-${randomUUID().slice(0, 8)}`;
const newcomer = () => almanac.signIn(almanac.github.addUser({ login: newLogin() }).login);
const NOBODY: Credentials = {};
const me = async (as: Credentials) => (await almanac.ask('/api/auth/me', { headers: as })).json();
const json = (as: Credentials) => ({ ...as, 'content-type': 'application/json' });

describe('another member’s', () => {
  const THEIRS = [403, 404];

  test('session by id', async () => {
    const [{ id }] = (await almanac.query(other.bearer, 'account.sessions')).data as [{ id: string }];
    const listed = (await almanac.query(member.bearer, 'account.sessions')).data as { id: string }[];
    expect(listed.map((one) => one.id)).not.toContain(id);
    for (const as of [member, admin, almanac.owner])
      expect(THEIRS).toContain((await almanac.mutate(as.bearer, 'account.revokeSession', { id })).status);
    await almanac.mutate(member.bearer, 'account.revokeSession', { id: null });
    expect(await me(other.bearer)).toMatchObject({ id: other.id });
  });

  test('key by id', async () => {
    const { keyId, bearer } = await almanac.keyOf(other, ['read']);
    for (const as of [member, admin, almanac.owner]) {
      const listed = (await almanac.query(as.bearer, 'account.keys')).data as { id: string }[];
      expect(listed.map((one) => one.id)).not.toContain(keyId);
      expect(THEIRS).toContain((await almanac.mutate(as.bearer, 'account.revokeKey', { id: keyId })).status);
    }
    expect((await almanac.query(bearer, 'users.list')).status).toBe(200);
  });

  test('export by id: not even for an admin or owner, nor by a key', async () => {
    const { bearer } = await almanac.keyOf(other, ['read']);
    for (const as of [NOBODY, member.bearer, admin.bearer, almanac.owner.bearer, bearer])
      for (const id of [other.id, 'me', encodeURIComponent(other.id).replaceAll('-', '%2D')]) {
        const answer = await almanac.ask(`/api/users/${id}/export`, { headers: as });
        const text = await answer.text();
        const [person] = [member, admin, almanac.owner].filter((one) => one.bearer === as);
        if (id === 'me' && person) expect(JSON.parse(text)).toMatchObject({ memberId: person.id });
        else expect([400, 401, 403, 404]).toContain(answer.status);
        expect(text).not.toContain(other.login);
      }
    const own = await almanac.ask(`/api/users/${other.id}/export`, { headers: other.bearer });
    expect(JSON.parse(await own.text())).toMatchObject({ memberId: other.id });
  });

  test('account: a member neither changes, lets in nor erases anybody, nor does an admin an owner', async () => {
    const waiting = await newcomer();
    for (const [procedure, input] of [
      ['users.update', { id: other.id, role: 'admin' }],
      ['users.update', { id: member.id, role: 'owner' }],
      ['users.approve', { id: waiting.id }],
      ['users.decline', { id: waiting.id }],
      ['users.erase', { id: other.id, confirm: other.login }],
      ['users.create', { github_id: newLogin() }],
    ] as const)
      expect((await almanac.mutate(member.bearer, procedure, input)).status, procedure).toBe(403);
    for (const [procedure, input] of [
      ['users.update', { id: almanac.owner.id, role: 'member' }],
      ['users.update', { id: almanac.owner.id, active: false }],
      ['users.update', { id: admin.id, role: 'owner' }],
      ['users.update', { id: member.id, role: 'admin' }],
      ['users.approve', { id: waiting.id, role: 'admin' }],
      ['users.create', { github_id: newLogin(), role: 'owner' }],
      ['users.erase', { id: almanac.owner.id, confirm: 'the-owner' }],
    ] as const)
      expect((await almanac.mutate(admin.bearer, procedure, input)).status, procedure).toBe(403);
    expect(await me(waiting.bearer)).toMatchObject({ kind: 'waiting' });
    expect(await me(almanac.owner.bearer)).toMatchObject({ role: 'owner' });
  });
});

describe('mass assignment', () => {
  const EXTRA = { memberId: 'x', role: 'owner', by: 'operator', status: 'active', hash: 'x', held: ['admin'] };
  const permissions = permissionsOf(appRouter);
  /** But for the operator's, who may do everything anyway. */
  const asked = Object.entries(appRouter._def.procedures).flatMap(([path, procedure]) =>
    (procedure as { _def: { type: string } })._def.type === 'mutation' && permissions.get(path) !== 'operator'
      ? [path]
      : [],
  );
  const takesNothing = [
    ...['auth.logout', 'account.disconnectGitHub', 'status.collectNow'],
    ...['collections.retryAll', 'collections.collectMe'],
  ];
  const takesMember = ['collections.retry'];
  const takesRole = ['users.create', 'users.update', 'users.approve'];

  test.each(asked.filter((path) => !takesNothing.includes(path)))(
    '%s takes no field it does not name',
    async (path) => {
      const { status, message, data } = await almanac.mutate(almanac.owner.bearer, path, EXTRA);
      expect([status, data]).toEqual([400, undefined]);
      const raw = await almanac.ask(`/trpc/${path}`, {
        method: 'POST',
        headers: json(almanac.owner.bearer),
        body: JSON.stringify(EXTRA),
      });
      const { error } = (await raw.json()) as { error: { data: { issues: { path: string; message: string }[] } } };
      const unknown = error.data.issues.flatMap((issue) => (issue.message === 'Unknown field' ? issue.path : []));
      const taken = [
        ...(takesRole.includes(path) ? ['role'] : []),
        ...(takesMember.includes(path) ? ['memberId'] : []),
      ];
      const expected = Object.keys(EXTRA).filter((field) => !taken.includes(field));
      expect(unknown, message).toEqual(expect.arrayContaining(expected));
    },
  );

  test('the path says whom a body is about', async () => {
    const answer = await almanac.ask(`/api/users/${other.id}`, {
      method: 'PUT',
      headers: json(admin.bearer),
      body: JSON.stringify({ id: almanac.owner.id, active: true }),
    });
    expect(await answer.json()).toMatchObject({ id: other.id });
  });

  test('a field of the body is not taken from the query', async () => {
    const answer = await almanac.ask(`/api/users/${member.id}?role=owner`, {
      method: 'PUT',
      headers: json(almanac.owner.bearer),
      body: '{}',
    });
    expect(answer.status).toBe(400);
    expect(await me(member.bearer)).toMatchObject({ role: 'member' });
  });
});
