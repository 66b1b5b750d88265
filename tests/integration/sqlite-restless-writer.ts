/** Appends without end to the embedded store of a directory, and writes each acknowledged append to standard output. */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';

/** One line a acknowledged append: `<stream> <revision of its last event> <id>,<id>…`. */
const STREAMS = 12;
const WRITERS = 16;

const store = await openSqliteEventStore({ directory: process.argv[2] ?? '' });

async function writeForEver(writer: number): Promise<never> {
  for (let round = 0; ; round += 1) {
    const stream = `ledger-${(writer + round) % STREAMS}`;
    const count = 1 + (round % 3);
    const events = Array.from({ length: count }, (_, index) => ({
      id: randomUUID(),
      type: 'AmountEntered',
      data: { index, count },
      metadata: {},
    }));
    const { revision } = await store.append(stream, events, { expectedRevision: 'any' });
    // Synchronous, so that what was acknowledged has left the process before it can be killed.
    writeSync(1, `${stream} ${revision} ${events.map((event) => event.id).join(',')}\n`);
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeForEver(writer)));
