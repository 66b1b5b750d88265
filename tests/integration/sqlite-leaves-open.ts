/** Opens everything the embedded store has, closes nothing, and has no more to do. */
import { randomUUID } from 'node:crypto';
import { openSqliteEventLogReader, openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';

const directory = process.argv[2] ?? '';
const store = await openSqliteEventStore({ directory });
const follow = async (log: Pick<typeof store, 'subscribeToAll'>): Promise<void> => {
  for await (const message of log.subscribeToAll({ signal: new AbortController().signal })) console.log(message.kind);
};
void follow(store);
void follow(openSqliteEventLogReader({ directory }));
const append = () =>
  store.append('ledger', [{ id: randomUUID(), type: 'Noted', data: {}, metadata: {} }], { expectedRevision: 'any' });
await append();
// Nobody waits for it, and yet it is written before the process ends.
void append();
