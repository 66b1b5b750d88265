import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { EventStore, RecordedEvent } from '../event-store/event-store.ts';
import { BackupFailed } from './backups.ts';
import { DigestOfLog, type Digest } from './digest.ts';

const json = z.record(z.string(), z.unknown());
const lineSchema = z.object({
  position: z.string().regex(/^\d+$/),
  stream: z.string(),
  revision: z.string().regex(/^\d+$/),
  recordedAt: z.number(),
  id: z.string(),
  type: z.string(),
  data: json,
  metadata: json,
});

const lineOf = (event: RecordedEvent): string =>
  JSON.stringify({ ...event, position: String(event.position), revision: String(event.revision) });

/** Writes all events there are now, one JSON object a line. What they say personally stays sealed. */
export async function writeEventLines(
  store: Pick<EventStore, 'readAll'>,
  file: string,
  signal: AbortSignal,
): Promise<Digest> {
  const digest = new DigestOfLog();
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const page of store.readAll()) {
      signal.throwIfAborted();
      for (const event of page) digest.add(event);
      await handle.appendFile(page.map((event) => `${lineOf(event)}\n`).join(''));
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return digest.end();
}

const LINES_A_PAGE = 1_000;

/** Reads them back. @throws {BackupFailed} naming the line that cannot be read */
export async function* readEventLines(file: string): AsyncGenerator<RecordedEvent[], void, undefined> {
  let page: RecordedEvent[] = [];
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    page.push(eventOf(line, `${file}, line ${number}`));
    if (page.length < LINES_A_PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function eventOf(line: string, place: string): RecordedEvent {
  try {
    const { position, revision, ...event } = lineSchema.parse(JSON.parse(line));
    // In the order a store answers in, so that digests agree.
    return { ...event, revision: BigInt(revision), position: BigInt(position) };
  } catch (cause) {
    throw new BackupFailed(`${place} is no event: the backup is damaged.`, { cause });
  }
}
