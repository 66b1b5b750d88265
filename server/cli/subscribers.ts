import { Command } from 'commander';
import type { ParkedView } from '../api/subscribers.ts';
import { CommandFailed, type CommandKit, print, printJson } from './command.ts';
import { connectToData, type Connection } from './connect.ts';

type Options = { readonly json?: true; readonly subscriber?: string };
type Work<Position> = (connection: Connection, position: Position, options: Options) => Promise<void>;

export function subscribersCommand({ withSettings, settingsOf, version }: CommandKit): Command {
  const subcommand = (name: string, description: string) =>
    withSettings(new Command(name)).description(description).option('--json', 'print the result as JSON');
  const connected = async (command: Command, work: (connection: Connection) => Promise<void>) => {
    await using connection = await connectToData(settingsOf(command, { logLevel: 'warn' }), version);
    await work(connection);
  };
  const acting = <Position>(name: string, argument: string, description: string, work: Work<Position>) =>
    subcommand(name, description)
      .argument(argument, 'where in the log the event is, as the list shows it')
      .option('--subscriber <name>', 'only what this one put aside')
      .action((position: Position, options: Options, command: Command) =>
        connected(command, (connection) => work(connection, position, options)),
      );
  return new Command('subscribers')
    .description('Look after the events that subscribers put aside. A running server is asked to do it.')
    .addCommand(
      subcommand('list', 'Show the subscribers and what they put aside.').action((options: Options, command: Command) =>
        connected(command, (connection) => list(connection, options)),
      ),
      { isDefault: true },
    )
    .addCommand(acting('replay', '[position]', 'Handle parked events again, all of them or one.', replay))
    .addCommand(acting('discard', '<position>', 'Give up a parked event for good.', discard));
}

const line = ({ position, type, stream, revision, attempts, parkedAt, reason }: ParkedView) =>
  `at ${position}  ${type}  ${stream} ${revision}  attempt ${attempts}, ${parkedAt}: ${reason.replaceAll(/\s+/g, ' ')}`;

async function list({ client }: Connection, { json }: Options): Promise<void> {
  const parked = await client.subscribers.parked.query();
  if (json) return printJson(parked);
  const { subscribers } = await client.status.get.query();
  for (const { name, state, error } of subscribers) {
    const own = parked.filter(({ subscriber }) => subscriber === name);
    print(`${name}  ${state}  ${own.length} parked${error === null ? '' : `  ${error}`}`);
    for (const event of own) print(`    ${line(event)}`);
  }
}

async function replay({ client }: Connection, position: string | undefined, options: Options): Promise<void> {
  const { replayed, failed } = await client.subscribers.replay.mutate({ position, subscriber: options.subscriber });
  if (options.json) printJson({ replayed, failed });
  else {
    for (const event of replayed) print(`✓ ${event.type} at ${event.position}`);
    for (const event of failed) print(`✗ ${line(event)}`);
    if (replayed.length + failed.length === 0) print('Nothing is parked.');
  }
  if (failed.length > 0)
    throw new CommandFailed(
      `${failed.length} of ${replayed.length + failed.length} failed again. ` +
        'Mend the cause and replay, or give one up by `almanac subscribers discard POSITION`.',
    );
}

async function discard({ client }: Connection, position: string, options: Options): Promise<void> {
  const discarded = await client.subscribers.discard.mutate({ position, subscriber: options.subscriber });
  if (options.json) return printJson(discarded);
  const { subscriber, type, stream, revision } = discarded;
  print(`Discarded: ${subscriber} will not see ${type} at ${position} (${stream} ${revision}) again.`);
}
