import { readdirSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { KeyMissing, tokenOf } from '../../server/vault/key-ring.ts';
import { newKey, seal, SealBroken, unseal } from '../../server/vault/sealing.ts';
import { MemberIsErased } from '../../server/vault/vault.ts';
import { VaultReader } from '../../server/vault/vault-reader.ts';
import { erasure, place, sealedBy, Vaults } from '../support/vaults.ts';

describe('what is sealed', () => {
  test('opens for its member in its place, also after a restart', () => {
    using vaults = new Vaults();
    const token = vaults.with((vault) => sealedBy(vault, 'ada', '출석 🌱'));
    expect(token).toMatch(/^[\w-]{12}\.[\w-]+$/);
    expect(vaults.open().open('ada', place, token)).toBe('출석 🌱');
  });
  test('looks different each time', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    expect(sealedBy(vault, 'ada', 'same')).not.toBe(sealedBy(vault, 'ada', 'same'));
  });
  test('is sealed with a nonce of its own, however many there are', () => {
    const { key } = newKey();
    const nonces = Array.from({ length: 2_000 }, () => seal(key, place, 'same').subarray(0, 12).toString('hex'));
    expect(new Set(nonces).size).toBe(nonces.length);
  });
  test.each([
    ['for another member', 'bo', place],
    ['in another field', 'ada', 'MemberRenamed.name'],
  ])('does not open %s', (_what, memberId, where) => {
    using vaults = new Vaults();
    const vault = vaults.open();
    vault.prepare(['ada', 'bo']);
    const token = sealedBy(vault, 'ada', 'secret');
    expect(() => vault.open(memberId, where, token)).toThrow(SealBroken);
  });
  test('does not open once any of it was changed', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    const [keyId = '', text = ''] = sealedBy(vault, 'ada', 'secret').split('.');
    const bytes = Buffer.from(text, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => vault.open('ada', place, `${keyId}.${changed.toString('base64url')}`)).toThrow(SealBroken);
    }
    expect(() => vault.open('ada', place, `${keyId}.AAAA`)).toThrow(SealBroken);
  });
  test('without its key, and nobody erased it, is a fault and not an erasure', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    expect(() => vault.open('ada', place, 'unknown-keys.AAAA')).toThrow(KeyMissing);
    expect(() => vault.open(null, place, 'no token')).toThrow(KeyMissing);
  });
  test('opens without saying whose it is, where a row keeps it', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    expect(vault.open(null, place, sealedBy(vault, 'ada', 'x'))).toBe('x');
    expect(() => vault.open(null, 'Other.place', sealedBy(vault, 'ada', 'x'))).toThrow(SealBroken);
  });
  test('is bound to its member and its place, whatever key sealed it', () => {
    const { key } = newKey();
    const token = tokenOf({ keyId: 'k', memberId: 'ada', key }, place, 'x');
    const sealed = Buffer.from(token.slice(2), 'base64url');
    expect(unseal(key, `ada:${place}`, sealed).toString()).toBe('x');
    for (const bound of [`bo:${place}`, 'ada:MemberRenamed.name'])
      expect(() => unseal(key, bound, sealed)).toThrow(SealBroken);
  });
  test('is never sealed with a key that was given to another member in the file', () => {
    using vaults = new Vaults();
    vaults.with((vault) => vault.prepare(['ada']));
    {
      using file = new DatabaseSync(vaults.path('keys.sqlite'));
      file.exec("UPDATE keys SET member_id = 'bo'");
    }
    expect(() => vaults.open().seal('bo', place, 'x')).toThrow(SealBroken);
  });
  test('keys in the file open in their own row only', () => {
    using vaults = new Vaults();
    const token = vaults.with((vault) => (vault.prepare(['bo']), sealedBy(vault, 'ada', 'x')));
    {
      using file = new DatabaseSync(vaults.path('keys.sqlite'));
      file.exec(`UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE member_id = 'bo') WHERE member_id = 'ada'`);
    }
    expect(() => vaults.open().open('ada', place, token)).toThrow(SealBroken);
  });
});

test.skipIf(process.platform === 'win32')('nobody else on the machine reads the vault', () => {
  using vaults = new Vaults();
  vaults.open().prepare(['ada']);
  expect(statSync(vaults.path()).mode & 0o777).toBe(0o700);
  const files = readdirSync(vaults.path());
  expect(files).toEqual(expect.arrayContaining(['keys.sqlite', 'keys.sqlite-wal', 'master.key']));
  for (const file of files) expect(statSync(vaults.path(file)).mode & 0o777, file).toBe(0o600);
});

