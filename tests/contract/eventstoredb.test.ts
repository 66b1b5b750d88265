import { openEventStoreDb } from '../../server/event-store/eventstoredb/store.ts';
import { ProtocolServer } from '../support/eventstoredb/server.ts';
import { eventStoreContract, type OpenStore } from './event-store.contract.ts';

/** The adapter's stores of one test, over a server that `dispose` ends with them. */
function opened(connectionString: string, dispose: () => Promise<void>): OpenStore {
  let store = openEventStoreDb({ connectionString });
  const first = store;
  return {
    store: first,
    reopen: async () => {
      await store.close();
      store = openEventStoreDb({ connectionString });
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await dispose();
    },
  };
}

eventStoreContract('EventStoreDB over the protocol server', async () => {
  const server = await ProtocolServer.start();
  return opened(server.connectionString, () => server[Symbol.asyncDispose]());
});

const realServer = process.env.EVENTSTORE_TEST_URL;
if (realServer !== undefined && realServer !== '') {
  eventStoreContract('EventStoreDB itself', () => Promise.resolve(opened(realServer, () => Promise.resolve())));
}
