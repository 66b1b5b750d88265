/**
 * What an answer over HTTP costs the server.
 * `npm run performance -- api`
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { printFigures, type Figure } from './figure.ts';

const WARM_UP = 500;
const REQUESTS = 2_000;
const AT_ONCE = 8;
const TARGET = 5;

/** Processor time of the server for statistics of 200 members × 100 days, against a trivial query, over REST and tRPC. */
export async function measureApi(): Promise<Figure[]> {
  const child = fork(join(import.meta.dirname, 'api-server.ts'));
  try {
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    const cost = (path: string) => microsecondsOf(child, `${url}${path}`);
    const figures: Figure[] = [];
    for (const [name, trivial, stats] of [
      ['REST', '/api/trivial', '/api/attendance/stats'],
      ['tRPC', '/trpc/trivial?batch=1&input={"0":{}}', '/trpc/product.attendance.stats?batch=1&input={"0":{}}'],
    ] as const) {
      const least = await cost(trivial);
      const whole = await cost(stats);
      const ratio = whole / least;
      figures.push(
        { name: `${name}: trivial query`, value: least, unit: 'µs CPU', target: '–', ok: true },
        { name: `${name}: statistics of 200 × 100`, value: whole, unit: 'µs CPU', target: '–', ok: true },
        {
          name: `${name}: statistics ÷ trivial`,
          value: ratio,
          unit: '×',
          target: `≤ ${TARGET}`,
          ok: ratio <= TARGET,
        },
      );
    }
    return figures;
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}

/** Processor time of the server's process for one request, after a warm-up. */
async function microsecondsOf(child: ChildProcess, url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  await ask(url, agent, WARM_UP);
  const before = await spent(child);
  await ask(url, agent, REQUESTS);
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

async function ask(url: string, agent: Agent, times: number): Promise<void> {
  let left = times;
  const worker = async () => {
    while (left-- > 0) await askOnce(url, agent);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const askOnce = (url: string, agent: Agent) =>
  new Promise<void>((resolve, reject) => {
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}.`));
      response.on('end', resolve).on('error', reject).resume();
    }).on('error', reject);
  });

if (import.meta.main) printFigures(await measureApi());
