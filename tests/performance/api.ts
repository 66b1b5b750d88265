/**
 * What an answer over HTTP costs the server.
 * `npm run performance -- api`
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import type { MeasuredServer } from './api-server.ts';
import { printFigures, type Figure } from './figure.ts';
import { median } from './git-log.ts';

const WARM_UP = 500;
const REQUESTS = 2_000;
const AT_ONCE = 8;
/** What is measured takes turns, so that a busy moment of the machine hits all of it; medians over the rounds. */
const ROUNDS = 7;
const TARGETS = { statistics: 5, authentication: 2 };

/** `shown`: headers, those of one request after those of another. */
type Asked = { readonly url: string; readonly shown?: readonly Readonly<Record<string, string>>[] };

/** Processor time of the server: for statistics of 200 members × 100 days, and for finding out who asks, against a trivial query. */
export async function measureApi(): Promise<Figure[]> {
  const child = fork(join(import.meta.dirname, 'api-server.ts'));
  try {
    const [measured] = (await once(child, 'message')) as [MeasuredServer];
    return [...(await measureStatistics(child, measured)), ...(await measureAuthentication(child, measured))];
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}

async function measureStatistics(child: ChildProcess, { url }: MeasuredServer): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, trivial, stats] of [
    ['REST', '/api/trivial', '/api/attendance/stats'],
    ['tRPC', '/trpc/trivial?batch=1&input={"0":{}}', '/trpc/product.attendance.stats?batch=1&input={"0":{}}'],
  ] as const) {
    const least = await microsecondsOf(child, { url: `${url}${trivial}` });
    const whole = await microsecondsOf(child, { url: `${url}${stats}` });
    figures.push(
      { name: `${name}: trivial query`, value: least, ...inMicroseconds },
      { name: `${name}: statistics of 200 × 100`, value: whole, ...inMicroseconds },
      { name: `${name}: statistics ÷ trivial`, ...atMost(whole / least, TARGETS.statistics) },
    );
  }
  return figures;
}

/** What it adds to a trivial query that somebody shows who they are, to a server that counts their requests: nobody has to in local mode. */
async function measureAuthentication(
  child: ChildProcess,
  { url, signedInUrl, credentials }: MeasuredServer,
): Promise<Figure[]> {
  const asked = new Map<string, Asked>([['nothing', { url: `${url}/api/trivial` }]]);
  for (const [name, shown] of Object.entries(credentials))
    asked.set(name, { url: `${signedInUrl}/api/trivial`, shown });
  const costs = new Map([...asked.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, one] of asked) costs.get(name)?.push(await microsecondsOf(child, one));
  const [least = 0, ...others] = [...costs.values()].map(median);
  return [
    { name: 'trivial query, asked by the person at the keyboard', value: least, ...inMicroseconds },
    ...Object.entries(credentials).flatMap(([name, shown], index) => {
      const added = Math.max(0, (others[index] ?? 0) - least);
      // A token is new once in ten minutes, and remembered from then on: that is told, and no request's usual cost.
      const ratio =
        shown.length > 1 ? { value: added / least, ...told } : atMost(added / least, TARGETS.authentication);
      return [
        { name: `${name}: added`, value: added, ...inMicroseconds },
        { name: `${name}: added ÷ trivial query`, ...ratio },
      ];
    }),
  ];
}

const told = { unit: '×', target: '–', ok: true };
const inMicroseconds = { unit: 'µs CPU', target: '–', ok: true };
const atMost = (value: number, target: number) => ({ value, unit: '×', target: `≤ ${target}`, ok: value <= target });

/** Processor time of the server's process for one request, after a warm-up. */
async function microsecondsOf(child: ChildProcess, asked: Asked): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  await ask(asked, agent, WARM_UP);
  const before = await spent(child);
  await ask(asked, agent, REQUESTS);
  const after = await spent(child);
  agent.destroy();
  return (after - before) / REQUESTS;
}

async function spent(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message');
  child.send('spent');
  const [{ user, system }] = (await answer) as [NodeJS.CpuUsage];
  return user + system;
}

async function ask(asked: Asked, agent: Agent, times: number): Promise<void> {
  let left = times;
  const worker = async () => {
    while (left-- > 0) await askOnce(asked, agent, left);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const askOnce = ({ url, shown = [] }: Asked, agent: Agent, turn: number) =>
  new Promise<void>((resolve, reject) => {
    get(url, { agent, headers: shown[turn % shown.length] ?? {} }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}.`));
      response.on('end', resolve).on('error', reject).resume();
    }).on('error', reject);
  });

if (import.meta.main) printFigures(await measureApi());
