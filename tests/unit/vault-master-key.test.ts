import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VaultRefused } from '../../server/vault/master-key.ts';
import type { VaultOptions } from '../../server/vault/vault.ts';
import { place, sealedBy, Vaults } from '../support/vaults.ts';

const ONE = 'correct horse battery staple, long enough';
const TWO = 'another sentence nobody else would think of';

describe('the master key', () => {
  const sealUnder = (vaults: Vaults, options: Partial<VaultOptions>) =>
    vaults.with((vault) => ({ token: sealedBy(vault, 'ada', 'x'), print: vault.fingerprint('y') }), options);

  test('another one is refused at once, and says so', () => {
    using vaults = new Vaults();
    sealUnder(vaults, { masterKeys: [ONE] });
    expect(() => vaults.open({ masterKeys: [TWO] })).toThrow(VaultRefused);
    expect(() => vaults.open({ masterKeys: [TWO] })).toThrow(/MASTER_KEY is not the one/);
    expect(() => vaults.open()).toThrow(/set MASTER_KEY/);
  });
  test('changed, with the one before it named, wraps everything anew', () => {
    using vaults = new Vaults();
    const { token, print } = sealUnder(vaults, { masterKeys: [ONE] });
    vaults.with((vault) => expect(vault.open('ada', place, token)).toBe('x'), { masterKeys: [TWO, ONE] });
    expect(() => vaults.open({ masterKeys: [ONE] })).toThrow(VaultRefused);
    const vault = vaults.open({ masterKeys: [TWO] });
    expect([vault.open('ada', place, token), vault.fingerprint('y')]).toEqual(['x', print]);
  });
  test('set for a vault that had a generated one takes its place', () => {
    using vaults = new Vaults();
    const { token } = sealUnder(vaults, {});
    vaults.with((vault) => expect(vault.open('ada', place, token)).toBe('x'), { masterKeys: [ONE] });
    expect(existsSync(vaults.path('master.key'))).toBe(false);
    expect(vaults.open({ masterKeys: [ONE] }).open('ada', place, token)).toBe('x');
  });
  test.skipIf(process.platform === 'win32')('that others may read is refused', () => {
    using vaults = new Vaults();
    sealUnder(vaults, {});
    chmodSync(vaults.path('master.key'), 0o640);
    expect(() => vaults.open()).toThrow(/chmod 600/);
  });
  test('generated and lost is asked for', () => {
    using vaults = new Vaults();
    sealUnder(vaults, {});
    rmSync(vaults.path('master.key'));
    expect(() => vaults.open()).toThrow(/restore .*master\.key/);
  });
  test('generated, is exchanged for a new one', () => {
    using vaults = new Vaults();
    const { token, print } = sealUnder(vaults, {});
    const before = readFileSync(vaults.path('master.key'), 'utf8');
    vaults.with((vault) => {
      vault.rotate();
      expect(vault.open('ada', place, sealedBy(vault, 'ada', 'z'))).toBe('z');
      expect(vault.open('new', place, sealedBy(vault, 'new', 'z'))).toBe('z');
    });
    expect(readFileSync(vaults.path('master.key'), 'utf8')).not.toBe(before);
    const vault = vaults.open();
    expect([vault.open('ada', place, token), vault.fingerprint('y')]).toEqual(['x', print]);
  });
  test('from the settings is not exchanged here', () => {
    using vaults = new Vaults();
    expect(() => vaults.open({ masterKeys: [ONE] }).rotate()).toThrow(/MASTER_KEY_PREVIOUS/);
  });
  test('an exchange that is broken off anywhere leaves a vault that opens', () => {
    using vaults = new Vaults();
    const { token } = sealUnder(vaults, {});
    const old = join(vaults.directory, 'old.key');
    cpSync(vaults.path('master.key'), old);
    vaults.with((vault) => vault.rotate());
    // Killed after the keys were wrapped, before the new master key took its place.
    renameSync(vaults.path('master.key'), vaults.path('master.key.new'));
    cpSync(old, vaults.path('master.key'));
    vaults.with((vault) => expect(vault.open('ada', place, token)).toBe('x'));
    expect(readdirSync(vaults.path())).not.toContain('master.key.new');
    // Killed before the keys were wrapped.
    cpSync(old, vaults.path('master.key.new'));
    vaults.with((vault) => expect(vault.open('ada', place, token)).toBe('x'));
    expect(readdirSync(vaults.path())).not.toContain('master.key.new');
  });
});
