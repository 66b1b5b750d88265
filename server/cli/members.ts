import { Command, Option } from 'commander';
import { roles, type Role } from '../../domain/access.ts';
import type { AccessView } from '../api/views.ts';
import { CommandFailed, print, printJson, type CommandKit } from './command.ts';
import { printable } from '../printable.ts';
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
        .argument('<from>', 'whoever is known by commits: the handle of their page, or their id')
        .option('--yes', 'yes, for good')
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
async function found({ client }: Connection, named: string): Promise<AccessView> {
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

async function merge(connection: Connection, from: string, into: string, { yes, json }: Options): Promise<void> {
  const { client } = connection;
  const person = await found(connection, into);
  const one = await knownByCommits(connection, from);
  const name = person.login ?? person.handle;
  if (!yes) {
    const identities = await client.users.identities.query({ id: one.id });
    throw new CommandFailed(
      `${printable(one.name)}, ${one.handle} (${one.id}), would be ${name} (${person.id}) for good, with all that is signed by\n` +
        `${identities.map(({ kind, value }) => `  ${kind} ${printable(value)}`).join('\n')}\n` +
        `Anybody can sign a commit as anybody. Say --yes if you know all of these to be theirs.`,
    );
  }
  await client.users.merge.mutate({ id: one.id, into: person.id });
  if (json) printJson({ id: one.id, into: person.id });
  else print(`${one.handle} is ${name} from now on.`);
}

/** By id or by handle, which is nobody else's: logins of theirs anybody could have written. @throws {CommandFailed} */
async function knownByCommits({ client }: Connection, named: string): Promise<AccessView> {
  const wanted = named.toLowerCase();
  const people = await client.users.byCommits.query();
  const one = people.find(({ id, handle }) => id === named || handle === wanted);
  if (one) return one;
  throw new CommandFailed(`Nobody who is known by commits only is called "${named}".`);
}

async function eraseMember(connection: Connection, named: string, { yes, json }: Options): Promise<void> {
  const { client } = connection;
  const { id, handle, name } = await toErase(connection, named);
  if (!yes)
    throw new CommandFailed(
      `Everything personal of ${printable(name)}, ${handle} (${id}), would be destroyed for good; what was counted stays. Say --yes to do it.`,
    );
  await client.users.erase.mutate({ id, confirm: handle });
  if (json) printJson({ id });
  else print(`${handle} is erased.`);
}

/** Who has this login comes before who is only called so, in commits, too. @throws {CommandFailed} */
async function toErase(connection: Connection, named: string): Promise<Pick<AccessView, 'id' | 'handle' | 'name'>> {
  const wanted = named.toLowerCase();
  const people = await connection.client.users.access.query();
  if (people.some(({ login, handle }) => login === wanted || handle === wanted)) return found(connection, named);
  return knownByCommits(connection, named);
}
