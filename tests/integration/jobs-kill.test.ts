import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { createCodec } from '../../server/event-store/codec.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { temporaryDirectory } from './sqlite-temporary.ts';

const KILLS = 100;
const HOURS = 60;
const HOST = new URL('../support/job-host.ts', import.meta.url).pathname;
const FROM = Date.parse('2027-03-10T00:10:00Z');
const NOW = FROM + HOURS * 3_600_000;

/** The same moments in every run of this test. */
function* moments(): Generator<number, never> {
  for (let seed = 11; ; seed = (seed * 48_271) % 2_147_483_647) yield seed / 2_147_483_647;
}

/** Runs what is due until it is done, or is killed some milliseconds into the run of a slot. */
async function run(directory: string, kill: { runs: number; after: number } | null): Promise<'killed' | 'done'> {
  const child = spawn(process.execPath, [HOST, directory, String(NOW), String(HOURS), kill ? '4' : '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'almanac-compile-cache') },
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let begun = 0;
  let said = '';
  for await (const line of createInterface({ input: child.stdout })) {
    said = line;
    if (/^\d/.test(line)) begun += 1;
    if (kill && begun === kill.runs) setTimeout(() => child.kill('SIGKILL'), kill.after);
  }
  await ended;
  return said === 'done' ? 'done' : 'killed';
}

test(`killed ${KILLS} times in the middle, a job has its effect once for each slot`, { timeout: 240_000 }, async () => {
  const chance = moments();
  let kills = 0;
  while (kills < KILLS) {
    await using folder = await temporaryDirectory();
    {
      // The log was there before what is due.
      const store = await openSqliteEventStore({ directory: folder.path, now: () => FROM });
      const founded = createCodec().encode({ type: 'VaultFounded', data: { vaultId: 'v' } }, crypto.randomUUID());
      await store.append('vault', [founded], { expectedRevision: 'no_stream' });
      await store.close();
    }
    for (let round = 0; round < 34; round += 1) {
      // After some deaths in one slot a server has to have been up for a while: not that often.
      const moment = { runs: 1 + (round % 3 === 0 ? 1 : 0), after: Math.floor(chance.next().value * 10) };
      if ((await run(folder.path, moment)) === 'done') break;
      kills += 1;
    }
    await run(folder.path, null);
    const store = await openSqliteEventStore({ directory: folder.path });
    const events = (await Array.fromAsync(store.readAll())).flat();
    await store.close();
    const slotsOf = (type: string) =>
      events.filter((event) => event.type === type).map(({ data }) => String(data['slot']));
    const all = Array.from({ length: HOURS }, (_, hour) =>
      new Date(FROM + (hour + 1) * 3_600_000).toISOString().slice(0, 13),
    );
    expect(slotsOf('Toiled').toSorted()).toEqual(all);
    expect(slotsOf('JobFinished').toSorted()).toEqual(all);
    expect(slotsOf('JobStarted').length).toBeGreaterThan(HOURS);
  }
});
