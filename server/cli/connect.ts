import { createTRPCClient, httpBatchStreamLink, type TRPCClient } from '@trpc/client';
import type { AppRouter } from '../api/router.ts';
import type { Settings } from '../config.ts';
import { CommandFailed } from './command.ts';
import { readAddress, type ServerAddress } from '../server-address.ts';

export type Connection = AsyncDisposable & {
  readonly client: TRPCClient<AppRouter>;
  /** A server owns the data directory and answers; otherwise this process has opened it for the one command. */
  readonly running: boolean;
};

/** Longer than `/health` waits for a store that is away. */
const PATIENCE_MS = 5_000;

/**
 * Reaches Almanac: the server that runs on this data directory, or, where none does, the same application in this process.
 * @param settled flags given that a running server would pass over
 * @throws {CommandFailed} when a server is running and there are such flags
 */
export async function connect(
  settings: Settings,
  version: string,
  settled: readonly string[] = [],
): Promise<Connection> {
  const address = readAddress(settings.dataDirectory);
  if (address && (await isThere(address))) {
    if (settled.length > 0) throw settledAlready(settings.dataDirectory, settled);
    return {
      client: clientOf(address.url, address.token, fetch),
      running: true,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const { openAlmanac } = await import('../main.ts');
  const almanac = await openAlmanac(settings, version, false);
  const inProcess: typeof fetch = (input, init) => almanac.fetch(new Request(input, init));
  return {
    client: clientOf('http://localhost', almanac.operatorToken, inProcess),
    running: false,
    [Symbol.asyncDispose]: () => almanac.close(),
  };
}

/** As `connect`, but no repository is read: whoever looks after what is kept does not mean to. */
export const connectToData = (settings: Settings, version: string): Promise<Connection> =>
  connect({ ...settings, repositories: [] }, version);

function settledAlready(dataDirectory: string, flags: readonly string[]): CommandFailed {
  const named = flags.join(' and ');
  return new CommandFailed(
    `A server is running on ${dataDirectory} and shows its own book, whatever ${named} may say. ` +
      `Either leave out ${named}, or stop the server first, or choose another --data-dir.`,
  );
}

/** A server that was killed could not withdraw its address, and anybody may listen there since. */
async function isThere({ url, instance }: ServerAddress): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });
    return ((await answer.json()) as { instance?: unknown } | null)?.instance === instance;
  } catch {
    return false;
  }
}

const clientOf = (url: string, token: string, fetcher: typeof fetch) =>
  createTRPCClient<AppRouter>({
    links: [
      httpBatchStreamLink({
        url: `${url}/trpc`,
        headers: { authorization: `Bearer ${token}` },
        fetch: (input, init) => fetcher(input, init as RequestInit),
      }),
    ],
  });
