/** The server whose processor time `api.ts` measures: in a process of its own, so that the asking is not counted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { appRouter } from '../../server/api/router.ts';
import { answers, openProcedure, router } from '../../server/api/trpc.ts';
import { loadSettings } from '../../server/config.ts';
import { startServer } from '../../server/http-server.ts';
import { createLog } from '../../server/log.ts';
import { openAlmanac } from '../../server/main.ts';
import { GitRepository } from '../support/git-repository.ts';

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
  trivial: openProcedure
    .meta({
      description: 'The least a query can do.',
      rest: { method: 'GET', path: '/api/trivial', summary: 'Trivial', tags: ['measured'] },
    })
    .input(z.object({ challenge: z.string().optional() }))
    .output(answers(z.object({ ok: z.boolean() })))
    .query(() => ({ ok: true })),
});

const repository = await season();
const dataDir = await mkdtemp(join(tmpdir(), 'almanac-data-'));
const settings = loadSettings({ dataDir, repo: [repository.path], logLevel: 'warn' }, {}, tmpdir());
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
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => {
  void (async () => {
    await server.close();
    await almanac.close();
    await rm(dataDir, { recursive: true });
    await repository[Symbol.asyncDispose]();
  })();
});
process.send?.({ url: server.url });
