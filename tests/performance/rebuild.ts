/**
 * Folding a log of a million events into all read models while the server goes on answering.
 * `npm run performance -- rebuild`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { printFigures, type Figure } from './figure.ts';
import { writeJournal } from './million-events.ts';
import type { ServerReport } from './rebuild-server.ts';

const EVENTS = 1_000_000;
const PAGE = 2_000;
const REQUEST_EVERY_MS = 10;
const TARGETS = { ratio: 3, rssMb: 600, delayMs: 20, swapMs: 5 };

/** The least any fold must do: read the rows in pages and parse them. Milliseconds. */
function readAndParse(file: string): number {
  using database = new DatabaseSync(file, { readOnly: true });
  const page = database.prepare(
    `SELECT e.position, s.name, e.revision, e.recorded_at, e.id, e.type, e.data, e.metadata
       FROM events e CROSS JOIN streams s ON s.no = e.stream WHERE e.position > ? ORDER BY e.position LIMIT ${PAGE}`,
  );
  const began = performance.now();
  for (let position = 0; ;) {
    const rows = page.all(position) as { position: number; data: string; metadata: string }[];
    for (const { data, metadata } of rows) {
      JSON.parse(data);
      JSON.parse(metadata);
    }
    const last = rows.at(-1);
    if (!last) return performance.now() - began;
    position = last.position;
  }
}

/** Asks one request after the other until stopped. @returns what stops it, which gives the times of all answers in milliseconds, sorted */
function askSteadily(url: string): () => Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  let asking = true;
  const done = (async () => {
    while (asking) {
      times.push(await askOnce(url, agent));
      await setTimeout(REQUEST_EVERY_MS);
    }
    agent.destroy();
  })();
  return async () => {
    asking = false;
    await done;
    return times.sort((a, b) => a - b);
  };
}

const askOnce = (url: string, agent: Agent) =>
  new Promise<number>((resolve, reject) => {
    const began = performance.now();
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}.`));
      response
        .on('end', () => resolve(performance.now() - began))
        .on('error', reject)
        .resume();
    }).on('error', reject);
  });

const seconds = (milliseconds: number) => milliseconds / 1000;

export async function measureRebuild(events = EVENTS): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'almanac-rebuild-'));
  const file = writeJournal(directory, events);
  const child = fork(join(import.meta.dirname, 'rebuild-server.ts'), [directory]);
  const next = async <K extends ServerReport['kind']>(_kind: K) =>
    ((await once(child, 'message')) as [Extract<ServerReport, { kind: K }>])[0];
  try {
    const { url, catchUpMs } = await next('ready');
    const before = readAndParse(file);
    const stop = askSteadily(url);
    child.send('rebuild');
    const rebuilt = await next('rebuilt');
    const answers = await stop();
    const least = (before + readAndParse(file)) / 2;
    const ratio = rebuilt.milliseconds / least;
    const info = { target: '–', ok: true };
    const most = (value: number, target: number) => ({ value, target: `≤ ${target}`, ok: value <= target });
    return [
      { name: 'read and parse the events', value: seconds(least), unit: 's', ...info },
      { name: 'first fold of all read models, being read', value: seconds(catchUpMs), unit: 's', ...info },
      { name: 'rebuild of all read models', value: seconds(rebuilt.milliseconds), unit: 's', ...info },
      { name: 'rebuild ÷ read and parse', unit: '×', ...most(ratio, TARGETS.ratio) },
      { name: 'memory of the server meanwhile', unit: 'MB', ...most(rebuilt.rssMb, TARGETS.rssMb) },
      { name: 'event-loop delay meanwhile, p99', unit: 'ms', ...most(rebuilt.delayP99Ms, TARGETS.delayMs) },
      { name: 'swap', unit: 'ms', ...most(rebuilt.swapMs, TARGETS.swapMs) },
      { name: 'requests answered meanwhile', value: answers.length, unit: '', ...info },
      { name: 'their time, p99', value: answers[Math.floor(answers.length * 0.99)] ?? 0, unit: 'ms', ...info },
      { name: 'an event appended meanwhile can be queried', value: rebuilt.visibleMs, unit: 'ms', ...info },
    ];
  } finally {
    child.disconnect();
    await once(child, 'exit');
    rmSync(directory, { recursive: true });
  }
}

if (import.meta.main) printFigures(await measureRebuild(Number(process.argv[2] ?? EVENTS)));
