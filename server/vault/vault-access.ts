import { derivedMasterKey, masterKeyFile, VaultRefused } from './master-key.ts';
import { existsSync } from 'node:fs';
import type { VaultAccess } from './vault.ts';
import { openForReading, readMeta, vaultDirectory, vaultFiles } from './vault-file.ts';

/**
 * How a vault is read beside the server that may be using it; nothing is written.
 * @param masterKeys MASTER_KEY, then the one before it; empty: the file beside the vault
 * @throws {VaultRefused} when there is none
 */
export function vaultAccess(dataDirectory: string, masterKeys: readonly string[]): VaultAccess {
  const directory = vaultDirectory(dataDirectory);
  if (!existsSync(vaultFiles(directory)[0] ?? ''))
    throw new VaultRefused(`There is no vault in ${dataDirectory}: nothing was ever kept there.`);
  if (masterKeys.length === 0) return { directory, masterKeys: { kind: 'file', path: masterKeyFile(directory) } };
  using database = openForReading(directory);
  const salt = readMeta(database, 'salt') ?? Buffer.alloc(0);
  return { directory, masterKeys: { kind: 'settings', keys: masterKeys.map((text) => derivedMasterKey(text, salt)) } };
}
