import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { eventStoreContract } from './event-store.contract.ts';

eventStoreContract('The embedded SQLite store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'almanac-sqlite-'));
  const store = await openSqliteEventStore({ directory });
  let current = store;
  return {
    store,
    async reopen() {
      await current.close();
      current = await openSqliteEventStore({ directory });
      return current;
    },
    async [Symbol.asyncDispose]() {
      await current.close();
      await rm(directory, { recursive: true });
    },
  };
});
