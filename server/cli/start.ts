import { Command } from 'commander';
import type { CommandKit } from './command.ts';

export const startCommand = ({ withSettings, settingsOf, version }: CommandKit): Command =>
  withSettings(new Command('start'))
    .description('Serve the dashboard and the API; read the repositories and follow them.')
    .option('--port <number>', 'where to listen (PORT, default 3000)')
    .option('--host <address>', 'on which address (HOST, default 127.0.0.1)')
    .option('--no-dashboard', 'serve the API only')
    .action(async ({ dashboard }: { dashboard: boolean }, command: Command) => {
      const settings = settingsOf(command);
      // Loaded only where it is needed: `--help` and a mistyped flag are answered at once.
      const { start } = await import('../main.ts');
      const server = await start(settings, version, { dashboard });
      let stopping = false;
      const stop = (signal: NodeJS.Signals) => {
        if (stopping) process.exit(130);
        stopping = true;
        console.error(`\n${signal}: finishing what was begun; once more to leave at once.`);
        void server.close().then(() => process.exit(0));
      };
      process.on('SIGINT', stop);
      process.on('SIGTERM', stop);
      const repositories = settings.repositories.join(', ');
      console.log(`\n  Almanac ${version}\n  ${server.url}\n  reading ${repositories}\n  Ctrl+C stops it.\n`);
    });
