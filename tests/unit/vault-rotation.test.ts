import { cpSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../server/event-store/event-store.ts';
import { VaultReader } from '../../server/vault/vault-reader.ts';
import { place, sealedBy, Vaults } from '../support/vaults.ts';

/** Another connection that reads and does not let go: the journal cannot be emptied. */
function readerIn(vaults: Vaults): Disposable {
  const file = new DatabaseSync(vaults.path('keys.sqlite'), { readOnly: true });
  file.exec('BEGIN');
  file.prepare('SELECT count(*) FROM keys').get();
  return file;
}

describe('a rotation whose journal cannot be emptied', () => {
  test('has taken place: people who come afterwards can be read after the next start', () => {
    using vaults = new Vaults();
    const before = vaults.with((vault) => sealedBy(vault, 'ada', 'x'));
    const after = vaults.with((vault) => {
      using reader = readerIn(vaults);
      expect(() => vault.rotate()).toThrow(StoreUnavailable);
      expect(reader).toBeDefined();
      return sealedBy(vault, 'bo', 'y');
    });
    expect(readdirSync(vaults.path())).not.toContain('master.key.new');
    const vault = vaults.open();
    expect([vault.open('ada', place, before), vault.open('bo', place, after)]).toEqual(['x', 'y']);
  });

  test('is seen by the threads that read', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    const before = sealedBy(vault, 'ada', 'x');
    const reader = new VaultReader(vault.access);
    {
      using other = readerIn(vaults);
      expect(() => vault.rotate()).toThrow(StoreUnavailable);
      expect(other).toBeDefined();
    }
    const after = sealedBy(vault, 'bo', 'y');
    expect([reader.open('ada', place, before), reader.open('bo', place, after)]).toEqual(['x', 'y']);
    reader.close();
  });
});

/** The vault is locked with the new master key, whose file has not taken the place of the old one. */
function rotateWithoutRenaming(vaults: Vaults, rotate: () => void): void {
  const old = join(vaults.directory, 'old.key');
  cpSync(vaults.path('master.key'), old);
  rotate();
  renameSync(vaults.path('master.key'), vaults.path('master.key.new'));
  cpSync(old, vaults.path('master.key'));
}

describe('a rotation whose new file could not take the place of the old one', () => {
  test('is ended by the next one before that writes a key of its own', () => {
    using vaults = new Vaults();
    const token = vaults.with((vault) => {
      rotateWithoutRenaming(vaults, () => vault.rotate());
      const sealed = sealedBy(vault, 'ada', 'x');
      using writer = new DatabaseSync(vaults.path('keys.sqlite'));
      writer.exec('BEGIN IMMEDIATE');
      // Broken off when its own key lies beside the file, and wraps nothing.
      expect(() => vault.rotate()).toThrow(StoreUnavailable);
      return sealed;
    });
    expect(vaults.open().open('ada', place, token)).toBe('x');
  });

  test('is seen by a thread that reads, whichever file it looks at first', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    rotateWithoutRenaming(vaults, () => vault.rotate());
    const reader = new VaultReader(vault.access);
    expect(reader.open('ada', place, sealedBy(vault, 'ada', 'x'))).toBe('x');
    reader.close();
  });
});
