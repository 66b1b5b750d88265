import { GitRepository, type CommitSpec } from '../support/git-repository.ts';
import { startGitHub, type GitHubStandIn } from '../support/github/server.ts';
import { startServer, type ServerUnderTest } from '../support/server.ts';
import { at, HANEUL, MARIA, ZONE } from './garden.ts';
import type { Reader } from './reader.ts';

export type Community = AsyncDisposable & { github: GitHubStandIn; server: ServerUnderTest; url: string };

/** Of those whom the stand-in of GitHub knows, the configuration names this one as owner. */
export const OWNER = 'mona';

const aFew = (): CommitSpec[] => [
  { author: HANEUL, at: at(1, '09:00'), message: '물을 준다' },
  { author: MARIA, at: at(2, '09:00'), message: 'Prune the hedge' },
];

/** The product with a GitHub to sign in by: people have to say who they are. */
export async function startCommunity(commits: readonly CommitSpec[] = aFew()): Promise<Community> {
  await using started = new AsyncDisposableStack();
  const github = started.use(await startGitHub());
  const person = (login: string, name: string) =>
    github.addUser({ login, name, emails: [{ email: `${login}@example.org`, verified: true, primary: true }] });
  person(OWNER, 'Mona Octocat');
  person('haneul', '김하늘');
  person('maria', 'María González');
  person('linus', 'Linus');
  const repository = started.use(await GitRepository.create({ name: '정원' }));
  await repository.commits(commits);
  const env = {
    TIME_ZONE: ZONE,
    RATE_LIMIT: '0',
    OWNERS: OWNER,
    GITHUB_CLIENT_ID: github.clientId,
    GITHUB_CLIENT_SECRET: github.clientSecret,
    GITHUB_WEB_URL: github.webUrl,
    GITHUB_API_URL: github.apiUrl,
  };
  const server = started.use(await startServer({ repositories: [repository.path], env }));
  const all = started.move();
  return { github, server, url: server.url, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Signs somebody in the way people do: by the button, and at GitHub. They end where the server leads them. */
export async function signIn({ url }: Community, reader: Reader, login: string, path = '/sign-in'): Promise<void> {
  await reader.visit(url + path);
  await reader.page.locator('main a[href^="/api/auth/login"]').click();
  await atGitHub(reader, login);
}

/** Answers GitHub's question as this account. */
export async function atGitHub(reader: Reader, login: string): Promise<void> {
  await reader.page.getByRole('button', { name: `Sign in as ${login}` }).click();
  await reader.page.waitForLoadState('load');
  if (reader.script) await reader.alive();
}

/** Somebody new, let in by the owner before they come. */
export async function invite({ url }: Community, owner: Reader, login: string, role = 'member'): Promise<void> {
  const { page } = owner;
  await owner.visit(`${url}/admin/members`);
  await page.getByLabel('GitHub account').fill(login);
  await page
    .locator('form', { has: page.getByLabel('GitHub account') })
    .locator('select')
    .selectOption(role);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText(`${login} is invited.`).waitFor();
}
