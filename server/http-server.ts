import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createApp, type App, type AppOptions } from './app.ts';
import { isLoopback } from './request-guard.ts';

export type ServerOptions = Omit<AppOptions, 'closing'> & {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
};

export type RunningServer = {
  /** `http://localhost:3000`, to be shown to people. */
  readonly url: string;
  /** `http://127.0.0.1:3000`, where programs of this machine reach it: the address it is bound to. */
  readonly localUrl: string;
  readonly port: number;
  /** Answers a request of this very process. */
  readonly fetch: App['fetch'];
  /** Takes no more requests, ends streams, lets the others finish for a while. */
  close(): Promise<void>;
};

/** Whoever takes longer to send a request than this is not waited for. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_MS = 5_000;
/** Longer than the idle time of the proxies that usually stand in front (60 s), so that they end a connection, not we. */
const KEEP_ALIVE_MS = 65_000;
/** How long answers under way may take after the server was asked to end. */
const GRACE_MS = 5_000;

export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

/**
 * Serves Almanac on one port.
 * @throws {CannotListen} saying what to do when the port is taken or the address is not this machine's
 */
export async function startServer({ host, port, ...options }: ServerOptions): Promise<RunningServer> {
  const closing = new AbortController();
  const app = createApp({ ...options, closing: closing.signal });
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      // A connection whose answer ends while we close is idle from then on, and would be kept for a request that may not come.
      response.once('close', () => closing.signal.aborted && setImmediate(() => server.closeIdleConnections()));
      app.listener(request, response);
    },
  );
  await listen(server, host, port);
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    url: urlOf(isLoopback(host) ? 'localhost' : host, bound),
    localUrl: urlOf(EVERY_ADDRESS[address] ?? address, bound),
    port: bound,
    fetch: app.fetch,
    close: () => close(server, closing),
  };
}

/** Bound to every address of the machine, it is reached by loopback too. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

const urlOf = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason =
      code === 'EADDRINUSE'
        ? `Port ${port} is taken by another program. Choose another one: PORT=${port + 1} or --port ${port + 1}.`
        : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
          ? `"${host}" is not an address of this machine. Set HOST or --host.`
          : `Cannot listen at ${host}:${port} (${code}).`;
    throw new CannotListen(reason, { cause });
  }
}

async function close(server: Server, closing: AbortController): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  closing.abort();
  const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(grace);
}
