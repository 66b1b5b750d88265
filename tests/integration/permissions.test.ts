import { initTRPC } from '@trpc/server';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Scope } from '../../domain/api-key.ts';
import { createApi } from '../../server/api/api.ts';
import { exportRoute } from '../../server/api/export-route.ts';
import type { HttpRoute } from '../../server/api/http-route.ts';
import { operationsOf, permissionsOf } from '../../server/api/operations.ts';
import { appRouter } from '../../server/api/router.ts';
import type { Services } from '../../server/api/services.ts';
import { router, type Context, type Meta } from '../../server/api/trpc.ts';
import { loadSettings } from '../../server/config.ts';
import { LOCAL, NOBODY, OPERATOR, type Caller } from '../../server/identity/caller.ts';
import type { Permission } from '../../server/identity/permissions.ts';
import { createLog } from '../../server/log.ts';
import { openAlmanac } from '../../server/main.ts';
import { createGitHubWebhook } from '../../server/webhooks/github-webhook.ts';

/** What each procedure asks of its caller. A new procedure belongs in here, by hand: that is the point. */
const PROCEDURES: Readonly<Record<string, Permission>> = {
  'attendance.book': 'read',
  'attendance.day': 'read',
  'attendance.stats': 'read',
  'attendance.statsOfDay': 'read',
  'attendance.history': 'read',
  'attendance.ranking': 'read',
  'attendance.hourlyCommits': 'read',
  'attendance.onDate': 'read',
  'attendance.check': 'admin',
  'attendance.checkMember': 'read',
  'statistics.of': 'read',
  'reasons.why': 'read',
  'collections.list': 'admin',
  'collections.progress': 'admin',
  'collections.flagged': 'admin',
  'collections.retry': 'admin',
  'collections.retryAll': 'admin',
  'collections.collectMe': 'person',
  'commits.page': 'read',
  'commits.list': 'read',
  'commits.stats': 'read',
  'commits.dailyCounts': 'read',
  'members.profile': 'read',
  'profiles.insights': 'read',
  'profiles.sharing': 'person',
  'profiles.publish': 'person',
  'profiles.unpublish': 'person',
  'profiles.shared': 'anyone',
  'goals.of': 'read',
  'goals.set': 'person',
  'goals.reach': 'person',
  'goals.drop': 'person',
  'cheers.of': 'read',
  'cheers.give': 'person',
  'cheers.withdraw': 'person',
  'wrapUp.of': 'read',
  'challenges.list': 'read',
  'challenges.seasons': 'read',
  'challenges.season': 'read',
  'challenges.joinable': 'admin',
  'challenges.open': 'admin',
  'challenges.revise': 'admin',
  'challenges.close': 'admin',
  'challenges.enter': 'admin',
  'challenges.remove': 'admin',
  'challenges.join': 'person',
  'challenges.leave': 'person',
  'corrections.list': 'admin',
  'corrections.correct': 'admin',
  'corrections.excuse': 'person',
  'corrections.withdrawExcuse': 'person',
  'challenges.setJoining': 'admin',
  'events.latest': 'admin',
  'events.recorded': 'admin',
  'auth.caller': 'anyone',
  'auth.me': 'signed-in',
  'auth.refresh': 'anyone',
  'auth.logout': 'anyone',
  'account.get': 'account',
  'account.sessions': 'account',
  'account.revokeSession': 'account',
  'account.keys': 'person',
  'account.issueKey': 'person',
  'account.revokeKey': 'person',
  'account.reachable': 'person',
  'account.connectRepositories': 'person',
  'account.disconnectRepository': 'person',
  'account.disconnectGitHub': 'person',
  'account.erase': 'account',
  'users.list': 'read',
  'users.get': 'read',
  'users.byGitHub': 'read',
  'users.create': 'admin',
  'users.update': 'admin',
  'users.access': 'admin',
  'users.byCommits': 'admin',
  'users.approve': 'admin',
  'users.decline': 'admin',
  'users.identities': 'admin',
  'users.merge': 'admin',
  'users.erase': 'admin',
  'audit.list': 'admin',
  'inbox.list': 'person',
  'inbox.unread': 'person',
  'inbox.open': 'person',
  'inbox.preferences': 'person',
  'inbox.arrange': 'person',
  'messages.drafts': 'admin',
  'messages.edit': 'admin',
  'messages.approve': 'admin',
  'messages.discard': 'admin',
  'messages.sendNow': 'admin',
  'messages.arrange': 'admin',
  'messages.channels': 'admin',
  'messages.history': 'admin',
  'messages.announce': 'admin',
  'messages.test': 'admin',
  'messages.latestFor': 'read',
  'vault.rotate': 'operator',
  'jobs.list': 'admin',
  'jobs.history': 'admin',
  'jobs.runNow': 'admin',
  'jobs.retry': 'admin',
  'status.get': 'read',
  'status.moment': 'read',
  'status.collectNow': 'person',
  changes: 'read',
  'projections.list': 'operator',
  'projections.rebuild': 'operator',
  'projections.verify': 'operator',
  'subscribers.parked': 'admin',
  'subscribers.replay': 'admin',
  'subscribers.discard': 'admin',
};

