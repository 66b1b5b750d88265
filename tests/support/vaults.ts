import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVault, type Vault, type VaultOptions } from '../../server/vault/vault.ts';

/** A data directory whose vault is opened and closed, as a server is started and stopped. */
export class Vaults implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'almanac-vault-'));
  readonly #open: Disposable[] = [];

  open(options: Partial<VaultOptions> = {}): Vault {
    const vault = openVault({ dataDirectory: this.directory, masterKeys: [], mayFound: true, ...options });
    this.#open.push(vault);
    return vault;
  }
  /** Works with it and closes it again. */
  with<T>(work: (vault: Vault) => T, options: Partial<VaultOptions> = {}): T {
    using vault = this.open(options);
    return work(vault);
  }
  path(...names: string[]): string {
    return join(this.directory, 'vault', ...names);
  }
  /** Everything in the folder, byte by byte. */
  bytes(): Buffer {
    return Buffer.concat(readdirSync(this.path()).map((name) => readFileSync(this.path(name))));
  }
  [Symbol.dispose]() {
    for (const vault of this.#open) vault[Symbol.dispose]();
    rmSync(this.directory, { recursive: true });
  }
}

/** Where the texts of the tests are. */
export const place = 'CommitObserved.message';
export const erasure = (memberId: string) => ({ memberId, said: { memberId } });
export const sealedBy = (vault: Vault, memberId: string, text: string) => {
  const token = vault.seal(memberId, place, text);
  if (token === null) throw new Error(`${memberId} is erased.`);
  return token;
};
