import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createDecoder } from '../event-store/codec.ts';
import type { VaultAccess } from '../vault/vault.ts';
import { VaultReader } from '../vault/vault-reader.ts';
import { openingOf } from '../vault/vault-seal.ts';
import { foldUntil } from './as-of-fold.ts';
import { openLog, type LogSettings } from './log.ts';
import { loadProjections } from './projections-module.ts';

/** Entry of the thread that folds a past moment while the others answer people of today. */
export type AsOfWorkerData = {
  readonly log: LogSettings;
  readonly projectionsModule: string;
  /** Null: nothing in the log is sealed. */
  readonly vault: VaultAccess | null;
  /** Milliseconds since the epoch. */
  readonly instant: number;
  readonly files: readonly { readonly name: string; readonly path: string }[];
};
/** Position of the last event folded; null: nothing was in the log yet. */
export type AsOfWorkerMessage = { readonly position: bigint | null };

const port = parentPort;
if (!port) throw new Error('as-of-worker.ts runs as a worker thread only.');
const data = workerData as AsOfWorkerData;

// On Linux a priority belongs to a thread (setpriority(2)): this one gives way to those that answer people.
if (process.platform === 'linux') setPriority(0, 10);

const projections = await loadProjections(data.projectionsModule);
const log = await openLog(data.log);
const vault = data.vault && new VaultReader(data.vault);
// What does not open was told when the projector's thread met it.
const opening = vault && openingOf(vault, () => undefined);
const files = data.files.flatMap(({ name, path }) => {
  const projection = projections.find((one) => one.name === name);
  return projection ? [{ projection, path }] : [];
});
try {
  const decode = createDecoder(opening).decodeForRows;
  port.postMessage({ position: await foldUntil(data.instant, files, { log, decode }) } satisfies AsOfWorkerMessage);
} finally {
  vault?.close();
  await log.close();
}
