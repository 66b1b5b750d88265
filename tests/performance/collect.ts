/**
 * What collecting costs beside git reading the same history. `npm run performance -- collect`; TMPDIR chooses the disk.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVault } from '../../server/vault/vault.ts';
import { sealOf } from '../../server/vault/vault-seal.ts';
import { openCollector } from '../../server/collect/collect.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import type { EventStore } from '../../server/event-store/event-store.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { GitRepository, manyCommits } from '../support/git-repository.ts';
import { printFigures, type Figure } from './figure.ts';
import { gitLog, median, milliseconds } from './git-log.ts';

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
      git: await milliseconds(() => gitLog(repository.path)),
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

const failOn = (error: Error) => {
  throw error;
};

/** Everything read and acknowledged. */
async function collect(path: string, store: EventStore, dataDirectory: string): Promise<void> {
  // As the product does: what people wrote is sealed.
  using vault = openVault({ dataDirectory, masterKeys: [], mayFound: true });
  const collector = openCollector({
    store,
    codec: createCodec(sealOf(vault, failOn)),
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
