import { MemoryEventStore, MemoryLog } from '../support/memory-event-store.ts';
import { eventStoreContract } from './event-store.contract.ts';

eventStoreContract('The store in memory', async () => {
  const log = new MemoryLog();
  const store = new MemoryEventStore(log);
  return {
    store,
    reopen: async () => new MemoryEventStore(log),
    [Symbol.asyncDispose]: () => store.close(),
  };
});
