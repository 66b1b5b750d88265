/** What a new user waits for: from the command until the page shows everything. `npm run performance -- start`; TMPDIR chooses the disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRepository, manyCommits } from '../support/git-repository.ts';
import { startServer } from '../support/server.ts';
import { printFigures, type Figure } from './figure.ts';
import { gitLog, median, milliseconds } from './git-log.ts';

const COMMITS = 6_000;
/** All commits are within the season of a book that ends with the last one. */
const SEASON_DAYS = 100;
/** git and Almanac take turns, so that a busy moment of the machine hits both; medians over the rounds. */
const ROUNDS = 5;
const TARGETS = { timesGit: 20, secondMs: 2_000 };

/** Milliseconds from the command to the main page's query answering with every commit marked and counted. */
async function startAndAnswer(path: string, dataDirectory: string): Promise<number> {
  const began = performance.now();
  await using server = await startServer({ repositories: [path], dataDirectory });
  await server.ready();
  const book = await server.client.attendance.book.query({});
  const took = performance.now() - began;
  const counted = book?.totals.commits;
  if (counted !== COMMITS) throw new Error(`${counted} of ${COMMITS} commits are counted.`);
  return took;
}

/** The process's whole life up to the answer: Node's start, opening the files, collecting, marking attendance, folding. */
export async function measureStart(): Promise<Figure[]> {
  await using repository = await GitRepository.create();
  await repository.commits([...manyCommits(COMMITS, { days: SEASON_DAYS - 1 })]);
  const rounds: { git: number; first: number; second: number }[] = [];
  // Round 0 warms everything up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-start-'));
    const measured = {
      git: await milliseconds(() => gitLog(repository.path)),
      first: await startAndAnswer(repository.path, dataDirectory),
      second: await startAndAnswer(repository.path, dataDirectory),
    };
    await rm(dataDirectory, { recursive: true });
    if (round > 0) rounds.push(measured);
  }
  const times = median(rounds.map(({ git, first }) => first / git));
  const second = median(rounds.map((round) => round.second));
  return [
    {
      name: `start with ${COMMITS.toLocaleString('en')} commits until the page's query answers, times git log`,
      value: times,
      unit: '×',
      target: `≤ ${TARGETS.timesGit}`,
      ok: times <= TARGETS.timesGit,
    },
    {
      name: 'the same in milliseconds',
      value: median(rounds.map(({ first }) => first)),
      unit: 'ms',
      target: '–',
      ok: true,
    },
    {
      name: 'second start with nothing new until it answers',
      value: second,
      unit: 'ms',
      target: `≤ ${TARGETS.secondMs}`,
      ok: second <= TARGETS.secondMs,
    },
  ];
}

if (import.meta.main) printFigures(await measureStart());
