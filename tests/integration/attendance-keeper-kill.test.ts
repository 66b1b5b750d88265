import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { openSubscriberState } from '../../server/subscribers/subscriber-state.ts';
import { commit, joined, KeeperRig, opened } from '../support/keeper-rig.ts';
import { temporaryDirectory } from './sqlite-temporary.ts';

const MEMBERS = 30;
const COMMITS = 3_000;
const KILLS = 8;
const HOST = new URL('../support/keeper-host.ts', import.meta.url).pathname;

const memberOf = (index: number) => `member${index % MEMBERS}`;
/** A commit every eight hours and a bit: two years and more. */
const instantOf = (index: number) =>
  new Date(Date.parse('2022-12-25T00:00:00Z') + index * 23_000_000).toISOString().replace(/\.\d+Z$/, 'Z');
const dayInSeoul = (instant: string) =>
  Temporal.Instant.from(instant).toZonedDateTimeISO('Asia/Seoul').toPlainDate().toString();

const rigOn = async (directory: string) =>
  new KeeperRig(await openSqliteEventStore({ directory }), openSubscriberState(':memory:'));

/** The keeper in a process of its own, killed some milliseconds after it began to work. */
async function keepFor(directory: string, milliseconds: number): Promise<'killed' | 'done'> {
  const child = spawn(process.execPath, [HOST, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'almanac-compile-cache') },
  });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    timer ??= setTimeout(() => child.kill('SIGKILL'), milliseconds);
  });
  await exited;
  clearTimeout(timer);
  return said.includes('done') ? 'done' : 'killed';
}

test(
  `killed ${KILLS} times at any moment, the keeper marks every day and none twice`,
  { timeout: 240_000 },
  async () => {
    await using folder = await temporaryDirectory();
    const expected = new Set<string>();
    {
      await using rig = await rigOn(folder.path);
      await rig.write(opened('c'));
      for (let index = 0; index < MEMBERS; index += 1) await rig.write(joined('c', memberOf(index)));
      const commits = Array.from({ length: COMMITS }, (_, index) => commit(memberOf(index), instantOf(index)));
      await Promise.all(commits.map((written) => rig.write(written)));
      commits.forEach((_, index) => expected.add(`c ${memberOf(index)} ${dayInSeoul(instantOf(index))}`));
    }
    let killed = 0;
    for (let round = 0; round < KILLS; round += 1)
      if ((await keepFor(folder.path, 10 + round * 20)) === 'killed') killed += 1;
    await keepFor(folder.path, 60_000);
    await using rig = await rigOn(folder.path);
    expect(await rig.marks()).toEqual([...expected].sort());
    expect(killed).toBeGreaterThan(0);
  },
);
