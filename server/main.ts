/** The composition root: the only file that knows every part. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createApp, type AppOptions, type WebHandler } from './app.ts';
import { exportRoute } from './api/export-route.ts';
import type { HttpRoute } from './api/http-route.ts';
import { WEBHOOK } from './api/openapi-routes.ts';
import { appRouter } from './api/router.ts';
import type { IdentityServices } from './api/identity-services.ts';
import type { Services } from './api/services.ts';
import { signInRoutes } from './api/sign-in.ts';
import type { ChangeTopic } from './api/views.ts';
import { collectionLog } from './collection-log.ts';
import { ChangeFeed } from './change-feed.ts';
import { openCollector } from './collect/collect.ts';
import type { Settings } from './config.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { createRateLimits } from './edge/rate-limit.ts';
import { StoreUnavailable, type EventStore } from './event-store/event-store.ts';
import { openSqliteEventStore } from './event-store/sqlite/store.ts';
import { startServer } from './http-server.ts';
import { Erasures, type ErasuresOptions } from './vault/erase.ts';
import { openIdentity } from './identity/open-identity.ts';
import { newSecret } from './identity/secrets.ts';
import { openSealing } from './vault/vault-of-log.ts';
import type { OnTrouble } from './vault/vault-seal.ts';
import { LocalBook } from './local-book.ts';
import { createLog, type Log } from './log.ts';
import { openReadModels } from './read-models/database.ts';
import type { LogSettings } from './read-models/log.ts';
import { lockDirectory } from './sqlite/directory-lock.ts';
import { isLocal } from './serving.ts';
import { listAccess } from '../projections/access.ts';
import { publishAddress, withdrawAddress } from './server-address.ts';
import { settled } from './settled.ts';
import { runAttendanceKeeper } from './subscribers/attendance-keeper.ts';
import { standardRetry } from './subscribers/retry.ts';
import { openSubscriberState } from './subscribers/subscriber-state.ts';
import { createGitHubWebhook } from './webhooks/github-webhook.ts';

/** Everything but the network: what a server serves and a command of the command line works with. */
export type Almanac = {
  readonly app: Omit<AppOptions, 'closing' | 'web'> & Required<Pick<AppOptions, 'instance'>>;
  /** Whoever shows it as Bearer operates the server. */
  readonly operatorToken: string;
  /** Answers an API request in this process. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
};

/** What pages load again when a read model has changed. */
const TOPICS: Readonly<Record<string, readonly ChangeTopic[]>> = {
  'attendance-book': ['attendance'],
  'commit-activity': ['attendance', 'commits'],
  members: ['attendance', 'members'],
  'event-feed': ['events'],
  access: ['members'],
  joining: ['members'],
};

/**
 * Opens store, read models and subscribers and begins to read the repositories.
 * @param watch go on reading as repositories change
 * @throws {DataDirectoryInUse} when another process owns the data directory
 */
export async function openAlmanac(settings: Settings, version: string, watch: boolean): Promise<Almanac> {
  // What a command prints is the answer, which a program may read.
  const log = createLog(settings.logLevel, watch ? process.stdout : process.stderr);
  await using opening = new AsyncDisposableStack();
  const parts = await openParts(settings, log, watch, opening);
  const operatorToken = newSecret();
  const app = appOf(settings, version, parts, operatorToken);
  const { fetch } = createApp(app);
  const open = opening.move();
  return { app, operatorToken, fetch, close: () => open.disposeAsync() };
}

function appOf(settings: Settings, version: string, parts: Parts, operatorToken: string): Almanac['app'] {
  const { store, codec, vault, readModels, erasures, log, collector } = parts;
  const identity = openIdentity({
    settings,
    store,
    codec,
    vault,
    models: readModels,
    operatorToken,
    log,
    erase: (memberId, by) => erasures.erase({ memberId, by, at: new Date().toISOString() }),
  });
  const services = servicesOf(settings, version, parts, identity.services);
  const onPush = () =>
    void collector.collectNow().catch((err: unknown) => log.warn({ err }, 'A push could not be followed'));
  const webhook = createGitHubWebhook({ secret: settings.webhookSecret, store, codec, now: Date.now, onPush });
  const webhookRoute: HttpRoute = {
    method: 'POST',
    path: '/webhooks/github',
    // Whoever signed it: the route asks for that before it reads anything.
    permission: 'anyone',
    operation: WEBHOOK,
    handle: ({ req }) => webhook(req.raw),
  };
  return {
    router: appRouter,
    services,
    log,
    instance: randomUUID(),
    routes: [...signInRoutes(identity.signIn), exportRoute({ services, store, codec }), webhookRoute],
    protection: { local: isLocal(settings), publicUrl: settings.publicUrl },
    authenticate: (credentials) => identity.authenticator.authenticate(credentials),
    limits: createRateLimits({ perMinute: settings.rateLimit }),
    trustedProxies: settings.trustedProxies,
    docs: settings.docs,
  };
}

type Parts = Awaited<ReturnType<typeof openParts>>;

/** Opened in the order of their dependence; `opening` closes them the other way round. */
async function openParts(settings: Settings, log: Log, watch: boolean, opening: AsyncDisposableStack) {
  const { dataDirectory, timeZone, repositories } = settings;
  prepareDataDirectory(dataDirectory);
  const { store, logSettings } = await openStore(settings, log, opening);
  opening.defer(() => store.close());
  const { vault, codec } = await openVault(settings, store, log, opening);
  // Their thread takes a while to start; the repositories are being read meanwhile.
  const modelsOpened = openReadModels({
    directory: dataDirectory,
    log: logSettings,
    vault: vault.access,
    onNotice: ({ level, about, message }) => log[level]({ readModel: about }, message),
  });
  const closeModels = modelsOpened.then(
    (models) => () => models.close(),
    () => () => Promise.resolve(),
  );
  opening.defer(async () => (await closeModels)());
  const state = openSubscriberState(join(dataDirectory, 'subscribers.sqlite'), (err) =>
    log.warn({ err }, 'The checkpoints of the subscribers were damaged: the log is read from its start'),
  );
  opening.defer(() => state.close());
  const ending = new AbortController();
  const { signal } = ending;
  const base = { store, codec, state, retry: standardRetry, now: Date.now, random: Math.random, log, signal };
  const keeper = runAttendanceKeeper(base);
  opening.defer(() => {
    ending.abort();
    return keeper.stopped;
  });
  const feed = new ChangeFeed();
  const note = collectionLog(log);
  const looking = new AbortController();
  const book = new LocalBook(repositories, { store, codec, timeZone, signal: looking.signal });
  const collector = openCollector({
    store,
    codec,
    repositories,
    dataDirectory,
    timeZone,
    watch,
    enrolment: book,
    onStatus: (statuses) => {
      feed.publish(['status']);
      // A command tells the outcome itself.
      if (watch) note(statuses);
    },
    onTrouble: (message, err) => log.warn({ err }, message),
  });
  opening.defer(() => {
    looking.abort();
    return collector.close();
  });
  const readModels = await modelsOpened;
  opening.defer(
    readModels.onChange(({ projections }) => feed.publish(projections.flatMap((name) => TOPICS[name] ?? []))),
  );
  const erasures = opening.use(erasuresOf({ store, codec, vault, readModels }, log));
  await erasures.resume();
  return { store, codec, vault, readModels, erasures, keeper, feed, book, collector, log };
}

function erasuresOf(parts: Omit<ErasuresOptions, 'onTrouble'>, log: Log): Erasures {
  const onTrouble = (err: unknown) =>
    log.warn({ err }, 'Somebody who was erased is not everywhere erased yet; it is tried again');
  return new Erasures({ ...parts, onTrouble });
}

/** What people write is sealed with, and opened by. */
async function openVault(settings: Settings, store: EventStore, log: Log, opening: AsyncDisposableStack) {
  const onTrouble: OnTrouble = (err, place) => log.error({ err, place }, 'A text cannot be opened');
  const sealing = await openSealing(store, settings, onTrouble);
  opening.use(sealing.vault);
  return sealing;
}

async function openStore(
  settings: Settings,
  log: Log,
  opening: AsyncDisposableStack,
): Promise<{ store: EventStore; logSettings: LogSettings }> {
  const { dataDirectory: directory, eventStoreUrl: connectionString } = settings;
  if (connectionString === null)
    return { store: await openSqliteEventStore({ directory }), logSettings: { kind: 'sqlite', directory } };
  // Loaded only where it is used: the client takes a fifth of a second to load.
  const { openEventStoreDb } = await import('./event-store/eventstoredb/store.ts');
  // The embedded store locks the directory itself. Here, too, nobody else may keep checkpoints and cursors in it.
  opening.use(lockDirectory(directory));
  const onTrouble = (err: Error) =>
    log.warn({ err }, 'The connection to EventStoreDB was interrupted; it is taken up again');
  const store = openEventStoreDb({ connectionString, onTrouble });
  return { store, logSettings: { kind: 'eventstoredb', connectionString } };
}

function servicesOf(settings: Settings, version: string, parts: Parts, identity: IdentityServices): Services {
  const { store, codec, vault, readModels, erasures, keeper, feed, book, collector } = parts;
  return {
    version,
    startedAt: new Date().toISOString(),
    now: Date.now,
    model: (name) => readModels.model(name),
    defaultChallenge: () => book.id,
    timeZone: settings.timeZone,
    repositories: () => collector.status(),
    async collectNow() {
      const statuses = await collector.collectNow();
      const away = statuses.find(({ reason }) => reason === 'store-unavailable');
      if (away) throw new StoreUnavailable(away.message ?? 'The event store does not answer.');
      await settled(parts);
    },
    readModelStatus: () => readModels.status(),
    subscribers: () => [keeper.status()],
    erasing: () => erasures.left,
    parking: new Map([[keeper.status().name, keeper.parked]]),
    store: settings.eventStoreUrl === null ? 'sqlite' : 'eventstoredb',
    health: async () => void (await store.head()),
    changes: (signal, after) => feed.changes(signal, after),
    moment: () => feed.moment,
    projections: readModels,
    identity,
    openText: codec.openKept,
    rotateMasterKey: () => vault.rotate(),
  };
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
  const server = await startServer({ ...almanac.app, host, port, ...(web && { web }) });
  opening.defer(() => server.close());
  publishAddress(dataDirectory, { pid: process.pid, url: server.localUrl, token, instance });
  opening.defer(() => withdrawAddress(dataDirectory));
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
