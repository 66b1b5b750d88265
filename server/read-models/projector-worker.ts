import { parentPort, workerData } from 'node:worker_threads';
import { createDecoder } from '../event-store/codec.ts';
import type { VaultAccess } from '../vault/vault.ts';
import { VaultReader } from '../vault/vault-reader.ts';
import { openingOf } from '../vault/vault-seal.ts';
import { openLog, type LogSettings } from './log.ts';
import type { ProjectorMessage, ProjectorOrder } from './messages.ts';
import { loadProjections } from './projections-module.ts';
import { Projector, type Timing } from './projector.ts';

/** Entry of the thread that keeps read models up to date. */
export type ProjectorWorkerData = {
  readonly directory: string;
  readonly log: LogSettings;
  readonly projectionsModule: string;
  /** Null: nothing in the log is sealed. */
  readonly vault: VaultAccess | null;
  readonly timing?: Timing;
};

const port = parentPort;
if (!port) throw new Error('projector-worker.ts runs as a worker thread only.');
const { directory, log, projectionsModule, vault, ...timing } = workerData as ProjectorWorkerData;
const report = (message: ProjectorMessage) => port.postMessage(message);
const reader = vault && new VaultReader(vault);
const opening =
  reader &&
  openingOf(reader, ({ message }, place) => report({ kind: 'trouble', of: 'vault', message: `${place}: ${message}` }));
const projector = new Projector({
  directory,
  projections: await loadProjections(projectionsModule),
  openLog: () => openLog(log),
  decode: createDecoder(opening).decodeForRows,
  report,
  ...timing,
});

port.on('message', (order: ProjectorOrder) => {
  if (order.kind === 'adopt') projector.adopt(order.name, order.path);
  else if (order.kind === 'release') projector.release(order.path);
  else if (order.kind === 'damaged') projector.distrust(order.path, order.reason);
  else void close();
});
async function close(): Promise<void> {
  await projector.close();
  reader?.close();
  port?.close();
}

projector.start();
