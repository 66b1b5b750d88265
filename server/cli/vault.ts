import { Command } from 'commander';
import { print, type CommandKit } from './command.ts';
import { connectToData } from './connect.ts';

export const vaultCommand = ({ withSettings, settingsOf, version }: CommandKit): Command =>
  new Command('vault')
    .description('Look after the keys that personal texts are sealed with. A running server is asked to do it.')
    .addCommand(
      withSettings(new Command('rotate'))
        .description(
          'Wrap all keys with a new master key, in the file Almanac made. (MASTER_KEY is changed where it is set.)',
        )
        .action(async (_options: unknown, command: Command) => {
          await using connection = await connectToData(settingsOf(command, { logLevel: 'warn' }), version);
          await connection.client.vault.rotate.mutate();
          print('The keys are wrapped with a new master key. Back the vault up anew: older copies need the older one.');
        }),
    );
