import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { GitRepository, manyCommits } from '../support/git-repository.ts';

const KILLS = 50;
const COMMITS = 4_000;

/** The same moments in every run of this test. */
function* moments(): Generator<number, never> {
  for (let seed = 7; ; seed = (seed * 48_271) % 2_147_483_647) yield seed / 2_147_483_647;
}

/** Collects until killed: some moments after so many acknowledged events, or after so many milliseconds. */
async function collect(directory: string, path: string, limit: { events?: number; milliseconds?: number } = {}) {
  const child = spawn(
    process.execPath,
    ['tests/support/collect-host.ts', directory, path, String(limit.events ?? Infinity)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Fifty starts: each module compiled once is enough.
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'almanac-compile-cache') },
    },
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), limit.milliseconds ?? 60_000);
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const acknowledged: string[] = [];
  let done = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'done') done = true;
    else acknowledged.push(line);
  }
  const killed = (await exited) === 'SIGKILL';
  clearTimeout(timer);
  if (!killed && !done) throw new Error(`Collecting ended by itself: ${complaints}`);
  return { acknowledged, killed };
}

async function recordedIn(directory: string) {
  const store = await openSqliteEventStore({ directory });
  const events = (await Array.fromAsync(store.readAll())).flat();
  await store.close();
  return events;
}

test(
  `killed ${KILLS} times at any moment, collecting loses nothing it acknowledged and records no commit twice`,
  { timeout: 240_000 },
  async () => {
    await using garden = await GitRepository.create();
    // A stream for each person and month, so that there are many appends to be killed between.
    await garden.commits([...manyCommits(COMMITS, { people: 40, days: 900 })]);
    const reachable = await garden.reachable();
    const chance = moments();
    let kills = 0;
    while (kills < KILLS) {
      const directory = await mkdtemp(join(tmpdir(), 'almanac-kill-'));
      const acknowledged: string[] = [];
      for (let finished = false; !finished;) {
        const moment = chance.next().value;
        // Every fifth is killed by the clock: while it starts, registers members, or lists the history.
        const limit = kills % 5 === 4 ? { milliseconds: 100 + moment * 500 } : { events: 1 + Math.floor(moment * 300) };
        const run = await collect(directory, garden.path, kills < KILLS ? limit : {});
        acknowledged.push(...run.acknowledged);
        finished = !run.killed;
        if (run.killed) kills += 1;
      }
      const events = await recordedIn(directory);
      await rm(directory, { recursive: true });
      const times = Map.groupBy(events, ({ id }) => id);
      expect(acknowledged.filter((id) => times.get(id)?.length !== 1)).toEqual([]);
      const shas = events.filter(({ type }) => type === 'CommitObserved').map(({ data }) => String(data['sha']));
      expect(new Set(shas)).toEqual(reachable);
      expect(shas).toHaveLength(COMMITS);
      expect(times.size).toBe(events.length);
      expect(events.filter(({ type }) => type === 'MemberRegistered')).toHaveLength(40);
    }
  },
);
