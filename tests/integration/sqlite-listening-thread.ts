/** A thread with its own reader of the log, as projections have: tells the main thread each id it is given. */
import { parentPort, workerData } from 'node:worker_threads';
import { openSqliteEventLogReader } from '../../server/event-store/sqlite/store.ts';

const abort = new AbortController();
parentPort?.once('message', () => abort.abort());

const reader = openSqliteEventLogReader({ directory: workerData as string });
for await (const message of reader.subscribeToAll({ signal: abort.signal })) {
  if (message.kind === 'events') parentPort?.postMessage(message.events.map((event) => event.id));
  if (message.kind === 'caught-up') parentPort?.postMessage('caught-up');
}
await reader.close();
