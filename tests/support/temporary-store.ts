import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '../../server/event-store/event-store.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';

export type TemporaryStore = AsyncDisposable & { readonly store: EventStore; readonly directory: string };

/** An empty event store in a folder of its own; both are gone at the end of the test. */
export async function temporaryStore(): Promise<TemporaryStore> {
  const directory = await mkdtemp(join(tmpdir(), 'almanac-'));
  const store = await openSqliteEventStore({ directory });
  return {
    store,
    directory,
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}
