/**
 * What collecting from GitHub costs, against a GitHub of our own that takes 50 ms for each answer. `npm run performance -- collect-github`.
 */
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { printFigures, type Figure } from './figure.ts';
import { milliseconds } from './git-log.ts';
import { GitHubCollecting } from '../support/github-collecting.ts';

const LATENCY_MS = 50;
const MEMBERS = 1_000;
const REPOSITORIES = 10;
const MOST_REQUESTS_A_MEMBER = 1.2;
const MOST_NOTHING_NEW_MS = 60_000;

const WRITERS = 50;
const COMMITS = 10_000;
/** Members read at once. */
const CONCURRENCY = 16;
const MOST_TIMES = 5;

/** A thousand members with nothing new; then ten thousand new commits. */
export async function measureCollectGitHub(): Promise<Figure[]> {
  return [...(await nothingNew()), ...(await muchNew())];
}

async function nothingNew(): Promise<Figure[]> {
  await using rig = await GitHubCollecting.start();
  for (let member = 0; member < MEMBERS; member += 1) {
    const login = `m${member}`;
    rig.join(login);
    for (let count = 0; count < REPOSITORIES; count += 1) rig.repository(login, `r${count}`);
    rig.commit(rig.repository(login, 'garden'), login, '2025-03-11T00:00:00Z');
  }
  await whole(rig);
  rig.github.pace.latencyMs = LATENCY_MS;
  const before = rig.github.requests.length;
  const took = await milliseconds(() => whole(rig));
  const asked = rig.github.requests.slice(before);
  const each = asked.length / MEMBERS;
  const conditional = asked.every(({ headers }) => 'if-none-match' in headers);
  return [
    {
      name: `${MEMBERS.toLocaleString('en')} members at GitHub, nothing new`,
      value: took / 1000,
      unit: 's',
      target: `≤ ${MOST_NOTHING_NEW_MS / 1000}`,
      ok: took <= MOST_NOTHING_NEW_MS,
    },
    {
      name: 'requests a member, nothing new',
      value: each,
      unit: '',
      target: `≤ ${MOST_REQUESTS_A_MEMBER}`,
      ok: each <= MOST_REQUESTS_A_MEMBER && conditional,
    },
  ];
}

async function muchNew(): Promise<Figure[]> {
  await using rig = await GitHubCollecting.start();
  rig.store = await openSqliteEventStore({ directory: rig.directory });
  for (let member = 0; member < WRITERS; member += 1) {
    const login = `m${member}`;
    rig.join(login);
    const garden = rig.repository(login, 'garden');
    for (let count = 0; count < COMMITS / WRITERS; count += 1)
      rig.commit(garden, login, new Date(Date.UTC(2025, 2, 11, 0, count)).toISOString());
  }
  rig.github.pace.latencyMs = LATENCY_MS;
  const took = await milliseconds(() => whole(rig));
  const recorded = (await rig.events('commits-')).length;
  if (recorded !== COMMITS) throw new Error(`${recorded} of ${COMMITS} commits were recorded.`);
  const times = took / ((await servedInTurn(rig)) / CONCURRENCY);
  return [
    {
      name: `${COMMITS.toLocaleString('en')} new commits, times what serving takes`,
      value: times,
      unit: '×',
      target: `≤ ${MOST_TIMES}`,
      ok: times <= MOST_TIMES,
    },
  ];
}

/** Milliseconds that the same answers take one after the other. */
function servedInTurn({ github }: GitHubCollecting): Promise<number> {
  const asked = [...github.requests];
  return milliseconds(async () => {
    for (const { path, query, headers } of asked) {
      const { authorization = '', 'user-agent': agent = '' } = headers;
      const answer = await fetch(`${github.webUrl}${path}?${query}`, {
        headers: { authorization, 'user-agent': agent },
      });
      await answer.text();
    }
  });
}

async function whole(rig: GitHubCollecting): Promise<void> {
  const { failed } = await rig.collect();
  if (failed > 0) throw new Error(`${failed} members could not be read.`);
}

if (import.meta.main) printFigures(await measureCollectGitHub());
