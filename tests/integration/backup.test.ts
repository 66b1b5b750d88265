import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readManifest } from '../../server/backup/backups.ts';
import { checkBackup } from '../../server/backup/check.ts';
import { openVaultOfLog } from '../../server/vault/vault-of-log.ts';
import { masterKeyFile } from '../../server/vault/master-key.ts';
import { BackupRig } from '../support/backup-rig.ts';

/** Turns some bits in the middle of a file. */
function damage(file: string, at = 0.5): void {
  const bytes = readFileSync(file);
  const from = Math.floor(bytes.length * at);
  bytes.subarray(from, from + 64).fill(0x5a);
  writeFileSync(file, bytes);
}
const names = (rig: BackupRig, which: 'log' | 'vault') => readdirSync(join(rig.backups, which));
const copiedVault = (directory: string) => ({
  directory,
  masterKeys: { kind: 'file', path: masterKeyFile(directory) } as const,
});

describe('a backup', () => {
  test('has every event, and the vault opens what is sealed in it', async () => {
    await using rig = await BackupRig.open();
    await rig.people(300);
    const made = await rig.make();
    // VaultFounded, and everybody.
    expect(made).toMatchObject({ events: 301, opened: 600, unopened: 0 });
    expect(await checkBackup(made.log, copiedVault(made.vault))).toMatchObject({ events: 301, opened: 600 });
    expect(readdirSync(made.log).toSorted()).toEqual(['events.sqlite', 'manifest.json']);
    expect(readdirSync(made.vault).toSorted()).toEqual(['keys.sqlite', 'master.key']);
  });

  test('keeps log and vault apart, both for their user alone', async () => {
    await using rig = await BackupRig.open();
    await rig.people(3);
    const made = await rig.make();
    expect(made.log).toMatch(/\/log\//);
    expect(made.vault).toMatch(/\/vault\//);
    for (const folder of [made.log, made.vault]) {
      expect(statSync(folder).mode & 0o077).toBe(0);
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    }
    const elsewhere = await rig.make({ vaultDirectory: join(rig.folder, 'safe') });
    expect(elsewhere.vault.startsWith(join(rig.folder, 'safe'))).toBe(true);
  });

  test('is of one moment while others go on writing', async () => {
    await using rig = await BackupRig.open();
    await rig.people(200);
    let isOver = false;
    const writing = (async () => {
      while (!isOver) await rig.people(20);
    })();
    const made = [await rig.make(), await rig.make(), await rig.make()];
    isOver = true;
    await writing;
    expect(made[2]!.events).toBeGreaterThan(made[0]!.events);
    for (const { log, vault, events } of made.slice(1)) {
      const checked = await checkBackup(log, copiedVault(vault));
      expect(checked).toMatchObject({ events, unopened: 0 });
      expect(checked.opened).toBe(2 * (events - 1));
    }
  });

  test('that is damaged while it is made is none, and those before are as they were', async () => {
    await using rig = await BackupRig.open();
    await rig.people(200);
    const good = await rig.make({ keep: 1 });
    await expect(rig.make({ keep: 1, onCopied: damage })).rejects.toThrow(/copy/i);
    await expect(rig.make({ keep: 1, onCopied: (file) => damage(file, 0.9) })).rejects.toThrow();
    expect(names(rig, 'log')).toEqual([good.log.split('/').at(-1)]);
    expect(names(rig, 'vault')).toHaveLength(1);
    await checkBackup(good.log);
  });

  test('that lacks events is none', async () => {
    await using rig = await BackupRig.open();
    await rig.people(20);
    const early = await rig.make();
    await rig.people(20);
    const lacking = rig.make({ onCopied: (file) => cpSync(join(early.log, 'events.sqlite'), file) });
    await expect(lacking).rejects.toThrow(/goes on to/);
  });

  test('whose vault opens nothing is none', async () => {
    await using rig = await BackupRig.open();
    await using other = await BackupRig.open();
    await rig.people(5);
    const made = rig.make({ vault: other.vault.access });
    await expect(made).rejects.toThrow(/opens nothing/);
    expect(names(rig, 'log')).toEqual([]);
  });

  test('that was made is noticed to be damaged later, in whatever part', async () => {
    await using rig = await BackupRig.open();
    await rig.people(100);
    const { log } = await rig.make();
    for (const at of [0.1, 0.5, 0.95]) {
      const copy = join(rig.folder, `copy-${at}`);
      cpSync(log, copy, { recursive: true });
      damage(join(copy, 'events.sqlite'), at);
      await expect(checkBackup(copy)).rejects.toThrow(/damaged/);
    }
    writeFileSync(join(log, 'manifest.json'), '{}');
    await expect(checkBackup(log)).rejects.toThrow(/manifest/);
    rmSync(join(log, 'manifest.json'));
    await expect(checkBackup(log)).rejects.toThrow(/no backup/);
  });

  test('is kept with some before it, its vault with one', async () => {
    await using rig = await BackupRig.open();
    await rig.people(3);
    const made = [];
    for (let day = 0; day < 5; day += 1) made.push(await rig.make({ keep: 3 }));
    expect(names(rig, 'log')).toEqual(made.slice(-3).map(({ log }) => log.split('/').at(-1)));
    expect(names(rig, 'vault')).toHaveLength(2);
    await rig.make({ keep: 0 });
    expect(names(rig, 'log')).toHaveLength(1);
  });

  test('is not made to go by many more of the same day', async () => {
    await using rig = await BackupRig.open();
    const days = [];
    for (let day = 0; day < 3; day += 1, rig.now += 86_400_000) days.push((await rig.make({ keep: 2 })).log);
    const today = [];
    for (let time = 0; time < 4; time += 1) today.push((await rig.make({ keep: 2 })).log);
    expect(names(rig, 'log')).toEqual([days[2], ...today.slice(-2)].map((log) => log?.split('/').at(-1)));
    expect(names(rig, 'vault')).toHaveLength(2);
  });

  test('that was broken off is removed by the next one', async () => {
    await using rig = await BackupRig.open();
    const left = join(rig.backups, 'log', '.unfinished-2026-11-21T00-00-00.000Z');
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'events.sqlite'), 'half');
    await rig.make();
    expect(existsSync(left)).toBe(false);
  });

  test('is not made twice at once', async () => {
    await using rig = await BackupRig.open();
    await rig.people(50);
    const [one, two] = await Promise.allSettled([rig.make(), rig.make()]);
    expect(one.status).toBe('fulfilled');
    expect(two).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/under way/) } });
  });

  test('stops when it is told to', async () => {
    await using rig = await BackupRig.open();
    await rig.people(50);
    const stop = new AbortController();
    const making = rig.make({ signal: stop.signal, onCopied: () => stop.abort() });
    await expect(making).rejects.toThrow();
    expect(names(rig, 'log')).toEqual([]);
  });

  test('of a log elsewhere is a file of its events', async () => {
    await using rig = await BackupRig.open();
    await rig.people(50);
    const made = await rig.make({ log: { kind: 'store', store: rig.store } });
    expect(made).toMatchObject({ events: 51, opened: 100 });
    expect(readManifest(made.log)).toMatchObject({ kind: 'ndjson', events: 51 });
    const text = readFileSync(join(made.log, 'events.ndjson'), 'utf8');
    expect(text.split('\n')).toHaveLength(52);
    expect(text).not.toContain('Kim Number');
    await checkBackup(made.log, copiedVault(made.vault));
  });

  test('of the vault is that of its log', async () => {
    await using rig = await BackupRig.open();
    await rig.people(5);
    const made = await rig.make();
    const restored = join(rig.folder, 'restored');
    cpSync(made.vault, join(restored, 'vault'), { recursive: true });
    using vault = await openVaultOfLog(rig.store, { dataDirectory: restored, masterKeys: [] });
    expect(vault.id).toBe(readManifest(made.log).vaultId);
  });
});
