/** The composition root: the only file that knows every part. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createApp, type AppOptions, type WebHandler } from './app.ts';
import { exportRoute } from './api/export-route.ts';
import type { HttpRoute } from './api/http-route.ts';
import { metricsRoute } from './api/metrics-route.ts';
import { WEBHOOK } from './api/openapi-routes.ts';
import { appRouter } from './api/router.ts';
import type { IdentityServices } from './api/identity-services.ts';
import type { Services } from './api/services.ts';
import { signInRoutes } from './api/sign-in.ts';
import { MembersCollection } from './collect/github/open-collector.ts';
import { Community } from './community/community.ts';
import type { Settings } from './config.ts';
import { createRateLimits } from './edge/rate-limit.ts';
import { StoreUnavailable, type Position } from './event-store/event-store.ts';
import { startServer } from './http-server.ts';
import { openIdentity } from './identity/open-identity.ts';
import { newSecret } from './identity/secrets.ts';
import { createLog } from './log.ts';
import { messagesOf } from './notify/messages-of-server.ts';
import type { Messages } from './notify/open-messages.ts';
import { openParts, type Parts } from './parts.ts';
import type { Jobs } from './schedule/job-control.ts';
import { openJobs } from './schedule/open-jobs.ts';
import { historyOf } from './history.ts';
import { Seasons } from './seasons/seasons.ts';
import { currentSeason } from './seasons/current-season.ts';
import { isLocal } from './serving.ts';
import { listAccess } from '../projections/access.ts';
import { reportRoutes } from './report/routes.ts';
import { publishAddress, withdrawAddress } from './server-address.ts';
import { settled } from './settled.ts';
import { createGitHubWebhook, type GitHubPush } from './webhooks/github-webhook.ts';

/** Everything but the network: what a server serves and a command of the command line works with. */
export type Almanac = {
  readonly app: Omit<AppOptions, 'closing' | 'web'> & Required<Pick<AppOptions, 'instance'>>;
  /** Whoever shows it as Bearer operates the server. */
  readonly operatorToken: string;
  /** Jobs wait until they are told to look at the clock: a server does that, a command does not. */
  readonly jobs: Pick<Jobs, 'start'>;
  readonly messages: Pick<Messages, 'resume'>;
  /** Answers an API request in this process. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
};

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
  const parts = await openParts(settings, { log, watch, now }, opening);
  const gitHub = opening.use(new MembersCollection({ settings, ...parts, watch }));
  const messages = opening.use(messagesOf(settings, parts));
  const jobs = opening.use(openJobs({ settings, ...parts, collector: gitHub.forJobs, seasons: messages }));
  const operatorToken = newSecret();
  const app = appOf(settings, version, { ...parts, jobs, gitHub, messages }, operatorToken);
  const { fetch } = createApp(app);
  const open = opening.move();
  return { app, operatorToken, jobs, messages, fetch, close: () => open.disposeAsync() };
}

type Opened = Parts & { readonly jobs: Jobs; readonly gitHub: MembersCollection; readonly messages: Messages };

function appOf(settings: Settings, version: string, parts: Opened, operatorToken: string): Almanac['app'] {
  const { store, codec, vault, readModels, erasures, log, collector, gitHub, now } = parts;
  const identity = openIdentity({
    settings,
    store,
    codec,
    vault,
    models: readModels,
    operatorToken,
    log,
    now,
    erase: (memberId, by) => erasures.erase({ memberId, by, at: new Date(now()).toISOString() }),
  });
  gitHub.readBy(identity.services.connections);
  const services = servicesOf(settings, version, parts, identity.services);
  const onPush = (push: GitHubPush) => {
    gitHub.collector.pushed(push);
    collector.collectNow().catch((err: unknown) => log.warn({ err }, 'A push could not be followed'));
  };
  const webhook = createGitHubWebhook({ secret: settings.webhookSecret, store, codec, now, onPush });
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
    routes: [
      ...signInRoutes(identity.signIn),
      exportRoute({ services, store, codec }),
      ...reportRoutes(services),
      metricsRoute(services),
      webhookRoute,
    ],
    protection: { local: isLocal(settings), publicUrl: settings.publicUrl },
    authenticate: (credentials) => identity.authenticator.authenticate(credentials),
    limits: createRateLimits({ perMinute: settings.rateLimit }),
    trustedProxies: settings.trustedProxies,
    docs: settings.docs,
  };
}

function servicesOf(settings: Settings, version: string, parts: Opened, identity: IdentityServices): Services {
  const { now } = parts;
  const shown = (position: Position) =>
    parts.readModels.waitFor(position, { projections: ['attendance-book', 'joining'] });
  const { store, codec, vault, readModels, past, erasures, keeper, feed, book, collector, gitHub } = parts;
  return {
    version,
    startedAt: new Date(now()).toISOString(),
    now,
    model: (name) => readModels.model(name),
    past,
    log: store,
    history: historyOf({ store, codec }),
    defaultChallenge: (then = { model: (name) => readModels.model(name), now }) => {
      // At home in a repository its own book is meant; elsewhere the season people take part in.
      if (isLocal(settings) && book.id !== null) return book.id;
      return currentSeason(then.model('attendance-book'), then.now() / 1000) ?? book.id;
    },
    timeZone: settings.timeZone,
    repositories: () => collector.status(),
    collections: gitHub.services(() => settled(parts)),
    async collectNow() {
      const [statuses] = await Promise.all([collector.collectNow(), gitHub.collectEverybody()]);
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
    seasons: new Seasons({ store, codec, now, shown }),
    community: new Community({ store, codec, now, models: readModels }),
    jobs: parts.jobs,
    messages: parts.messages.services,
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
