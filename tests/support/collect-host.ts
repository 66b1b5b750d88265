/**
 * A process that collects, to be run on hosts of other zones and to be killed:
 * `node tests/support/collect-host.ts <data directory> <repository> [<events>]`. It writes a line for each event the store has
 * acknowledged, and `done` when everything has been read. With a number it kills itself (SIGKILL) a moment after so many events.
 */
import { writeSync } from 'node:fs';
import { openCollector } from '../../server/collect/collect.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';

const [directory = '', repository = '', most = 'Infinity'] = process.argv.slice(2);
let left = Number(most);
const store = await openSqliteEventStore({ directory });
const append = store.append.bind(store);
store.append = async (stream, events, options) => {
  const result = await append(stream, events, options);
  // At once and whole: what stands in a buffer when the process is killed was never said.
  writeSync(1, events.map(({ id }) => `${id}\n`).join(''));
  left -= events.length;
  if (left <= 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Math.random() * 4);
  return result;
};
const collector = openCollector({
  store,
  codec: createCodec(),
  repositories: [repository],
  dataDirectory: directory,
  timeZone: 'Asia/Seoul',
  now: () => Date.parse('2026-01-01T00:00:00Z'),
  watch: false,
});
await collector.ready;
const [status] = collector.status();
if (status?.state !== 'watching') throw new Error(`It ended ${status?.state}: ${status?.message}`);
await collector.close();
await store.close();
writeSync(1, 'done\n');
