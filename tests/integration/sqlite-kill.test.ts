import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { EventStore, Position, RecordedEvent } from '../../server/event-store/event-store.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { temporaryDirectory } from './sqlite-temporary.ts';

const PROGRAM = fileURLToPath(new URL('./sqlite-restless-writer.ts', import.meta.url));
const KILLS = 50;
/** From the first acknowledgement on; every fifth child is killed while it still starts. */
const LONGEST_LIFE_MS = 60;

/** Starts a writer, kills it at a random moment, and returns the appends it was told were accepted. */
async function killedWriter(directory: string, duringStart: boolean): Promise<string[]> {
  const child = spawn(process.execPath, [PROGRAM, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = text(child.stdout);
  const exit = once(child, 'exit');
  if (duringStart) await setTimeout(Math.random() * 250);
  else {
    await once(child.stdout, 'data');
    await setTimeout(Math.random() * LONGEST_LIFE_MS);
  }
  child.kill('SIGKILL');
  await exit;
  // A line without its end was cut off by the kill.
  return (await output).split('\n').slice(0, -1);
}

/** The log as it was found so far; takes what came since. */
class FoundLog {
  readonly #revisions = new Map<string, bigint>();
  readonly #places = new Map<string, string>();
  #position: Position | undefined;

  async readOn(store: EventStore): Promise<void> {
    const news: RecordedEvent[] = [];
    for await (const page of store.readAll(this.#position === undefined ? {} : { from: this.#position }))
      news.push(...page);
    for (const event of news) this.#take(event);
    for (let at = 0; at < news.length;) at += wholeAppend(news, at);
  }

  #take({ id, stream, revision, position }: RecordedEvent): void {
    if (revision !== (this.#revisions.get(stream) ?? -1n) + 1n)
      throw new Error(`${stream} has a gap before ${revision}.`);
    if (this.#places.has(id)) throw new Error(`${id} stands in the log twice.`);
    this.#revisions.set(stream, revision);
    this.#places.set(id, `${stream} ${revision}`);
    this.#position = position;
  }

  /** What was acknowledged but does not stand where it was said to. */
  missing(acknowledged: readonly string[]): string[] {
    return acknowledged.filter((line) => {
      const [stream, last, ids = ''] = line.split(' ');
      return ids
        .split(',')
        .toReversed()
        .some((id, back) => this.#places.get(id) !== `${stream} ${Number(last) - back}`);
    });
  }
}

/** Length of the append that begins here, all of whose events must stand together. */
function wholeAppend(events: readonly RecordedEvent[], at: number): number {
  const count = Number(events[at]?.data['count']);
  const indexes = events.slice(at, at + count).map((event) => event.data['index']);
  expect(indexes).toEqual(Array.from({ length: count }, (_, index) => index));
  return count;
}

test(`${KILLS} kills at random moments lose no acknowledged event and repeat none`, async () => {
  await using directory = await temporaryDirectory();
  const found = new FoundLog();
  const acknowledged: string[] = [];
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const told = await killedWriter(directory.path, kill % 5 === 0);
    acknowledged.push(...told);
    const store = await openSqliteEventStore({ directory: directory.path });
    await found.readOn(store);
    await store.close();
    expect(found.missing(told)).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThan(KILLS);
  const whole = new FoundLog();
  const store = await openSqliteEventStore({ directory: directory.path });
  await whole.readOn(store);
  await store.close();
  expect(whole.missing(acknowledged)).toEqual([]);
});