/** The same of what is no procedure, since it redirects, streams, or reads a body as it was signed. */
const ROUTES: Readonly<Record<string, Permission>> = {
  'GET /api/auth/login': 'anyone',
  'GET /api/auth/callback': 'anyone',
  'GET /api/users/{id}/export': 'account',
  'GET /metrics': 'admin',
  'GET /api/attendance/report/{github_id}.pdf': 'read',
  'GET /api/attendance/report/{github_id}.csv': 'read',
  'GET /api/attendance/book.csv': 'read',
  'GET /api/attendance/card/{github_id}.svg': 'read',
  'GET /api/attendance/card/{github_id}.png': 'read',
  'GET /share/{token}/card.svg': 'anyone',
  'GET /share/{token}/card.png': 'anyone',
  'GET /share/{token}/badge.svg': 'anyone',
  'POST /webhooks/github': 'anyone',
};

const key = (role: 'member' | 'admin', memberId: string | null, ...scopes: Scope[]): Caller => ({
  ...{ kind: 'key', keyId: 'k', memberId, role, scopes },
});
const session = (role: 'member' | 'admin' | 'owner', memberId: string): Caller => ({
  ...{ kind: 'session', sessionId: 's', memberId, role },
});

/** Everybody who may ask; the rows of the matrix. */
const CALLERS = {
  nobody: NOBODY,
  waiting: { kind: 'waiting', memberId: 'w', sessionId: 's' },
  member: session('member', 'm'),
  'another member': session('member', 'n'),
  admin: session('admin', 'a'),
  owner: session('owner', 'o'),
  "a member's key with read": key('member', 'm', 'read'),
  "a member's key with log:write": key('member', 'm', 'log:write'),
  "a member's key with admin, who was one": key('member', 'm', 'admin'),
  "an admin's key with read": key('admin', 'a', 'read'),
  "an admin's key with log:write": key('admin', 'a', 'log:write'),
  "an admin's key with admin": key('admin', 'a', 'admin'),
  'the API_AUTH_TOKEN': key('member', null, 'log:write', 'read'),
  'the person at the keyboard': LOCAL,
  operator: OPERATOR,
} as const satisfies Record<string, Caller>;
type Who = keyof typeof CALLERS;
const everybody = Object.keys(CALLERS) as Who[];

const atTheMachine: Who[] = ['the person at the keyboard', 'operator'];
const members: Who[] = ['member', 'another member', 'admin', 'owner'];
const readers: Who[] = ["a member's key with read", "an admin's key with read", 'the API_AUTH_TOKEN'];
/** Who has which permission; everybody else is refused. */
const GRANTED: Readonly<Record<Permission, readonly Who[]>> = {
  anyone: everybody,
  'signed-in': everybody.filter((who) => who !== 'nobody'),
  account: ['waiting', ...members, ...atTheMachine],
  read: [...members, ...readers, ...atTheMachine],
  person: [...members, ...atTheMachine],
  admin: ['admin', 'owner', "an admin's key with admin", ...atTheMachine],
  operator: ['operator'],
};
/** Who has shown nothing that could be too little is asked for credentials; the others have shown theirs. */
const UNAUTHORIZED: readonly Who[] = ['nobody', 'the person at the keyboard'];

