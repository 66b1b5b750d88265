/**
 * What the statistics page of 1,000 members × 365 days costs the server, and how much of it goes over the wire.
 * `npm run performance -- statistics`
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { printFigures, type Figure } from './figure.ts';

const REQUESTS = 40;
const TARGETS = { milliseconds: 50, kilobytes: 150 };
const PATIENCE_MS = 300_000;

export async function measureStatistics(): Promise<Figure[]> {
  const child = fork(join(import.meta.dirname, 'statistics-server.ts'));
  try {
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    const page = `${url}/statistics?challenge=a-year`;
    await shown(`${url}/api/attendance/ranking?challenge=a-year`);
    const figures: Figure[] = [];
    for (const [what, query] of [
      ['first portion', ''],
      ['by week, compared', '&by=week&compare=1&period=last-30'],
    ] as const)
      figures.push(...(await measured(child, `statistics page, ${what}`, page + query)));
    const whole = await measured(child, 'statistics page, all 1,000 rows', `${page}&rows=1000`);
    return [...figures, ...whole.map((figure) => ({ ...figure, target: '–', ok: true }))];
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}

/** Until everything has been folded: the last event is what makes the days known. */
async function shown(ranking: string): Promise<void> {
  for (const began = performance.now(); performance.now() - began < PATIENCE_MS; await sleep(250)) {
    const answer = await fetch(ranking);
    if (!answer.ok) continue;
    const { ranking: rows } = (await answer.json()) as { ranking: { attendance_rate: number | null }[] };
    if (rows.length > 0 && rows.every(({ attendance_rate }) => attendance_rate !== null)) return;
  }
  throw new Error('The season was not folded in time.');
}

async function measured(child: ChildProcess, name: string, url: string): Promise<Figure[]> {
  await ask(url, REQUESTS);
  const before = await spent(child);
  const bytes = await ask(url, REQUESTS);
  const milliseconds = (await spent(child).then((after) => after - before)) / REQUESTS / 1000;
  const kilobytes = bytes / 1024;
  return [
    {
      ...{ name: `${name}: server`, value: milliseconds, unit: 'ms CPU' },
      ...{ target: `≤ ${TARGETS.milliseconds}`, ok: milliseconds <= TARGETS.milliseconds },
    },
    {
      ...{ name: `${name}: HTML, gzipped`, value: kilobytes, unit: 'KB' },
      ...{ target: `≤ ${TARGETS.kilobytes}`, ok: kilobytes <= TARGETS.kilobytes },
    },
  ];
}

/** @returns the bytes of one answer as they were sent */
async function ask(url: string, times: number): Promise<number> {
  let bytes = 0;
  for (let left = times; left > 0; left -= 1) bytes = await askOnce(url);
  return bytes;
}

// Not by fetch, which undoes the encoding.
const askOnce = (url: string) =>
  new Promise<number>((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}.`));
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => resolve(bytes)).on('error', reject);
    }).on('error', reject);
  });

async function spent(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message');
  child.send('spent');
  const [{ user, system }] = (await answer) as [NodeJS.CpuUsage];
  return user + system;
}

if (import.meta.main) printFigures(await measureStatistics());
