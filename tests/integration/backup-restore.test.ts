import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempDisposableSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { listBackups, logBackups } from '../../server/backup/backups.ts';
import { checkBackup } from '../../server/backup/check.ts';
import { restoreBackup } from '../../server/backup/restore.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { openSealing } from '../../server/vault/vault-of-log.ts';
import { BackupRig } from '../support/backup-rig.ts';
import { GitRepository } from '../support/git-repository.ts';
import { startServer, unconfigured } from '../support/server.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'server', 'cli', 'main.ts');
const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'almanac-restore-'));

/** A command of the command line, to its end. @param limit most bytes of a file it may write */
async function almanac(args: readonly string[], limit?: number) {
  const command = [process.execPath, PROGRAM, ...args];
  const limited = limit === undefined ? command : ['prlimit', `--fsize=${limit}`, ...command];
  const child = spawn(limited[0] ?? '', limited.slice(1), { cwd: tmpdir(), env: unconfigured() });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

describe('a log that is set back', () => {
  test('shows the same book, by the vault that was copied with it', async () => {
    using folder = temporary();
    await using repository = await GitRepository.create();
    await repository.commit({ at: '2024-05-01T12:00:00+09:00', message: 'Plant an oak' });
    const repositories = [repository.path];
    const data = join(folder.path, 'data');
    const backups = join(folder.path, 'backups');
    {
      await using server = await startServer({ repositories, dataDirectory: data });
      await server.ready();
      // While the server runs.
      const made = await almanac(['backup', '--data-dir', data, '--to', backups]);
      expect(made).toMatchObject({ code: 0, output: expect.stringMatching(/restored and read/) });
      await repository.commit({ at: '2024-05-02T12:00:00+09:00', message: 'Plant an elm' });
      await server.ready();
      expect(await almanac(['restore', backups, '--data-dir', data, '--yes', '--overwrite'])).toMatchObject({
        code: 1,
        output: expect.stringMatching(/already uses/),
      });
    }
    expect(await almanac(['backup', 'check', backups])).toMatchObject({
      code: 0,
      output: expect.stringMatching(/is good/),
    });
    for (const [to, flags] of [
      [join(folder.path, 'elsewhere'), []],
      [data, ['--overwrite']],
    ] as const) {
      const restore = ['restore', backups, '--data-dir', to, ...flags];
      expect(await almanac(restore)).toMatchObject({ code: 1, output: expect.stringMatching(/--yes/) });
      expect(await almanac([...restore, '--yes'])).toMatchObject({ code: 0 });
      await using server = await startServer({ repositories: [], cwd: folder.path, dataDirectory: to });
      const [challenge] = await server.client.challenges.list.query();
      const book = await server.client.attendance.book.query({ challenge: challenge?.id });
      expect(book).toMatchObject({ totals: { commits: 1, members: 1 } });
      // Names and messages are sealed: the vault opens them.
      const page = await server.client.commits.page.query({
        challenge: challenge?.id,
        handle: book?.members[0]?.handle ?? '',
      });
      expect(page.commits).toMatchObject([{ content: { subject: 'Plant an oak' } }]);
    }
    expect(readdirSync(data).some((name) => name.startsWith('before-restore-'))).toBe(true);
  }, 120_000);

  test('does not take the place of another one unless it is told to', async () => {
    await using rig = await BackupRig.open();
    await rig.people(3);
    await rig.make();
    const to = { from: rig.backups, vaultFrom: null, overwrite: false, now: () => rig.now };
    using folder = temporary();
    await restoreBackup({ ...to, dataDirectory: folder.path });
    await expect(restoreBackup({ ...to, dataDirectory: folder.path })).rejects.toThrow(/--overwrite/);
    const again = await restoreBackup({ ...to, dataDirectory: folder.path, overwrite: true });
    // The vault that is there may have forgotten somebody since.
    expect(again).toMatchObject({ events: 4, vault: null });
    expect(existsSync(join(again.aside ?? '', 'events.sqlite'))).toBe(true);
  });

  test('puts the vault that is there aside where another is to take its place: no copy has the keys of who came since', async () => {
    await using rig = await BackupRig.open();
    await rig.people(3);
    await rig.make();
    const to = { from: rig.backups, vaultFrom: null, overwrite: true, now: () => (rig.now += 1_000) };
    using folder = temporary();
    const first = await restoreBackup({ ...to, dataDirectory: folder.path });
    const keys = readFileSync(join(folder.path, 'vault', 'keys.sqlite'));
    const again = await restoreBackup({ ...to, dataDirectory: folder.path, vaultFrom: first.vault });
    expect(readFileSync(join(again.aside ?? '', 'vault', 'keys.sqlite')).equals(keys)).toBe(true);
    expect(existsSync(join(folder.path, 'vault', 'keys.sqlite'))).toBe(true);
    const itself = await restoreBackup({ ...to, dataDirectory: folder.path, vaultFrom: join(folder.path, 'vault') });
    expect(itself.vault).toBeNull();
    expect(existsSync(join(folder.path, 'vault', 'keys.sqlite'))).toBe(true);
  });

  test('beside the vault of another log is refused, and nothing is changed', async () => {
    await using rig = await BackupRig.open();
    await using other = await BackupRig.open();
    for (const one of [rig, other]) {
      await one.people(2);
      await one.make();
    }
    const to = { vaultFrom: null, overwrite: true, now: () => rig.now };
    using folder = temporary();
    await restoreBackup({ ...to, from: other.backups, dataDirectory: folder.path });
    const before = readdirSync(folder.path);
    await expect(restoreBackup({ ...to, from: rig.backups, dataDirectory: folder.path })).rejects.toThrow(
      /another log/,
    );
    expect(readdirSync(folder.path)).toEqual(before);
  });

  test('is checked before: what is damaged changes nothing', async () => {
    await using rig = await BackupRig.open();
    await rig.people(20);
    const { log } = await rig.make();
    writeFileSync(join(log, 'events.sqlite'), 'garbage');
    using folder = temporary();
    const to = { dataDirectory: folder.path, vaultFrom: null, overwrite: true, now: () => rig.now };
    await expect(restoreBackup({ ...to, from: rig.backups })).rejects.toThrow(/damaged/);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('from a file of its events tells what it told', async () => {
    await using rig = await BackupRig.open();
    await rig.people(30);
    await rig.make({ log: { kind: 'store', store: rig.store } });
    using folder = temporary();
    const dataDirectory = folder.path;
    await restoreBackup({ from: rig.backups, dataDirectory, vaultFrom: null, overwrite: false, now: () => rig.now });
    const store = await openSqliteEventStore({ directory: dataDirectory });
    const faults: unknown[] = [];
    const { vault, codec } = await openSealing(store, { dataDirectory, masterKeys: [] }, (fault) => faults.push(fault));
    const told = async (from: typeof store) => (await Array.fromAsync(from.readAll())).flat();
    expect(await told(store)).toEqual(await told(rig.store));
    const names = (await told(store))
      .map((event) => codec.decode(event)?.data)
      .map((data) => data && 'name' in data && data.name);
    expect(names.filter(Boolean)).toHaveLength(30);
    expect(names).toContain('Kim Number 30');
    expect(faults).toEqual([]);
    vault.close();
    await store.close();
  });
});

describe('a backup that does not come to its end', () => {
  test('because the disk is full, says so and leaves those before it', async () => {
    await using rig = await BackupRig.open();
    await rig.people(2_000);
    const args = ['backup', '--data-dir', rig.data, '--to', rig.backups];
    expect(await almanac(args)).toMatchObject({ code: 0 });
    const before = listBackups(logBackups(rig.backups));
    expect(before).toHaveLength(1);
    const failed = await almanac(args, 300_000);
    expect(failed).toMatchObject({ code: 1, output: expect.stringMatching(/cannot be written/) });
    expect(failed.output).not.toMatch(/\n\s+at /);
    expect(readdirSync(logBackups(rig.backups)).filter((name) => name !== 'lock.sqlite')).toEqual(before);
    await checkBackup(join(logBackups(rig.backups), before[0] ?? ''));
  });

  test('because it is killed, leaves those before it, and the next one cleans up', async () => {
    await using rig = await BackupRig.open();
    await rig.people(3_000);
    await rig.make();
    const good = listBackups(logBackups(rig.backups));
    let broken = 0;
    for (let round = 0; round < 12; round += 1) {
      const child = spawn(process.execPath, [PROGRAM, 'backup', '--data-dir', rig.data, '--to', rig.backups], {
        ...{ cwd: tmpdir(), env: unconfigured(), stdio: 'ignore' },
      });
      const unfinished = () => readdirSync(logBackups(rig.backups)).some((name) => name.startsWith('.unfinished'));
      // The lock of one that was killed is free; what it left is removed by this one, and begun anew.
      await vi.waitFor(() => expect(unfinished() || child.exitCode !== null).toBe(true), {
        timeout: 20_000,
        interval: 5,
      });
      await new Promise((resolve) => setTimeout(resolve, round * 40));
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      if (unfinished()) broken += 1;
      for (const name of listBackups(logBackups(rig.backups))) await checkBackup(join(logBackups(rig.backups), name));
    }
    expect(broken).toBeGreaterThan(2);
    expect(listBackups(logBackups(rig.backups))).toEqual(expect.arrayContaining(good));
    await rig.make();
    expect(readdirSync(logBackups(rig.backups)).filter((name) => name.startsWith('.'))).toEqual([]);
  }, 90_000);
});
