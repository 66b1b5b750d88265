/** The composition root: opens the parts, serves what is put together over them, and closes all of it in order. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listAccess } from '../projections/access.ts';
import type { Services } from './api/services.ts';
import type { WebHandler } from './app.ts';
import type { Assembled } from './assemble.ts';
import type { Settings } from './config.ts';
import { createLog } from './log.ts';
import { openParts } from './parts.ts';
import { publishAddress, withdrawAddress } from './server-address.ts';

/** Everything but the network. */
export type Almanac = Assembled & { close(): Promise<void> };

/** What is served is half of the program. The threads of the read models take as long to start as it takes to load. */
const loadServed = () => Promise.all([import('./assemble.ts'), import('./http-server.ts')]);

/**
 * Opens store, read models and subscribers and begins to read the repositories.
 * @param watch go on reading as repositories change
 * @param now milliseconds since the epoch
 * @throws {DataDirectoryInUse} when another process owns the data directory
 */
export async function openAlmanac(
  settings: Settings,
  version: string,
  watch: boolean,
  now: () => number = Date.now,
): Promise<Almanac> {
  // What a command prints is the answer, which a program may read.
  const log = createLog(settings.logLevel, watch ? process.stdout : process.stderr);
  await using opening = new AsyncDisposableStack();
  const parts = await openParts(settings, { log, watch, now, meanwhile: loadServed }, opening);
  const [{ assemble }] = await loadServed();
  const assembled = assemble(settings, version, { parts, watch }, opening);
  const open = opening.move();
  return { ...assembled, close: () => open.disposeAsync() };
}

export type AlmanacServer = { readonly url: string; close(): Promise<void> };

/**
 * Serves the dashboard and the API until it is closed.
 * @throws {Error} saying what to do when the port is taken
 */
export async function start(
  settings: Settings,
  version: string,
  { dashboard }: { dashboard: boolean },
): Promise<AlmanacServer> {
  await using opening = new AsyncDisposableStack();
  const almanac = await openAlmanac(settings, version, true);
  opening.defer(() => almanac.close());
  const web = dashboard ? await builtDashboard(settings.publicUrl) : undefined;
  const { host, port, dataDirectory } = settings;
  const { log, instance } = almanac.app;
  const token = almanac.operatorToken;
  const [, { startServer }] = await loadServed();
  const server = await startServer({ ...almanac.app, host, port, ...(web && { web }) });
  opening.defer(() => server.close());
  publishAddress(dataDirectory, { pid: process.pid, url: server.localUrl, token, instance });
  opening.defer(() => withdrawAddress(dataDirectory));
  almanac.jobs.start();
  void almanac.messages.resume();
  if (settings.github !== null && settings.owners.length === 0 && !hasOwner(almanac.app.services))
    log.warn('Nobody is an owner yet: set OWNERS to your GitHub login, or: almanac members invite LOGIN --role owner');
  if (dashboard && !web) log.warn('The dashboard is not built: only the API is served. Run "npm run build:web".');
  const open = opening.move();
  return { url: server.url, close: () => open.disposeAsync() };
}

const hasOwner = ({ model }: Services): boolean =>
  listAccess(model('access')).some(
    ({ role, status }) => role === 'owner' && (status === 'active' || status === 'invited'),
  );

/** The built dashboard's handler; undefined where it has not been built. */
async function builtDashboard(publicUrl: string | null): Promise<WebHandler | undefined> {
  const file = join(import.meta.dirname, '..', 'web', 'build', 'handler.js');
  if (!existsSync(file)) return undefined;
  // Behind no proxy the handler would take every page for https and refuse forms sent by http.
  process.env['PROTOCOL_HEADER'] ??= 'x-forwarded-proto';
  // Behind a proxy its pages are those of the address people know, whatever a header says.
  if (publicUrl !== null) process.env['ORIGIN'] ??= publicUrl;
  const { handler } = (await import(pathToFileURL(file).href)) as { handler: WebHandler };
  return handler;
}
