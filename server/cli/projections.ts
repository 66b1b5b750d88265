import { Command } from 'commander';
import type { WorkReport } from '../api/projections.ts';
import type { ProjectionInfo } from '../api/services.ts';
import { CommandFailed, type CommandKit, print, printJson } from './command.ts';
import { connectToData, type Connection } from './connect.ts';
import { ProgressDisplay } from './progress.ts';

type Options = { readonly json?: true };
type Work = (connection: Connection, names: string[], options: Options) => Promise<void>;

const NAMES = '[name...]';

export function projectionsCommand({ withSettings, settingsOf, version }: CommandKit): Command {
  const subcommand = (name: string, description: string, work: Work) =>
    withSettings(new Command(name))
      .description(description)
      .option('--json', 'print the result as JSON')
      .argument(NAMES, 'read models (default: all)')
      .action(async (names: string[], options: Options, command: Command) => {
        await using connection = await connectToData(settingsOf(command, { logLevel: 'warn' }), version);
        await work(connection, names, options);
      });
  return new Command('projections')
    .description('Look after the read models. A running server is asked to do it.')
    .addCommand(subcommand('list', 'Show the read models and where they are.', list))
    .addCommand(
      subcommand('rebuild', 'Build read models afresh beside those in use and let them take their place.', rebuild),
    )
    .addCommand(subcommand('verify', 'Fold afresh, compare with the rows in use and tell the differences.', verify));
}

/** @throws {CommandFailed} for a name that does not exist */
async function chosen({ client }: Connection, names: readonly string[]): Promise<ProjectionInfo[]> {
  const all = await client.projections.list.query();
  const unknown = names.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new CommandFailed(
      `There is no read model "${unknown.join('", "')}"; there are ${all.map(({ name }) => name).join(', ')}.`,
    );
  return all.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function list(connection: Connection, names: string[], { json }: Options): Promise<void> {
  const models = await chosen(connection, names);
  if (json) return printJson(models);
  const width = Math.max(...models.map(({ name }) => name.length));
  for (const { name, version, state, position, error } of models)
    print(
      `${name.padEnd(width)}  v${version}  ${state.padEnd(11)}  at ${position ?? 'the start'}${error ? `  ${error}` : ''}`,
    );
}

async function rebuild(connection: Connection, names: string[], { json }: Options): Promise<void> {
  const models = await chosen(connection, names);
  const { events, milliseconds } = await resultOf(await connection.client.projections.rebuild.mutate({ names }));
  if (json) return printJson({ rebuilt: models.map(({ name }) => name), events, milliseconds });
  const rate = Math.round((events * 1000) / Math.max(1, milliseconds)).toLocaleString('en');
  print(
    `${models.map(({ name }) => name).join(', ')}: ${events.toLocaleString('en')} events in ${(milliseconds / 1000).toFixed(1)} s, ${rate}/s`,
  );
}

async function verify(connection: Connection, names: string[], { json }: Options): Promise<void> {
  const models = await chosen(connection, names);
  const differences = await resultOf(await connection.client.projections.verify.mutate({ names }));
  if (json) printJson({ verified: models.map(({ name }) => name), differences });
  else {
    for (const { name } of models) if (!differences.some((difference) => difference.name === name)) print(`✓ ${name}`);
    for (const { name, table, missing, unexpected, examples } of differences) {
      print(`✗ ${name}: ${table}: ${missing} rows missing, ${unexpected} unexpected`);
      for (const example of examples) print(`    ${example}`);
    }
  }
  if (differences.length > 0)
    throw new CommandFailed('Rows differ from what the log says. `almanac projections rebuild` puts them right.');
}

/** Shows progress until the result is there. */
async function resultOf<Result>(reports: AsyncIterable<WorkReport<Result>>): Promise<Result> {
  const display = new ProgressDisplay(process.stderr);
  try {
    for await (const report of reports) {
      if ('result' in report) return report.result;
      display.report(report.progress);
    }
  } finally {
    display.end();
  }
  throw new CommandFailed('The server ended before the work was done.');
}