type Verdict = 'granted' | 401 | 403;
const expected = (permission: Permission, who: Who): Verdict => {
  if (GRANTED[permission].includes(who)) return 'granted';
  return UNAUTHORIZED.includes(who) ? 401 : 403;
};

/** How often something behind a permission was reached for: nothing is there, so that no call does anything. */
let reached = 0;
const nothing = <Thing extends object>(known: Partial<Thing> = {}): Thing =>
  new Proxy(known, {
    get(target, name) {
      if (name in target) return target[name as keyof Thing];
      reached += 1;
      throw new Error('There is nothing behind the permissions here.');
    },
  }) as Thing;
beforeEach(() => {
  reached = 0;
});

const services = nothing<Services>({ version: '1.2.3' });
const log = createLog('silent');
const webhook = createGitHubWebhook({
  ...{ secret: 'the-secret-of-the-webhook', store: nothing(), codec: nothing() },
  ...{ now: Date.now, onPush: () => undefined },
});
const webhookRoute: HttpRoute = {
  ...{ method: 'POST', path: '/webhooks/github', permission: 'anyone', operation: {} },
  handle: ({ req }) => webhook(req.raw),
};
const routes = [exportRoute({ services, store: nothing(), codec: nothing() }), webhookRoute];
const api = createApi({ router: appRouter, services, log, routes });

const ask = async (who: Who, path: string, init: RequestInit = {}): Promise<Response> =>
  api.fetch(new Request(`http://almanac.localhost${path}`, init), { requestId: 'r', caller: CALLERS[who] });
const refusedBy = ({ status }: { status: number }): Verdict => (status === 401 || status === 403 ? status : 'granted');
/** What each of these says, one after the other, by its name. */
async function verdictsOf(asked: Iterable<readonly [string, () => Promise<Verdict>]>) {
  const said: Record<string, Verdict> = {};
  for (const [name, verdict] of asked) said[name] = await verdict();
  return said;
}

type Built = { readonly _def: { readonly type: string; readonly inputs: readonly unknown[] } };
const built = appRouter._def.procedures as unknown as Readonly<Record<string, Built>>;
const JSON_BODY = { 'content-type': 'application/json' };
/** No procedure takes it: whoever is let in is told so, and nothing comes of the call. */
const NO_INPUT = JSON.stringify('no input of any procedure');

/** The verdict over tRPC. A call that is let in is refused for its input, or reaches for what is behind the permission. */
async function overTrpc(procedure: string, who: Who): Promise<Verdict> {
  const { type, inputs } = built[procedure]?._def ?? { type: '', inputs: [] };
  const before = reached;
  const answer =
    type === 'mutation'
      ? await ask(who, `/trpc/${procedure}`, { method: 'POST', headers: JSON_BODY, body: NO_INPUT })
      : await ask(who, `/trpc/${procedure}?input=${encodeURIComponent(NO_INPUT)}`, {
          headers: { accept: type === 'subscription' ? 'text/event-stream' : 'application/json' },
        });
  const text = await answer.text();
  // The answer to who follows a subscription has begun before it is refused.
  const status = Number(/"httpStatus":(\d+)/.exec(text)?.[1] ?? answer.status);
  const verdict = refusedBy({ status });
  if (verdict !== 'granted') expect([procedure, who, reached]).toEqual([procedure, who, before]);
  else if (inputs.length > 0) expect([procedure, who, status]).toEqual([procedure, who, 400]);
  return verdict;
}

