import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readAddress } from '../../server/server-address.ts';
import { almanac, DOOR } from '../support/command-line.ts';
import { unconfigured } from '../support/server.ts';

let dataDirectory: string;
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-data-'));
});
afterEach(() => rm(dataDirectory, { recursive: true, force: true }));

const flags = () => ['--port', '0', '--data-dir', dataDirectory, '--repo', dataDirectory, '--no-dashboard'];

describe('a start that fails', () => {
  it('leaves nothing running when the address cannot be published', async () => {
    await mkdir(join(dataDirectory, 'server.json', 'in the way'), { recursive: true });
    expect(await almanac(['start', ...flags()])).toMatchObject({
      code: 1,
      err: expect.stringContaining('server.json') as string,
    });
  });

  it('says in a sentence why the data directory cannot be made', async () => {
    const { code, err } = await almanac(['start', '--data-dir', join(import.meta.filename, 'data')]);
    expect(code).toBe(1);
    expect(err).toMatch(/start\.test\.ts\/data cannot be used as DATA_DIR: ENOTDIR/);
    expect(err).not.toMatch(/^ +at /m);
  });
});

/** In a process group of its own, as a shell starts it. */
async function startedBy(program: string, args: readonly string[]) {
  const child = spawn(program, [...args, ...flags()], {
    cwd: join(import.meta.dirname, '..', '..'),
    env: unconfigured(),
    detached: true,
    stdio: 'ignore',
  });
  const address = await vi.waitFor(
    () => {
      const published = readAddress(dataDirectory);
      if (!published) throw new Error('The server has not started.');
      return published;
    },
    { timeout: 60_000, interval: 50 },
  );
  return { child, address, ended: once(child, 'exit') as Promise<[number | null]> };
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const toTheGroupOf = ({ pid = 0 }: ChildProcess, signal: NodeJS.Signals) => process.kill(-pid, signal);

describe('a server ends', () => {
  it('in order on Ctrl+C, which reaches the program and its door', async () => {
    const { child, ended } = await startedBy(process.execPath, [DOOR, 'start']);
    toTheGroupOf(child, 'SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(readAddress(dataDirectory)).toBeNull();
  });

  it('at once on a second Ctrl+C', async () => {
    const { child, address, ended } = await startedBy(process.execPath, [DOOR, 'start']);
    const { hostname, port } = new URL(address.url);
    // A request that never becomes whole holds up the end of the server for some seconds.
    const request = connect(Number(port), hostname).on('error', () => undefined);
    request.write(`POST /trpc/status.collectNow HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 9\r\n\r\n{`);
    await sleep(500);
    toTheGroupOf(child, 'SIGINT');
    await sleep(2_500);
    toTheGroupOf(child, 'SIGINT');
    expect(await ended).toEqual([130, null]);
    request.destroy();
  });

  it('when npm is told to, which started it', async () => {
    const { child, address, ended } = await startedBy('npm', ['start', '--']);
    try {
      child.kill('SIGTERM');
      await ended;
      await vi.waitFor(() => expect(isAlive(address.pid)).toBe(false), 10_000);
      expect(readAddress(dataDirectory)).toBeNull();
    } finally {
      if (isAlive(address.pid)) process.kill(address.pid, 'SIGKILL');
    }
  });
});
