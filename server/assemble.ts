/** What is served, over the parts of a server. It is loaded while the read models open: see main.ts. */
import { randomUUID } from 'node:crypto';
import { createApp, type AppOptions } from './app.ts';
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
import { historyOf } from './history.ts';
import { openIdentity } from './identity/open-identity.ts';
import { newSecret } from './identity/secrets.ts';
import { messagesOf } from './notify/messages-of-server.ts';
import type { Messages } from './notify/open-messages.ts';
import type { Parts } from './parts.ts';
import { reportRoutes } from './report/routes.ts';
import type { Jobs } from './schedule/job-control.ts';
import { openJobs } from './schedule/open-jobs.ts';
import { Seasons } from './seasons/seasons.ts';
import { currentSeason } from './seasons/current-season.ts';
import { isLocal } from './serving.ts';
import { settled } from './settled.ts';
import { createGitHubWebhook, type GitHubPush } from './webhooks/github-webhook.ts';

/** Everything but the network: what a server serves and a command of the command line works with. */
export type Assembled = {
  readonly app: Omit<AppOptions, 'closing' | 'web'> & Required<Pick<AppOptions, 'instance'>>;
  /** Whoever shows it as Bearer operates the server. */
  readonly operatorToken: string;
  /** Jobs wait until they are told to look at the clock: a server does that, a command does not. */
  readonly jobs: Pick<Jobs, 'start'>;
  readonly messages: Pick<Messages, 'resume'>;
  /** Answers an API request in this process. */
  fetch(request: Request): Promise<Response>;
};

/** Puts what is served together; `opening` closes it before the parts. */
export function assemble(
  settings: Settings,
  version: string,
  { parts, watch }: { readonly parts: Parts; readonly watch: boolean },
  opening: AsyncDisposableStack,
): Assembled {
  const gitHub = opening.use(new MembersCollection({ settings, ...parts, watch }));
  const messages = opening.use(messagesOf(settings, parts));
  const jobs = opening.use(openJobs({ settings, ...parts, collector: gitHub.forJobs, seasons: messages }));
  const operatorToken = newSecret();
  const app = appOf(settings, version, { ...parts, jobs, gitHub, messages }, operatorToken);
  return { app, operatorToken, jobs, messages, fetch: createApp(app).fetch };
}

type Opened = Parts & { readonly jobs: Jobs; readonly gitHub: MembersCollection; readonly messages: Messages };

function appOf(settings: Settings, version: string, parts: Opened, operatorToken: string): Assembled['app'] {
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
