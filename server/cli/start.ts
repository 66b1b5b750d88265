import { Command } from 'commander';
import { checkServing } from '../serving.ts';
import type { CommandKit } from './command.ts';

/** Ctrl+C reaches a process from the terminal, and again from npm and whatever else hands it on: that is one Ctrl+C. */
const ECHO_MS = 1_000;
const LOOK_FOR_NPM_MS = 500;
const parent = process.ppid;

export const startCommand = ({ withSettings, settingsOf, version }: CommandKit): Command =>
  withSettings(new Command('start'))
    .description('Serve the dashboard and the API; read the repositories and follow them.')
    .option('--port <number>', 'where to listen (PORT, default 3000)')
    .option('--host <address>', 'on which address (HOST, default 127.0.0.1)')
    .option('--no-dashboard', 'serve the API only')
    .action(async ({ dashboard }: { dashboard: boolean }, command: Command) => {
      const settings = settingsOf(command);
      checkServing(settings);
      // Loaded only where it is needed: `--help` and a mistyped flag are answered at once.
      const starting = import('../main.ts').then(({ start }) => start(settings, version, { dashboard }));
      endInOrder(async () => (await starting.catch(() => null))?.close());
      const server = await starting;
      const repositories = settings.repositories.join(', ');
      console.log(`\n  Almanac ${version}\n  ${server.url}\n  reading ${repositories}\n  Ctrl+C stops it.\n`);
    });

/** The first signal ends the server in order, one that follows later ends it at once. */
function endInOrder(close: () => Promise<void>): void {
  let began: number | null = null;
  const begin = (reason: string) => {
    began = performance.now();
    console.error(`\n${reason}: finishing what was begun; once more to leave at once.`);
    void close().then(() => process.exit(0));
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (began === null) begin(signal);
    else if (performance.now() - began > ECHO_MS) process.exit(130);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  onceNpmEnds(() => began ?? begin('npm has ended'));
}

/** npm hands a signal on to the shell it runs a script by, and most shells to nobody: they end, and nothing but that is to be seen. */
function onceNpmEnds(end: () => void): void {
  if (!['start', 'almanac'].includes(process.env['npm_lifecycle_event'] ?? '')) return;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    end();
  }, LOOK_FOR_NPM_MS);
  look.unref();
}
