import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Where backups go, and how many of the log are kept. Absolute. */
export type BackupSettings = { readonly directory: string; readonly vaultDirectory: string; readonly keep: number };

const error = 'expected how many to keep, 1 to 1000';
export const backupVariables = {
  BACKUP_DIR: z.string().nullable().default(null),
  VAULT_BACKUP_DIR: z.string().nullable().default(null),
  BACKUP_KEEP: z.coerce.number({ error }).int({ error }).min(1, { error }).max(1_000, { error }).default(7),
};
type Read = z.infer<z.ZodObject<typeof backupVariables>> & { readonly DATA_DIR: string };

/** The vault's copies lie apart from the log's, and may lie elsewhere. */
export function backupSettings(read: Read, cwd: string): BackupSettings {
  const directory = resolve(cwd, read.BACKUP_DIR ?? join(read.DATA_DIR, 'backups'));
  const vaultDirectory =
    read.VAULT_BACKUP_DIR === null ? join(directory, 'vault') : resolve(cwd, read.VAULT_BACKUP_DIR);
  return { directory, vaultDirectory, keep: read.BACKUP_KEEP };
}