describe('every procedure', () => {
  test('says who may call it, and has its line here', () => {
    expect(Object.fromEntries(permissionsOf(appRouter))).toEqual(PROCEDURES);
  });

  test.each(everybody)('is called by %s as far as its permission goes, over tRPC', async (who) => {
    const said = verdictsOf(Object.keys(built).map((one) => [one, () => overTrpc(one, who)]));
    const wanted = Object.entries(PROCEDURES).map(([one, permission]) => [one, expected(permission, who)]);
    expect(await said).toEqual(Object.fromEntries(wanted));
  });

  test.each(everybody)('is called by %s as far as its permission goes, over REST', async (who) => {
    const operations = operationsOf(appRouter);
    expect(operations.length).toBeGreaterThan(10);
    const said = verdictsOf(
      operations.map(({ procedure, place: { method, path } }) => {
        const init = method === 'GET' ? {} : { method, headers: JSON_BODY, body: NO_INPUT };
        const filled = path.replaceAll(/\{\w+\}/g, 'x');
        return [procedure, async () => refusedBy(await ask(who, `${filled}?no-such-field=1`, init))];
      }),
    );
    const wanted = operations.map(({ procedure: one }) => [one, expected(PROCEDURES[one] ?? 'operator', who)]);
    expect(await said).toEqual(Object.fromEntries(wanted));
  });

  test('of a batch is judged by itself', async () => {
    const answer = await ask('member', '/trpc/users.access,status.moment,projections.list?batch=1');
    const parts = (await answer.json()) as { error: { data: { httpStatus: number } } }[];
    expect([answer.status, ...parts.map(({ error }) => error.data.httpStatus)]).toEqual([207, 403, 500, 403]);
  });

  test('says what to show where nothing was shown', async () => {
    for (const path of ['/trpc/status.get', '/trpc/audit.list,status.get?batch=1', '/api/users', '/api/auth/me'])
      expect([path, (await ask('nobody', path)).headers.get('www-authenticate')]).toEqual([path, 'Bearer']);
  });
});

describe('what is no procedure', () => {
  test('says who may call it, and has its line here', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'almanac-routes-'));
    const settings = loadSettings({ dataDir: folder.path, repo: [folder.path], logLevel: 'silent' }, {}, folder.path);
    const almanac = await openAlmanac(settings, '1.2.3', false);
    const said = almanac.app.routes?.map(({ method, path, permission }) => [`${method} ${path}`, permission]);
    await almanac.close();
    expect(Object.fromEntries(said ?? [])).toEqual(ROUTES);
  });

  test('is exported by people for themselves, not by keys', async () => {
    const said = verdictsOf(
      everybody.map((who) => [who, async () => refusedBy(await ask(who, '/api/users/me/export'))]),
    );
    expect(await said).toEqual(Object.fromEntries(everybody.map((who) => [who, expected('account', who)])));
  });

  test('is open to everybody where it shows nothing: health and documentation', async () => {
    for (const path of ['/health', '/openapi.json', '/docs', '/redoc'])
      for (const who of everybody) expect([path, who, refusedBy(await ask(who, path))]).toEqual([path, who, 'granted']);
  });

  test('takes a webhook by its signature alone, not even from the operator', async () => {
    const push = { method: 'POST', headers: { ...JSON_BODY, 'x-github-event': 'push' }, body: '{}' };
    for (const who of everybody) expect([who, (await ask(who, '/webhooks/github', push)).status]).toEqual([who, 401]);
    expect(reached).toBe(0);
  });
});

test('a router with a procedure that does not say who may call it is not served', () => {
  const stray = initTRPC.context<Context>().meta<Meta>().create().procedure;
  for (const procedure of [
    stray.query(() => 'secret'),
    stray.meta({ description: 'Secrets.' }).query(() => 'secret'),
  ]) {
    const strayed = router({ users: appRouter.users, deep: router({ stray: procedure }) } as never);
    expect(() => createApi({ router: strayed, services, log })).toThrow(
      'The procedure "deep.stray" does not say who may call it.',
    );
  }
});
