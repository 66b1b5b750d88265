/**
 * What collecting costs beside git reading the same history. `node tests/performance/collect.ts`; TMPDIR chooses the disk.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCollector } from '../../server/collect/collect.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import type { EventStore } from '../../server/event-store/event-store.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite.ts';
import { GitRepository, manyCommits } from '../support/git-repository.ts';
import { printFigures, type Figure } from './figure.ts';

const COMMITS = 6_000;
/** git and Almanac take turns, so that a busy moment of the machine hits both; medians over the rounds. */
const ROUNDS = 5;
const MOST_TIMES_GIT = 8;
const MOST_NOTHING_NEW = 2_000;

/** Time from opening the collector to the last acknowledged event, against `git log` of the same; and a second start. */
export async function measureCollect(): Promise<Figure[]> {
  await using repository = await GitRepository.create();
  await repository.commits([...manyCommits(COMMITS)]);
  const rounds: { git: number; first: number; second: number }[] = [];
  // Round 0 warms everything up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const directory = await mkdtemp(join(tmpdir(), 'almanac-collect-'));
    const store = await openSqliteEventStore({ directory });
    const measured = {
      git: await milliseconds(() => readAll(repository.path)),
      first: await milliseconds(() => collect(repository.path, store, directory)),
      second: await milliseconds(() => collect(repository.path, store, directory)),
    };
    await store.close();
    await rm(directory, { recursive: true });
    if (round > 0) rounds.push(measured);
  }
  const times = median(rounds.map(({ git, first }) => first / git));
  const perSecond = (COMMITS * 1000) / median(rounds.map(({ first }) => first));
  const second = median(rounds.map((round) => round.second));
  return [
    {
      name: `collect ${COMMITS.toLocaleString('en')} commits, times git log of them`,
      value: times,
      unit: '×',
      target: `≤ ${MOST_TIMES_GIT}`,
      ok: times <= MOST_TIMES_GIT,
    },
    { name: 'commits collected', value: perSecond, unit: 'a second', target: '', ok: true },
    {
      name: 'collect again with nothing new',
      value: second,
      unit: 'ms',
      target: `≤ ${MOST_NOTHING_NEW}`,
      ok: second <= MOST_NOTHING_NEW,
    },
  ];
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** What the issue compares with: everything of every commit, read to the end. */
function readAll(directory: string): Promise<void> {
  const child = spawn('git', ['log', '--all', '--format=%H%x00%aN%x00%aE%x00%ad%x00%cd%x00%B', '--date=raw'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`git log ended with ${code}`))));
  });
}

/** Everything read and acknowledged. */
async function collect(path: string, store: EventStore, dataDirectory: string): Promise<void> {
  const collector = openCollector({
    store,
    codec: createCodec(),
    repositories: [path],
    dataDirectory,
    timeZone: 'Asia/Seoul',
    watch: false,
  });
  await collector.ready;
  const [status] = collector.status();
  if (status?.done !== COMMITS) throw new Error(`${status?.done} of ${COMMITS} commits: ${status?.message}`);
  await collector.close();
}

if (import.meta.main) printFigures(await measureCollect());
