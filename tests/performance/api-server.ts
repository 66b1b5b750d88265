/** The server whose processor time `api.ts` measures: in a process of its own, so that the asking is not counted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { appRouter } from '../../server/api/router.ts';
import { answers, readProcedure, router } from '../../server/api/trpc.ts';
import { loadSettings } from '../../server/config.ts';
import { startServer, type RunningServer } from '../../server/http-server.ts';
import { ACCESS_COOKIE, REFRESH_COOKIE } from '../../server/identity/cookies.ts';
import { createLog } from '../../server/log.ts';
import { openAlmanac, type Almanac } from '../../server/main.ts';
import { GitRepository } from '../support/git-repository.ts';

/** What the process tells of itself. `credentials`: for the server people sign in to, headers to be shown in turns, by what they are. */
export type MeasuredServer = {
  readonly url: string;
  readonly signedInUrl: string;
  readonly credentials: Readonly<Record<string, readonly Headers[]>>;
};
type Headers = Readonly<Record<string, string>>;

const MEMBERS = 200;
const DAYS = 100;

/** 200 people, each with a commit on about three days of four. */
async function season(): Promise<GitRepository> {
  const repository = await GitRepository.create();
  const last = Date.parse('2024-06-17T03:00:00Z');
  const commits = Array.from({ length: MEMBERS * DAYS }, (_, index) => {
    const [member, day] = [index % MEMBERS, Math.floor(index / MEMBERS)];
    const at = new Date(last - (DAYS - 1 - day) * 86_400_000 + member * 1000).toISOString().replace('.000Z', '+00:00');
    return { member, day, spec: { author: `Member ${member} <member-${member}@example.org>`, at } };
  });
  await repository.commits(
    commits.filter(({ member, day }) => (member * 7 + day * 3) % 4 !== 0).map(({ spec }) => spec),
  );
  return repository;
}

const measured = router({
  product: appRouter,
  trivial: readProcedure
    .meta({
      description: 'The least a query can do.',
      rest: { method: 'GET', path: '/api/trivial', summary: 'Trivial', tags: ['measured'] },
    })
    .input(z.object({ challenge: z.string().optional() }))
    .output(answers(z.object({ ok: z.boolean() })))
    .query(() => ({ ok: true })),
});

type Served = { readonly almanac: Almanac; readonly server: RunningServer; readonly dataDirectory: string };

/** @param env what makes it a server that people sign in to; nothing: local mode */
async function serve(repositories: readonly string[], env: Readonly<Record<string, string>>): Promise<Served> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-data-'));
  const settings = loadSettings({ dataDir: dataDirectory, repo: repositories, logLevel: 'warn' }, env, tmpdir());
  const almanac = await openAlmanac(settings, 'measured', false);
  await almanac.app.services.collectNow();
  const server = await startServer({
    ...almanac.app,
    router: measured,
    // A log that is read, at the level of a running server: writing it is part of a request's cost.
    log: createLog('info', { write: () => undefined }),
    host: '127.0.0.1',
    port: 0,
  });
  return { almanac, server, dataDirectory };
}

/** Counting requests is part of what a server costs that others reach, so there is a limit, and it is not met. */
const SIGNING_IN = { GITHUB_CLIENT_ID: 'measured', GITHUB_CLIENT_SECRET: 'measured', RATE_LIMIT: '1000000' };

/** More than are remembered as verified: shown in turns, each is verified anew. */
const SESSIONS = 1_200;

/** What a member may show at each request. */
async function credentialsOf({ almanac }: Served): Promise<MeasuredServer['credentials']> {
  const { accounts, sessions, keys } = almanac.app.services.identity;
  const account = { id: 1, login: 'kim', name: 'Kim', emails: ['kim@example.org'] };
  const { memberId } = await accounts.signIn(account, { openChallenge: null });
  await accounts.approve(memberId, 'member', { by: 'operator', role: 'owner' });
  const { accessToken, refreshToken } = await sessions.start(memberId, 'measured');
  const cookie = `${ACCESS_COOKIE}=${accessToken}; ${REFRESH_COOKIE}=${refreshToken}`;
  const wish = { name: 'measured', scopes: ['read'], expiresAt: null, requestsPerMinute: null } as const;
  const { key } = await keys.issue(wish, { memberId, by: memberId, held: ['read'] });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const others = await Promise.all(Array.from({ length: SESSIONS }, () => sessions.start(memberId, 'measured')));
  return {
    "a session's Bearer": [bearer(accessToken)],
    "a session's cookies": [{ cookie }],
    'a Bearer not seen before': others.map((tokens) => bearer(tokens.accessToken)),
    'an API key': [bearer(key)],
  };
}

const repository = await season();
const local = await serve([repository.path], {});
const signedIn = await serve([], SIGNING_IN);
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => {
  void (async () => {
    for (const { server, almanac, dataDirectory } of [local, signedIn]) {
      await server.close();
      await almanac.close();
      await rm(dataDirectory, { recursive: true });
    }
    await repository[Symbol.asyncDispose]();
  })();
});
process.send?.({
  url: local.server.url,
  signedInUrl: signedIn.server.url,
  credentials: await credentialsOf(signedIn),
} satisfies MeasuredServer);
