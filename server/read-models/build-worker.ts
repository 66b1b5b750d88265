import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createDecoder } from '../event-store/codec.ts';
import type { VaultAccess } from '../vault/vault.ts';
import { VaultReader } from '../vault/vault-reader.ts';
import { openingOf } from '../vault/vault-seal.ts';
import { build, type Built, type Progress } from './build.ts';
import type { Difference } from './compare.ts';
import { openLog, type LogSettings } from './log.ts';
import { loadProjections } from './projections-module.ts';
import { verify } from './verify.ts';

/** Entry of the thread that folds everything afresh while the others go on. */
export type BuildWorkerData = {
  readonly log: LogSettings;
  readonly projectionsModule: string;
  /** Null: nothing in the log is sealed. */
  readonly vault: VaultAccess | null;
  readonly task: 'build' | 'verify';
  /** `path`: the file to write. `shown`: the file in use, to compare with. */
  readonly files: readonly { readonly name: string; readonly path: string; readonly shown: string }[];
};

export type BuildWorkerMessage =
  | ({ readonly kind: 'progress' } & Progress)
  | { readonly kind: 'built'; readonly results: readonly Built[] }
  | { readonly kind: 'compared'; readonly differences: readonly Difference[] };

const port = parentPort;
if (!port) throw new Error('build-worker.ts runs as a worker thread only.');
const data = workerData as BuildWorkerData;
const tell = (message: BuildWorkerMessage) => port.postMessage(message);

// On Linux a priority belongs to a thread (setpriority(2)): this one gives way to those that answer people. Elsewhere it would
// slow the whole process down.
if (process.platform === 'linux') setPriority(0, 10);

const projections = await loadProjections(data.projectionsModule);
const log = await openLog(data.log);
const vault = data.vault && new VaultReader(data.vault);
// What does not open was told when the projector's thread met it.
const opening = vault && openingOf(vault, () => undefined);
const options = {
  log,
  decode: createDecoder(opening).decodeForRows,
  onProgress: (progress: Progress) => tell({ kind: 'progress', ...progress }),
};
const files = data.files.flatMap(({ name, path, shown }) => {
  const projection = projections.find((one) => one.name === name);
  return projection ? [{ projection, path, shown }] : [];
});
try {
  if (data.task === 'build') tell({ kind: 'built', results: await build(files, options) });
  else {
    const suspects = files.map(({ projection, path, shown }) => ({ projection, path: shown, fresh: path }));
    tell({ kind: 'compared', differences: await verify(suspects, options) });
  }
} finally {
  vault?.close();
  await log.close();
}