describe('a member erased', () => {
  test('opens as nothing and gets no key ever again', () => {
    using vaults = new Vaults();
    const token = vaults.with((vault) => {
      const sealed = sealedBy(vault, 'ada', 'x');
      vault.destroy([erasure('ada')]);
      vault.prepare(['ada', 'bo']);
      expect(vault.seal('ada', place, 'y')).toBeNull();
      expect(vault.open('ada', place, sealed)).toBeNull();
      expect(vault.open(null, place, sealed)).toBeNull();
      expect(vault.seal('bo', place, 'y')).not.toBeNull();
      return sealed;
    });
    const again = vaults.open();
    expect([again.open('ada', place, token), again.seal('ada', place, 'y')]).toEqual([null, null]);
  });
  test('does not even leave the bytes of the key, in the file or its journal', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    vault.prepare(['ada', 'bo']);
    vault.putSecret('ada', 'github', 'gho_secret');
    const [key, secret] = (() => {
      using file = new DatabaseSync(vaults.path('keys.sqlite'), { readOnly: true });
      const row = file.prepare("SELECT wrapped FROM keys WHERE member_id = 'ada'").get();
      return [row?.['wrapped'] as Uint8Array, String(file.prepare('SELECT sealed FROM secrets').get()?.['sealed'])];
    })();
    expect(vaults.bytes().includes(key)).toBe(true);
    expect(vaults.bytes().includes(secret)).toBe(true);
    vault.destroy([erasure('ada')]);
    expect(statSync(vaults.path('keys.sqlite-wal')).size).toBe(0);
    expect(vaults.bytes().includes(key)).toBe(false);
    expect(vaults.bytes().includes(secret)).toBe(false);
  });
  test('is remembered with what the log was told, until nothing of theirs is left', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    vault.destroy([erasure('ada'), erasure('nobody-yet')]);
    expect(vault.erasures()).toEqual([erasure('ada'), erasure('nobody-yet')]);
    expect(vault.unscrubbed()).toEqual(['ada', 'nobody-yet']);
    vault.scrubbed(['ada']);
    vault.destroy([erasure('ada')]);
    expect(vault.unscrubbed()).toEqual(['nobody-yet']);
    vault.scrubAgain(['ada']);
    expect(vault.unscrubbed()).toEqual(['ada', 'nobody-yet']);
  });
});

describe('secrets', () => {
  test('are kept for a member until they are removed', () => {
    using vaults = new Vaults();
    vaults.with((vault) => {
      vault.putSecret('ada', 'github', 'first');
      vault.putSecret('ada', 'github', 'gho_second');
      vault.putSecret('ada', 'notion', 'n');
    });
    const vault = vaults.open();
    expect([vault.secret('ada', 'github'), vault.secret('ada', 'notion')]).toEqual(['gho_second', 'n']);
    expect(vaults.bytes().includes('gho_second')).toBe(false);
    vault.removeSecret('ada', 'github');
    expect([vault.secret('ada', 'github'), vault.secret('bo', 'github')]).toEqual([null, null]);
  });
  test('moved to another member or another name do not open', () => {
    using vaults = new Vaults();
    vaults.with((vault) => (vault.prepare(['bo']), vault.putSecret('ada', 'github', 'x')));
    {
      using file = new DatabaseSync(vaults.path('keys.sqlite'));
      file.exec("INSERT INTO secrets SELECT 'bo', name, sealed FROM secrets");
      file.exec("INSERT INTO secrets SELECT 'ada', 'notion', sealed FROM secrets WHERE member_id = 'ada'");
    }
    const vault = vaults.open();
    expect(() => vault.secret('bo', 'github')).toThrow(SealBroken);
    expect(() => vault.secret('ada', 'notion')).toThrow(SealBroken);
  });
  test('go with the member, and none is kept afterwards', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    vault.putSecret('ada', 'github', 'x');
    vault.destroy([erasure('ada')]);
    expect(vault.secret('ada', 'github')).toBeNull();
    expect(() => vault.putSecret('ada', 'github', 'x')).toThrow(MemberIsErased);
  });
});

test('a fingerprint is the same in this vault for ever, and another one in any other', () => {
  using vaults = new Vaults();
  using others = new Vaults();
  const name = vaults.with((vault) => vault.fingerprint('member', 'email', 'ada@example.org'));
  expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const vault = vaults.open();
  expect(vault.fingerprint('member', 'email', 'ada@example.org')).toBe(name);
  expect(vault.fingerprint('member', 'emailada@example.org')).not.toBe(name);
  expect(others.open().fingerprint('member', 'email', 'ada@example.org')).not.toBe(name);
});

test('where no vault may be made, a missing one is refused and a restore asked for', () => {
  using vaults = new Vaults();
  expect(() => vaults.open({ mayFound: false })).toThrow(/Restore the vault/);
  const id = vaults.with((vault) => vault.id);
  expect(vaults.with((vault) => vault.id, { mayFound: false })).toBe(id);
});

describe('a thread that reads', () => {
  test('sees keys made and destroyed after it was opened, and a master key exchanged', () => {
    using vaults = new Vaults();
    const vault = vaults.open();
    const reader = new VaultReader(vault.access);
    const token = sealedBy(vault, 'ada', 'x');
    expect(reader.open('ada', place, token)).toBe('x');
    vault.rotate();
    expect(reader.open('ada', place, token)).toBe('x');
    expect(reader.open('bo', place, sealedBy(vault, 'bo', 'y'))).toBe('y');
    vault.destroy([erasure('ada')]);
    expect(reader.open('ada', place, token)).toBeNull();
    expect(() => reader.open('bo', place, token)).toThrow(KeyMissing);
    reader.close();
  });
});
