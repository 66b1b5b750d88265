/**
 * What appending to the embedded event store costs, in time and in processor time.
 * `npm run performance -- append`; TMPDIR chooses the disk (one in memory would prove nothing).
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore, EventToAppend } from '../../server/event-store/event-store.ts';
import { eventLogFile, openForWriting, prepareLog } from '../../server/event-store/sqlite/log-file.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { printFigures, type Figure } from './figure.ts';

const WRITERS = 256;
/** The ways of writing take turns, so that a busy moment of the machine hits all of them; medians over the rounds. */
const ROUNDS = 7;
const ALONE = 400;
const EACH_TOGETHER = 20;
const LEAST_SPEED_UP = 5;
const MOST_PROCESSOR_TIME = 2;

type Cost = { readonly perSecond: number; readonly microseconds: number };

/** One at a time against 256 at once through the port, and both against a bare prepared INSERT with the same pragmas. */
export async function measureAppend(): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'almanac-append-'));
  try {
    return figuresOf(await measureIn(directory));
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function measureIn(directory: string) {
  const store = await openSqliteEventStore({ directory: join(directory, 'store') });
  using bare = bareInserts(directory);
  const writers = Array.from({ length: WRITERS }, () => writerOf(store));
  const costs: Record<'bare' | 'alone' | 'together', Cost[]> = { bare: [], alone: [], together: [] };
  // Round 0 warms everything up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const measured = {
      bare: await cost(ALONE, () => bare.insert(ALONE)),
      alone: await cost(ALONE, () => oneAtATime(writers)),
      together: await cost(WRITERS * EACH_TOGETHER, () => atOnce(writers)),
    };
    if (round === 0) continue;
    for (const way of ['bare', 'alone', 'together'] as const) costs[way].push(measured[way]);
  }
  await store.close();
  return { bare: median(costs.bare), alone: median(costs.alone), together: median(costs.together) };
}

type Writer = () => Promise<void>;

async function oneAtATime(writers: readonly Writer[]): Promise<void> {
  for (let at = 0; at < ALONE; at += 1) await writers[at % WRITERS]?.();
}

async function atOnce(writers: readonly Writer[]): Promise<void> {
  await Promise.all(
    writers.map(async (write) => {
      for (let time = 0; time < EACH_TOGETHER; time += 1) await write();
    }),
  );
}

const DATA = {
  sha: '0123456789abcdef0123456789abcdef01234567',
  repository: 'octo/almanac',
  authoredAt: '2025-03-10T10:11:12+09:00',
  message: 'Fix the order of days when the season spans a year',
};
const METADATA = { version: 1 };
const anEvent = (): EventToAppend => ({ id: randomUUID(), type: 'CommitObserved', data: DATA, metadata: METADATA });

/** Writes one event more to a stream of its own, as one who knows its revision. */
function writerOf(store: EventStore): Writer {
  const stream = `commits-${randomUUID()}-2025-03`;
  let revision: bigint | 'no_stream' = 'no_stream';
  return async () => {
    ({ revision } = await store.append(stream, [anEvent()], { expectedRevision: revision }));
  };
}

/** The yardstick: the same row into the same table and indexes, without a store around it. */
function bareInserts(directory: string) {
  const file = eventLogFile(directory);
  prepareLog(file);
  const database = openForWriting(file);
  const statement = database.prepare(
    'INSERT INTO events (stream, revision, recorded_at, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const [data, metadata] = [JSON.stringify(DATA), JSON.stringify(METADATA)];
  let revision = 0;
  return {
    async insert(count: number): Promise<void> {
      for (let at = 0; at < count; at += 1) {
        statement.run(at % WRITERS, revision, Date.now(), randomUUID(), 'CommitObserved', data, metadata);
        revision += 1;
      }
    },
    [Symbol.dispose]: () => database.close(),
  };
}

/** Processor time is the whole process's, the writing thread included. */
async function cost(count: number, work: () => Promise<void>): Promise<Cost> {
  const processor = process.cpuUsage();
  const start = performance.now();
  await work();
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(processor);
  return { perSecond: (count / milliseconds) * 1_000, microseconds: (user + system) / count };
}

function median(costs: readonly Cost[]): Cost {
  const middle = (pick: (cost: Cost) => number) => costs.map(pick).sort((a, b) => a - b)[costs.length >> 1] ?? NaN;
  return { perSecond: middle((cost) => cost.perSecond), microseconds: middle((cost) => cost.microseconds) };
}

function figuresOf({ bare, alone, together }: Record<'bare' | 'alone' | 'together', Cost>): Figure[] {
  const told = (name: string, value: number, unit: string): Figure => ({ name, value, unit, target: '–', ok: true });
  const speedUp = together.perSecond / alone.perSecond;
  const processorTime = together.microseconds / bare.microseconds;
  return [
    told('append: one at a time', alone.perSecond, '/s'),
    told(`append: ${WRITERS} at once`, together.perSecond, '/s'),
    {
      name: `append: ${WRITERS} at once ÷ one at a time`,
      value: speedUp,
      unit: '×',
      target: `≥ ${LEAST_SPEED_UP}`,
      ok: speedUp >= LEAST_SPEED_UP,
    },
    told('bare INSERT in its own transaction', bare.microseconds, 'µs CPU'),
    told(`append: ${WRITERS} at once`, together.microseconds, 'µs CPU'),
    {
      name: `append: ${WRITERS} at once ÷ bare INSERT`,
      value: processorTime,
      unit: '× CPU',
      target: `≤ ${MOST_PROCESSOR_TIME}`,
      ok: processorTime <= MOST_PROCESSOR_TIME,
    },
    told('append: one at a time ÷ bare INSERT', alone.microseconds / bare.microseconds, '× CPU'),
  ];
}

if (import.meta.main) printFigures(await measureAppend());
