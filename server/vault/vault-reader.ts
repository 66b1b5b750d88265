import type { KeyObject } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { KeyRing } from './key-ring.ts';
import { candidates } from './master-key.ts';
import type { VaultAccess } from './vault.ts';
import { openForReading } from './vault-file.ts';

/** The vault as threads see it that open what is sealed and seal nothing. Keys made or destroyed meanwhile are noticed at once. */
export class VaultReader {
  readonly #database: DatabaseSync;
  readonly #access: VaultAccess;
  readonly #ring: KeyRing;
  readonly #dataVersion: StatementSync;
  #seen: unknown;
  #masters: readonly KeyObject[] = [];

  constructor(access: VaultAccess) {
    this.#access = access;
    this.#database = openForReading(access.directory);
    this.#dataVersion = this.#database.prepare('PRAGMA data_version');
    this.#ring = new KeyRing(this.#database, () => this.#masters);
  }

  /** @see KeyRing.open */
  open(memberId: string | null, place: string, token: string): string | null {
    this.#lookForChanges();
    try {
      return this.#ring.open(memberId, place, token);
    } catch (error) {
      // Wrapped anew between the two statements.
      if (this.#lookForChanges()) return this.open(memberId, place, token);
      throw error;
    }
  }

  /** The number is another one once somebody else has committed (https://sqlite.org/pragma.html#pragma_data_version). */
  #lookForChanges(): boolean {
    const version = this.#dataVersion.get()?.['data_version'];
    if (version === this.#seen) return false;
    this.#seen = version;
    this.#ring.forget();
    this.#masters = candidates(this.#access.masterKeys);
    return true;
  }

  close(): void {
    this.#database.close();
  }
}
