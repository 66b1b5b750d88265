/** Runs the attendance keeper over the event store of a folder until it has seen everything, then says `done` and ends. */
import { join } from 'node:path';
import { createCodec } from '../../server/event-store/codec.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { runAttendanceKeeper } from '../../server/subscribers/attendance-keeper.ts';
import { standardRetry } from '../../server/subscribers/retry.ts';
import { openSubscriberState } from '../../server/subscribers/subscriber-state.ts';
import { LogBook } from './subscriber-rig.ts';

const [, , directory = ''] = process.argv;
const store = await openSqliteEventStore({ directory });
const state = openSubscriberState(join(directory, 'subscribers.sqlite'));
const abort = new AbortController();
const keeper = runAttendanceKeeper({
  store,
  codec: createCodec(),
  state,
  retry: standardRetry,
  now: Date.now,
  random: Math.random,
  log: new LogBook(),
  signal: abort.signal,
});
process.stdout.write('running\n');
const head = await store.head();
if (head !== null) await keeper.waitFor(head);
process.stdout.write('done\n');
abort.abort();
await keeper.stopped;
state.close();
await store.close();
