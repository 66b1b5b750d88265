/**
 * A server with one hourly job, on the log in a folder: runs all that is due by a clock that somebody sets, then says `done` and ends.
 * What the job does outside is an append under an id of the slot; it takes its time before and after, to be killed in.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createCodec, derivedId } from '../../server/event-store/codec.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import type { Job } from '../../server/schedule/job.ts';
import { Scheduler } from '../../server/schedule/scheduler.ts';
import { LogBook } from './subscriber-rig.ts';

const [, , directory = '', now = '0', hours = '1', take = '0'] = process.argv;
const store = await openSqliteEventStore({ directory });
const codec = createCodec();
const job: Job = {
  name: 'toil',
  schedule: { kind: 'hourly' },
  catchUp: { periods: 'each', within: Number(hours) * 3_600_000 },
  async run({ slot }) {
    process.stdout.write(`${slot}\n`);
    await sleep(Number(take));
    const id = derivedId('effect', slot);
    const effect = { id, type: 'Toiled', data: { slot }, metadata: {} };
    await store.append(`effect-${slot}`, [effect], { expectedRevision: 'no_stream' });
    await sleep(Number(take));
    return 'done';
  },
};
const scheduler = new Scheduler({
  ...{ store, codec, instance: crypto.randomUUID(), alone: true, log: new LogBook() },
  now: () => Number(now),
  ticking: () => performance.now(),
  random: Math.random,
  jobs: () => [job],
  underWay: () => [],
  onProgress: () => undefined,
});
process.stdout.write('running\n');
for (let runs = 1; runs > 0;) {
  await scheduler.look();
  runs = scheduler.runs.length;
  await Promise.all(scheduler.runs.map(({ ended }) => ended));
}
process.stdout.write('done\n');
await scheduler.stop();
await store.close();
