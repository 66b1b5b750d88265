import { Command, Option } from 'commander';
import { roles, type Role } from '../../domain/access.ts';
import type { AccessView } from '../api/views.ts';
import { CommandFailed, print, printJson, type CommandKit } from './command.ts';
import { connectToData, type Connection } from './connect.ts';

type Options = { readonly json?: true; readonly role: Role; readonly yes?: true };
type Work = (connection: Connection, options: Options) => Promise<void>;

const roleOption = () => new Option('--role <role>', 'as what').choices([...roles]).default('member');

export function membersCommand({ withSettings, settingsOf, version }: CommandKit): Command {
  const subcommand = (name: string, description: string) =>
    withSettings(new Command(name)).description(description).option('--json', 'print the result as JSON');
  const connected = async (command: Command, options: Options, work: Work) => {
    await using connection = await connectToData(settingsOf(command, { logLevel: 'warn' }), version);
    await work(connection, options);
  };
  const acting = (
    command: Command,
    argument: string,
    what: string,
    work: (connection: Connection, named: string, options: Options) => Promise<void>,
  ) =>
    command
      .argument(argument, what)
      .action((named: string, options: Options, self: Command) =>
        connected(self, options, (connection) => work(connection, named, options)),
      );
  const MEMBER = 'their GitHub login or handle, as the list shows it';
  return new Command('members')
    .description('Look after who may come in. A running server is asked to do it.')
    .addCommand(
      subcommand('list', 'Show who is in, invited or waiting.').action((options: Options, self: Command) =>
        connected(self, options, list),
      ),
      { isDefault: true },
    )
    .addCommand(
      acting(
        subcommand('invite', 'Invite whoever signs in with a GitHub account.').addOption(roleOption()),
        '<login>',
        'the GitHub login',
        async ({ client }, login, { role, json }) => {
          const user = await client.users.create.mutate({ github_id: login, role });
          if (json) printJson(user);
          else print(`${user.github_id} is invited as ${role}.`);
        },
      ),
    )
    .addCommand(acting(subcommand('approve', 'Let in who waits.').addOption(roleOption()), '<member>', MEMBER, approve))
    .addCommand(acting(subcommand('decline', 'Turn away who waits or is invited.'), '<member>', MEMBER, decline))
    .addCommand(
      subcommand('merge', 'Join somebody known by commits to the account of whom they are, for good.')
        .argument('<from>', 'whoever is known by commits: the login or handle their page shows, or their id')
        .argument('<into>', MEMBER)
        .action((from: string, into: string, options: Options, self: Command) =>
          connected(self, options, (connection) => merge(connection, from, into, options)),
        ),
    )
    .addCommand(
      acting(
        subcommand('erase', 'Destroy everything personal of somebody for good.').option('--yes', 'yes, for good'),
        '<member>',
        MEMBER,
        eraseMember,
      ),
    );
}

async function list({ client }: Connection, { json }: Options): Promise<void> {
  const people = await client.users.access.query();
  if (json) return printJson(people);
  if (people.length === 0) print('Nobody is invited yet: almanac members invite LOGIN --role owner');
  for (const { login, handle, status, role, since } of people)
    print(`${login ?? handle}  ${status}${role ? `  ${role}` : ''}  since ${since}`);
}

/** By login; by handle only where nobody has that login: handles are made of names. @throws {CommandFailed} for nobody, and for several */
async function found({ client }: Connection, named: string): Promise<Pick<AccessView, 'id' | 'handle' | 'login'>> {
  const wanted = named.toLowerCase();
  const people = await client.users.access.query();
  const byLogin = people.filter(({ login }) => login === wanted);
  const [one, another] = byLogin.length > 0 ? byLogin : people.filter(({ handle }) => handle === wanted);
  if (one && !another) return one;
  const what = one
    ? `Several people are called "${named}"`
    : `Nobody who is in, invited or waiting is called "${named}"`;
  throw new CommandFailed(`${what}: see almanac members list.`);
}

async function approve(connection: Connection, named: string, { role, json }: Options): Promise<void> {
  const { id, handle, login } = await found(connection, named);
  await connection.client.users.approve.mutate({ id, role });
  if (json) printJson({ id, handle, login, role });
  else print(`${login ?? handle} (${id}) is in as ${role}.`);
}

async function decline(connection: Connection, named: string, { json }: Options): Promise<void> {
  const { id, handle, login } = await found(connection, named);
  await connection.client.users.decline.mutate({ id });
  if (json) printJson({ id, handle });
  else print(`${login ?? handle} is turned away.`);
}

async function merge(connection: Connection, from: string, into: string, { json }: Options): Promise<void> {
  const { client } = connection;
  const person = await found(connection, into);
  const people = new Set((await client.users.access.query()).map(({ id }) => id));
  const wanted = from.toLowerCase();
  const [one, another] = (await client.users.list.query()).filter(
    ({ id, github_id: shown }) => id === from || (shown === wanted && !people.has(id)),
  );
  if (!one) throw new CommandFailed(`Nobody who is known by commits only is called "${from}".`);
  if (another) throw new CommandFailed(`Several people known by commits are called "${from}": name one by their id.`);
  await client.users.merge.mutate({ id: one.id, into: person.id });
  if (json) printJson({ id: one.id, into: person.id });
  else print(`${one.github_id} is ${person.login ?? person.handle} from now on.`);
}

async function eraseMember({ client }: Connection, named: string, { yes, json }: Options): Promise<void> {
  const { id, github_id } = await client.users.byGitHub.query({ github_id: named });
  if (!yes)
    throw new CommandFailed(
      `Everything personal of ${github_id} would be destroyed for good; what was counted stays. Say --yes to do it.`,
    );
  const handle = (await client.users.handle.query({ id })).handle;
  await client.users.erase.mutate({ id, confirm: handle });
  if (json) printJson({ id });
  else print(`${github_id} is erased.`);
}
