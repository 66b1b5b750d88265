import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client';
import type { AppRouter } from '../../server/api/router.ts';
import { ENVIRONMENT } from '../../server/config.ts';
import { readAddress } from '../../server/server-address.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'server', 'cli', 'main.ts');
const PATIENCE_MS = 60_000;

export type ServerUnderTest = AsyncDisposable & {
  readonly url: string;
  readonly pid: number;
  readonly dataDirectory: string;
  readonly client: TRPCClient<AppRouter>;
  /** Resolves when every repository has been read and the pages show it. */
  ready(): Promise<void>;
  /** What it has written so far. */
  output(): string;
  /** Ends it with a signal and waits for its end; the data directory stays until the test is over. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

export type ServerUnderTestOptions = {
  /** Paths given as --repo; none: started in `cwd`. */
  readonly repositories?: readonly string[];
  readonly cwd?: string;
  /** A data directory that is to be used again; it is the caller's to remove. */
  readonly dataDirectory?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** The product itself as a process of its own, on a free port of 127.0.0.1. */
export async function startServer(options: ServerUnderTestOptions = {}): Promise<ServerUnderTest> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'almanac-data-')));
  const repositories = (options.repositories ?? []).flatMap((path) => ['--repo', path]);
  const child = spawn(
    process.execPath,
    [PROGRAM, 'start', '--port', '0', '--data-dir', dataDirectory, ...repositories],
    {
      cwd: options.cwd ?? tmpdir(),
      env: { ...unconfigured(), LOG_LEVEL: 'warn', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = await address(child, dataDirectory, () => output);
  const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${url}/trpc` })] });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  };
  return {
    url,
    pid: child.pid ?? -1,
    dataDirectory,
    client,
    output: () => output,
    stop,
    ready: () => ready(client),
    async [Symbol.asyncDispose]() {
      await stop();
      if (!options.dataDirectory) await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** The variables of this process but for those that configure Almanac: they are empty, so that no `.env` fills them in either. */
export function unconfigured(): NodeJS.ProcessEnv {
  return { ...process.env, ...Object.fromEntries(ENVIRONMENT.map((name) => [name, ''])) };
}

async function address(child: ChildProcess, dataDirectory: string, output: () => string): Promise<string> {
  for (const started = Date.now(); Date.now() - started < PATIENCE_MS; await sleep(25)) {
    if (child.exitCode !== null) break;
    if (existsSync(join(dataDirectory, 'server.json'))) {
      const published = readAddress(dataDirectory);
      if (published?.pid === child.pid) return published?.url ?? '';
    }
  }
  child.kill('SIGKILL');
  throw new Error(`The server did not start:\n${output()}`);
}

/** A collection answers when all it found can be queried. */
async function ready(client: TRPCClient<AppRouter>): Promise<void> {
  await client.status.collectNow.mutate();
}
