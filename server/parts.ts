/** What a server is made of, below its API: opened in the order of their dependence. */
import { join } from 'node:path';
import type { ChangeTopic } from './api/views.ts';
import { ChangeFeed } from './change-feed.ts';
import { collectionLog } from './collection-log.ts';
import { openCollector } from './collect/collect.ts';
import { Ledger } from './collect/ledger.ts';
import type { Settings } from './config.ts';
import { prepareDataDirectory } from './data-directory.ts';
import type { Codec } from './event-store/codec.ts';
import type { EventStore } from './event-store/event-store.ts';
import { openSqliteEventStore } from './event-store/sqlite/store.ts';
import { LocalBook } from './local-book.ts';
import type { Log } from './log.ts';
import { marked } from './settled.ts';
import { openPast } from './past.ts';
import { openReadModels } from './read-models/database.ts';
import type { LogSettings } from './read-models/log.ts';
import { lockDirectory } from './sqlite/directory-lock.ts';
import { runAttendanceKeeper } from './subscribers/attendance-keeper.ts';
import { standardRetry } from './subscribers/retry.ts';
import { openSubscriberState } from './subscribers/subscriber-state.ts';
import type { Subscriber } from './subscribers/subscriber.ts';
import { Erasures, type ErasuresOptions } from './vault/erase.ts';
import { openSealing } from './vault/vault-of-log.ts';
import type { OnTrouble } from './vault/vault-seal.ts';

/** What pages load again when a read model has changed. */
const TOPICS: Readonly<Record<string, readonly ChangeTopic[]>> = {
  'attendance-book': ['attendance'],
  messages: ['messages'],
  verdicts: ['attendance'],
  'commit-activity': ['attendance', 'commits'],
  members: ['attendance', 'members'],
  'event-feed': ['events'],
  access: ['members'],
  joining: ['members'],
  community: ['members'],
  jobs: ['jobs'],
  collections: ['status'],
};

export type Parts = Awaited<ReturnType<typeof openParts>>;

type PartsOptions = {
  readonly log: Log;
  readonly watch: boolean;
  readonly now: () => number;
  /** Done by this thread while those of the read models start. */
  readonly meanwhile: () => Promise<unknown>;
};

/** Opened in the order of their dependence; `opening` closes them the other way round. */
export async function openParts(
  settings: Settings,
  { log, watch, now, meanwhile }: PartsOptions,
  opening: AsyncDisposableStack,
) {
  const { dataDirectory } = settings;
  prepareDataDirectory(dataDirectory);
  const { store, logSettings } = await openStore(settings, { log, now }, opening);
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
  const base = { store, codec, log, now };
  const keeper = openKeeper(dataDirectory, base, opening);
  const feed = new ChangeFeed();
  // One for all who record commits: it knows each commit of the log by its sha.
  const ledger = new Ledger(store, codec);
  const { book, collector } = openLocalCollection(settings, { ...base, ledger, keeper, feed, watch }, opening);
  const [readModels] = await Promise.all([modelsOpened, meanwhile()]);
  opening.defer(
    readModels.onChange(({ projections }) => feed.publish(projections.flatMap((name) => TOPICS[name] ?? []))),
  );
  const past = opening.use(openPast(readModels, { directory: dataDirectory, log: logSettings, vault: vault.access }));
  const erasures = opening.use(erasuresOf({ store, codec, vault, readModels }, log));
  await erasures.resume();
  return { store, codec, vault, readModels, past, erasures, keeper, feed, ledger, book, collector, log, now };
}

type Base = { store: EventStore; codec: Codec; log: Log; now: () => number };

/** Marks the days that commits attend. */
function openKeeper(dataDirectory: string, base: Base, opening: AsyncDisposableStack): Subscriber {
  const state = openSubscriberState(join(dataDirectory, 'subscribers.sqlite'), (err) =>
    base.log.warn({ err }, 'The checkpoints of the subscribers were damaged: the log is read from its start'),
  );
  opening.defer(() => state.close());
  const ending = new AbortController();
  const { signal } = ending;
  const keeper = runAttendanceKeeper({ ...base, state, retry: standardRetry, random: Math.random, signal });
  opening.defer(() => {
    ending.abort();
    return keeper.stopped;
  });
  return keeper;
}

/** Reads the repositories of this machine into a book of their own. */
function openLocalCollection(
  { dataDirectory, timeZone, repositories }: Settings,
  {
    ledger,
    keeper,
    feed,
    watch,
    ...base
  }: Base & {
    ledger: Ledger;
    keeper: Subscriber;
    feed: ChangeFeed;
    watch: boolean;
  },
  opening: AsyncDisposableStack,
) {
  const { store, codec, log, now } = base;
  const note = collectionLog(log);
  const looking = new AbortController();
  const book = new LocalBook(repositories, { store, codec, timeZone, signal: looking.signal });
  const collector = openCollector({
    ...{ store, codec, ledger, repositories, dataDirectory, timeZone, now, watch },
    enrolment: book,
    marked: (signal) => marked({ store, keeper }, signal),
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
  return { book, collector };
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
  { log, now }: { log: Log; now: () => number },
  opening: AsyncDisposableStack,
): Promise<{ store: EventStore; logSettings: LogSettings }> {
  const { dataDirectory: directory, eventStoreUrl: connectionString } = settings;
  if (connectionString === null)
    return { store: await openSqliteEventStore({ directory, now }), logSettings: { kind: 'sqlite', directory } };
  // Loaded only where it is used: the client takes a fifth of a second to load.
  const { openEventStoreDb } = await import('./event-store/eventstoredb/store.ts');
  // The embedded store locks the directory itself. Here, too, nobody else may keep checkpoints and cursors in it.
  opening.use(lockDirectory(directory));
  const onTrouble = (err: Error) =>
    log.warn({ err }, 'The connection to EventStoreDB was interrupted; it is taken up again');
  const store = openEventStoreDb({ connectionString, onTrouble });
  return { store, logSettings: { kind: 'eventstoredb', connectionString } };
}
