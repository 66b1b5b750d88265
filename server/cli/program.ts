/** `almanac`: start the server, read repositories, look at the book, look after the read models. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { Command, Option } from 'commander';
import { printable } from '../printable.ts';
import { ConfigurationError, loadSettings, type Flags, type Settings } from '../config.ts';
import { attendanceCommand } from './attendance.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { collectCommand } from './collect.ts';
import { membersCommand } from './members.ts';
import { projectionsCommand } from './projections.ts';
import { startCommand } from './start.ts';
import { subscribersCommand } from './subscribers.ts';
import { vaultCommand } from './vault.ts';

const root = join(import.meta.dirname, '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

// Read models hold names and addresses in clear: what is written is for this user alone, whatever folder DATA_DIR is.
process.umask(0o077);

/** Options every command has: where the data and the repositories are. */
const withSettings = (command: Command): Command =>
  command
    .addOption(
      new Option('--repo <path>', 'a repository to read, repeatable (default: the one you stand in)').argParser(
        (path, earlier: readonly string[] = []) => [...earlier, path],
      ),
    )
    .option('--data-dir <path>', 'where events and read models are kept (DATA_DIR, default ./data)')
    .option('--time-zone <zone>', 'whose days count (TIME_ZONE, default Asia/Seoul)')
    .option('--event-store-url <url>', 'esdb://… instead of the embedded store (EVENTSTORE_URL)')
    .option('--log-level <level>', 'debug, info, warn, error or silent (LOG_LEVEL)');

const settingsOf = (command: Command, defaults: Flags = {}): Settings =>
  loadSettings({ ...defaults, ...command.optsWithGlobals<Flags>() }, process.env, process.cwd());

const program = new Command('almanac')
  .description("A developer's work journal that writes itself from evidence.")
  .version(version)
  .showHelpAfterError('(almanac --help lists commands and options)');

for (const commandOf of [
  startCommand,
  collectCommand,
  attendanceCommand,
  membersCommand,
  projectionsCommand,
  subscribersCommand,
  vaultCommand,
  backupCommand,
  restoreCommand,
]) {
  const command = commandOf({ withSettings, settingsOf, version });
  for (const one of [command, ...command.commands])
    one.showHelpAfterError(`(almanac ${command.name()} --help lists its options)`);
  program.addCommand(command);
}

/** What the person can mend is told in a sentence; anything else is a fault of ours and comes with its stack. */
const FAULTS_TO_MEND = new Set([
  'ConfigurationError',
  'CommandFailed',
  'CannotListen',
  'DataDirectoryInUse',
  'UnreadableEventLog',
  'StoreUnavailable',
  'VaultRefused',
  'BackupFailed',
  'TRPCClientError',
]);

// Whoever reads what is printed may have seen enough (`almanac attendance | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// Almanac's own, never that of the repository it is started in.
const envFile = join(root, '.env');
if (existsSync(envFile)) loadEnvFile(envFile);
try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error && FAULTS_TO_MEND.has(error.name) ? printable(error.message) : error);
  process.exitCode = error instanceof ConfigurationError ? 2 : 1;
}
