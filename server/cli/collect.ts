import { Command } from 'commander';
import type { RepositoryStatus } from '../api/views.ts';
import { CommandFailed, type CommandKit, flagsSettledByServer, print, printJson } from './command.ts';
import { connect } from './connect.ts';

const line = ({ name, state, done, message }: RepositoryStatus) =>
  state === 'failed' ? `${name}: could not be read: ${message}` : `${name}: ${done.toLocaleString('en')} commits`;

export const collectCommand = ({ withSettings, settingsOf, version }: CommandKit): Command =>
  withSettings(new Command('collect'))
    .description('Read the repositories once. A running server is asked to do it.')
    .option('--json', 'print the result as JSON')
    .action(async (options: { json?: true }, command: Command) => {
      await using almanac = await connect(
        settingsOf(command, { logLevel: 'warn' }),
        version,
        flagsSettledByServer(command),
      );
      const { repositories } = await almanac.client.status.collectNow.mutate();
      if (options.json) printJson({ repositories });
      else for (const repository of repositories) print(line(repository));
      const failed = repositories.filter(({ state }) => state === 'failed');
      if (failed.length > 0) throw new CommandFailed(`${failed.length} of ${repositories.length} repositories failed.`);
    });
