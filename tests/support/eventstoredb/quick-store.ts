import { openEventStoreDb, type EventStoreDbOptions } from '../../../server/event-store/eventstoredb/store.ts';
import type { EventStore } from '../../../server/event-store/event-store.ts';
import { ProtocolServer } from './server.ts';

/**
 * A server and the adapter on it. Backoff is short; deadlines are for a busy machine, and shortened by the tests that
 * see them pass.
 */
export type QuickStore = AsyncDisposable & {
  readonly server: ProtocolServer;
  readonly store: EventStore;
  /** Interruptions the subscriptions reported. */
  readonly troubles: readonly Error[];
};

export async function quickStore(options: Partial<EventStoreDbOptions> = {}): Promise<QuickStore> {
  const server = await ProtocolServer.start();
  const troubles: Error[] = [];
  const store = openEventStoreDb({
    connectionString: server.connectionString,
    callTimeoutMs: 3_000,
    searchTimeoutMs: 6_000,
    giveUpAfterMs: 30_000,
    backoff: { firstDelayMs: 5, longestDelayMs: 50 },
    onTrouble: (error) => troubles.push(error),
    ...options,
  });
  return {
    server,
    store,
    troubles,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
