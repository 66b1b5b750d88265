import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '../../server/event-store/event-store.ts';
import { openEventStoreDb } from '../../server/event-store/eventstoredb/store.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { ProtocolServer } from './eventstoredb/server.ts';
import { temporaryStore } from './temporary-store.ts';

/** A log that outlives the store that is open on it. */
export type LogOfKind = AsyncDisposable & {
  /** A folder for what else a process keeps. */
  readonly directory: string;
  /** Closes the store that is open and opens the log again, as a restarted process would. */
  reopen(): Promise<EventStore>;
};

async function sqliteLog(): Promise<LogOfKind> {
  const folder = await temporaryStore();
  let store = folder.store;
  return {
    directory: folder.directory,
    async reopen() {
      await store.close();
      return (store = await openSqliteEventStore(folder));
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function eventStoreDbLog(): Promise<LogOfKind> {
  const server = await ProtocolServer.start();
  const directory = await mkdtemp(join(tmpdir(), 'almanac-'));
  let store: EventStore | undefined;
  return {
    directory,
    async reopen() {
      await store?.close();
      return (store = openEventStoreDb({ connectionString: server.connectionString }));
    },
    async [Symbol.asyncDispose]() {
      await store?.close();
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

/** Both event stores, for tests of what stands on them. */
export const storeKinds: readonly (readonly [string, () => Promise<LogOfKind>])[] = [
  ['SQLite', sqliteLog],
  ['EventStoreDB', eventStoreDbLog],
];
