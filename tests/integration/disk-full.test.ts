import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { GitRepository } from '../support/git-repository.ts';
import { startServer } from '../support/server.ts';

const run = promisify(execFile);
/** The operating system refuses the process to write past this in any file: real failing writes, without a disk to fill. */
const limitFiles = (pid: number, bytes: number | 'unlimited') =>
  run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);

test('a disk without room: writes answer 503, reads go on, and it heals by itself', async () => {
  await using repository = await GitRepository.create();
  await repository.commit({ at: '2024-05-01T12:00:00+09:00' });
  await using server = await startServer({ repositories: [repository.path] });
  await server.ready();
  const commits = async () => (await server.client.attendance.book.query({}))?.totals.commits;
  const collect = () =>
    fetch(`${server.url}/trpc/status.collectNow`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  expect(await commits()).toBe(1);

  await limitFiles(server.pid, 4_096);
  await repository.commit({ at: '2024-05-03T12:00:00+09:00', message: 'while there is no room' });
  await vi.waitFor(async () => expect((await collect()).status).toBe(503), 15_000);
  expect(await commits()).toBe(1);
  expect((await fetch(`${server.url}/`)).status).toBe(200);
  await vi.waitFor(async () =>
    expect((await server.client.status.get.query()).repositories).toMatchObject([
      { state: 'failed', reason: 'store-unavailable', message: expect.stringMatching(/disk/) },
    ]),
  );

  await limitFiles(server.pid, 'unlimited');
  await vi.waitFor(async () => expect(await commits()).toBe(2), 60_000);
  expect((await collect()).status).toBe(200);
}, 120_000);
