import { setPriority } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createDecoder, type Opening } from '../event-store/codec.ts';
import type { RecordedEvent } from '../event-store/event-store.ts';
import { openSqliteEventLogReader } from '../event-store/sqlite/reader.ts';
import type { VaultAccess } from '../vault/vault.ts';
import { VaultReader } from '../vault/vault-reader.ts';
import { openingOf } from '../vault/vault-seal.ts';
import { LOG_FILES, type Manifest } from './backups.ts';
import { digestOf, type Digest } from './digest.ts';
import { readEventLines } from './event-lines.ts';

/** Entry of the thread that reads a restored copy, and the log it was made of, while the server goes on. */
export type CheckData = {
  readonly kind: Manifest['kind'];
  /** Where the copy was restored to. */
  readonly copy: string;
  /** The DATA_DIR of the log it was made of, to be compared; null: there is none to be had. */
  readonly source: string | null;
  /** The copied vault; null: nothing is opened. */
  readonly vault: VaultAccess | null;
};

/** `opened`, `unopened`: how many personal texts the copied vault could open, and could not though nobody was erased. */
export type CheckResult = {
  readonly copy: Digest;
  readonly source: Digest | null;
  readonly opened: number;
  readonly unopened: number;
};

const port = parentPort;
if (!port) throw new Error('check-thread.ts runs as a worker thread only.');
const data = workerData as CheckData;

// On Linux a priority belongs to a thread (setpriority(2)): this one gives way to those that answer people.
if (process.platform === 'linux') setPriority(0, 10);

const counts = { opened: 0, unopened: 0 };
const vault = data.vault && new VaultReader(data.vault);
const decoder = createDecoder(vault && counting(openingOf(vault, () => (counts.unopened += 1))));
try {
  const copy = await digestOf(copied(), null, (event) => void decoder.decode(event));
  const through = BigInt(copy.position ?? 0);
  const source = data.source === null ? null : await ofSource(data.source, through);
  port.postMessage({ copy, source, ...counts } satisfies CheckResult);
} finally {
  vault?.close();
}

/** `openingOf` tells of the first faults only; what opened is what has a text. */
function counting(opening: Opening): Opening {
  return {
    open(memberId, place, sealed) {
      const text = opening.open(memberId, place, sealed);
      if (text !== '') counts.opened += 1;
      return text;
    },
  };
}

async function* copied(): AsyncGenerator<readonly RecordedEvent[]> {
  if (data.kind === 'ndjson') return yield* readEventLines(join(data.copy, LOG_FILES.ndjson));
  const reader = openSqliteEventLogReader({ directory: data.copy });
  try {
    yield* reader.readAll();
  } finally {
    await reader.close();
  }
}

async function ofSource(directory: string, through: bigint): Promise<Digest> {
  const reader = openSqliteEventLogReader({ directory });
  try {
    return await digestOf(reader.readAll(), through);
  } finally {
    await reader.close();
  }
}
