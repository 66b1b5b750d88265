import { Command } from 'commander';
import type { Settings } from '../config.ts';
import { CommandFailed, print, printJson, type CommandKit } from './command.ts';

type Options = { readonly json?: true };
type BackupFlags = Options & { readonly to?: string };
type RestoreFlags = Options & { readonly vault?: string; readonly overwrite?: true; readonly yes?: true };

/** Each command works on the files, be they in use: no server is asked, and none has to run. */
export function backupCommand({ withSettings, settingsOf }: CommandKit): Command {
  return withSettings(new Command('backup'))
    .description('Copy the event log and the vault, and restore both to see whether they can be read.')
    .option('--to <dir>', 'where backups are kept (BACKUP_DIR, default DATA_DIR/backups)')
    .option('--json', 'print the result as JSON')
    .action((flags: BackupFlags, command: Command) => backUp(settingsOf(command, { logLevel: 'warn' }), flags))
    .addCommand(
      new Command('check')
        .description('See whether a backup is what it was when it was made.')
        .argument('<path>', 'a backup of a log, or a folder of backups: the newest')
        .option('--json', 'print the result as JSON')
        .action((path: string, flags: Options) => check(path, flags)),
    );
}

export const restoreCommand = ({ withSettings, settingsOf }: CommandKit): Command =>
  withSettings(new Command('restore'))
    .description('Set the event log back to a backup. The server must not be running.')
    .argument('<from>', 'a backup of a log, or a folder of backups: the newest')
    .option('--vault <dir>', 'a copy of the vault, where there is none, or where it is to be set back, too')
    .option('--overwrite', 'put a log that is there aside')
    .option('--yes', 'yes, do it')
    .option('--json', 'print the result as JSON')
    .action((from: string, flags: RestoreFlags, command: Command) =>
      restore(from, settingsOf(command, { logLevel: 'warn' }), flags),
    );

async function backUp(settings: Settings, { to, json }: BackupFlags): Promise<void> {
  const { makeBackup } = await import('../backup/backup.ts');
  const { vaultAccess } = await import('../vault/vault-access.ts');
  const { dataDirectory: directory, backups, eventStoreUrl, masterKeys } = settings;
  const { resolve, join } = await import('node:path');
  const places =
    to === undefined ? backups : { ...backups, directory: resolve(to), vaultDirectory: join(resolve(to), 'vault') };
  const store = eventStoreUrl === null ? null : await openElsewhere(eventStoreUrl);
  try {
    const report = await makeBackup({
      log: store ? { kind: 'store', store } : { kind: 'sqlite', directory },
      vault: vaultAccess(directory, masterKeys),
      ...places,
      now: Date.now,
      signal: new AbortController().signal,
    });
    if (json) return printJson(report);
    print(`${report.events} events (${report.bytes} bytes) are in ${report.log}, their keys in ${report.vault}.`);
    print('Both were restored and read. Keep them apart, and the keys for a shorter time (docs/security.md).');
    if (report.unopened > 0)
      print(`${report.unopened} sealed texts do not open, in the log itself: see the server's log.`);
  } finally {
    await store?.close();
  }
}

async function openElsewhere(connectionString: string) {
  const { openEventStoreDb } = await import('../event-store/eventstoredb/store.ts');
  return openEventStoreDb({ connectionString, onTrouble: (error: Error) => console.error(error.message) });
}

async function check(path: string, { json }: Options): Promise<void> {
  const { backupAt } = await import('../backup/backups.ts');
  const { checkBackup } = await import('../backup/check.ts');
  const backup = backupAt(path);
  const found = await checkBackup(backup);
  if (json) printJson({ backup, ...found });
  else print(`${backup} is good: ${found.events} events, the last at position ${found.position}, of ${found.made}.`);
}

async function restore(from: string, settings: Settings, flags: RestoreFlags): Promise<void> {
  const { backupAt, readManifest } = await import('../backup/backups.ts');
  const { restoreBackup } = await import('../backup/restore.ts');
  const { dataDirectory, eventStoreUrl } = settings;
  if (eventStoreUrl !== null)
    throw new CommandFailed(
      'Only the embedded log is restored: leave EVENTSTORE_URL out, or restore EventStoreDB by its own means.',
    );
  const backup = backupAt(from);
  const { events, made } = readManifest(backup);
  if (!flags.yes)
    throw new CommandFailed(
      `The log in ${dataDirectory} would be the ${events} events of ${made} (${backup}); whatever was written since is not in it. ` +
        'Say --yes to do it.',
    );
  const { overwrite = false, vault } = flags;
  const restored = await restoreBackup({ from, dataDirectory, vaultFrom: vault ?? null, overwrite, now: Date.now });
  if (flags.json) return printJson(restored);
  print(`${restored.events} events are in ${dataDirectory}. Read models are folded anew at the next start.`);
  print(restored.vault === null ? 'The vault that was there stays.' : `The vault is that of ${restored.vault}.`);
  if (restored.aside !== null) print(`What was there lies in ${restored.aside}: remove it when you no longer need it.`);
}
