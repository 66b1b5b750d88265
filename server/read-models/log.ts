import type { EventStore } from '../event-store/event-store.ts';
import { openSqliteEventLogReader } from '../event-store/sqlite/reader.ts';

/** What folding needs of the event store. */
export type EventLog = Pick<EventStore, 'readAll' | 'subscribeToAll' | 'head' | 'close'>;

/** Names the log in a way that can be sent to another thread, which opens a reader of its own. */
export type LogSettings =
  | { readonly kind: 'sqlite'; readonly directory: string }
  | { readonly kind: 'eventstoredb'; readonly connectionString: string };

/** @throws {StoreUnavailable} when there is no log to read yet or it cannot be reached */
export async function openLog(settings: LogSettings): Promise<EventLog> {
  if (settings.kind === 'sqlite') return openSqliteEventLogReader(settings);
  // Loaded only where it is used: the client takes a fifth of a second to load.
  const { openEventStoreDb } = await import('../event-store/eventstoredb/store.ts');
  return openEventStoreDb(settings);
}
