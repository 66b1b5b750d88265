import { constants, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { masterKeyFile, type MasterKeys } from '../vault/master-key.ts';
import { vaultFiles } from '../vault/vault-file.ts';
import { BackupFailed, LOG_FILES, readManifest, sha256Of, UNFINISHED, type Manifest } from './backups.ts';
import type { CheckData, CheckResult } from './check-thread.ts';
import { isSame } from './digest.ts';

/** What a copied vault is opened with: what its own was, or the key file that was copied along. */
export type CopiedVault = { readonly directory: string; readonly masterKeys: MasterKeys };

type Restored = {
  readonly kind: Manifest['kind'];
  /** The folder that holds the copy of the log. */
  readonly log: string;
  readonly vault: CopiedVault | null;
  readonly source: string | null;
  /** A folder that may be made and is removed again. */
  readonly scratch: string;
  readonly signal: AbortSignal;
};

/**
 * Restores copies into a folder, reads every event there through the codec, and opens what is sealed with the restored vault.
 * @throws {BackupFailed} when something cannot be read or opened
 */
export async function readRestored({ kind, log, vault, source, scratch, signal }: Restored): Promise<CheckResult> {
  const folder = join(scratch, 'vault');
  rmSync(scratch, { recursive: true, force: true });
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    put(join(log, LOG_FILES[kind]), join(scratch, LOG_FILES[kind]));
    const access = vault && restoredVault(vault, folder);
    const result = await inThread({ kind, copy: scratch, source, vault: access }, signal);
    if (result.opened === 0 && result.unopened > 0)
      throw new BackupFailed('The copied vault opens nothing of what is sealed in the copied log.');
    return result;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where the file system can, nothing is copied until it is written to. */
const put = (from: string, to: string): void => copyFileSync(from, to, constants.COPYFILE_FICLONE);

function restoredVault({ directory, masterKeys }: CopiedVault, folder: string): CopiedVault {
  const [from = '', to = ''] = [vaultFiles(directory)[0], vaultFiles(folder)[0]];
  put(from, to);
  if (masterKeys.kind === 'settings') return { directory: folder, masterKeys };
  put(masterKeyFile(directory), masterKeyFile(folder));
  return { directory: folder, masterKeys: { kind: 'file', path: masterKeyFile(folder) } };
}

async function inThread(workerData: CheckData, signal: AbortSignal): Promise<CheckResult> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./check-thread.ts', import.meta.url), { workerData });
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop);
  try {
    return await new Promise<CheckResult>((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', (cause: Error) =>
        reject(new BackupFailed(`The copy cannot be read: ${cause.message}`, { cause })),
      );
      worker.on('exit', () => reject(new BackupFailed('Reading the copy was broken off.')));
    });
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

/**
 * Whether a backup that was made some time ago is what it was.
 * @param vault what to open with, where it is at hand
 * @throws {BackupFailed} saying what is wrong with it
 */
export async function checkBackup(
  backup: string,
  vault: CopiedVault | null = null,
  signal: AbortSignal = new AbortController().signal,
): Promise<Manifest & Pick<CheckResult, 'opened' | 'unopened'>> {
  const manifest = readManifest(backup);
  const file = join(backup, LOG_FILES[manifest.kind]);
  if (!existsSync(file)) throw new BackupFailed(`${file} is missing.`);
  if ((await sha256Of(file)) !== manifest.sha256)
    throw new BackupFailed(`${file} is damaged: it is not the file that was written (SHA-256 differs).`);
  const scratch = join(dirname(backup), `${UNFINISHED}check-${process.pid}`);
  const { kind } = manifest;
  const { copy, opened, unopened } = await readRestored({ kind, log: backup, vault, source: null, scratch, signal });
  if (!isSame(copy, manifest)) throw new BackupFailed(`${file} does not hold the events it was made of.`);
  return { ...manifest, opened, unopened };
}
