import { startGitHub, type GitHubStandIn } from '../github/server.ts';
import { signatureOf } from '../github/webhook.ts';
import type { Person, PlannedCommit, PlannedRepository, Push, SeasonPlan } from './plan.ts';

type Repository = ReturnType<GitHubStandIn['addRepository']>;
type Account = ReturnType<GitHubStandIn['addUser']>;

/** What GitHub sends of a push, as a request without an address. */
export type Delivery = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

export const WEBHOOK_SECRET = 'what GitHub signs its deliveries with';
/** Commits put in on GitHub's own pages. */
const WEB_FLOW = 'web-flow';

/** GitHub, to which the people of a plan push as it is written there. */
export class GitHubOfSeason implements AsyncDisposable {
  readonly standIn: GitHubStandIn;
  readonly #accounts = new Map<string, Account>();
  readonly #repositories = new Map<string, Repository>();
  #deliveries = 0;

  constructor(standIn: GitHubStandIn) {
    this.standIn = standIn;
  }

  static async start({ people, others }: SeasonPlan, owner: string): Promise<GitHubOfSeason> {
    const gitHub = new GitHubOfSeason(await startGitHub());
    gitHub.standIn.addUser({ login: owner });
    gitHub.standIn.addUser({ login: WEB_FLOW });
    const everybody = [...people, ...others];
    for (const one of everybody) gitHub.#enter(one);
    for (const { repositories } of everybody) for (const one of repositories) gitHub.#addRepository(one);
    return gitHub;
  }

  #enter({ key, name }: Pick<Person, 'key' | 'name'>, login = key): void {
    const email = { email: `${key.replace(/\W/g, '')}@example.org`, verified: true, primary: true };
    this.#accounts.set(key, this.standIn.addUser({ login, name, emails: [email] }));
  }

  #addRepository({ key, owner, name, private: hidden, readers }: PlannedRepository): void {
    const repository = this.standIn.addRepository({ owner, name, private: hidden, readers });
    this.#repositories.set(key, repository);
  }

  /** What somebody is called now. */
  loginOf(key: string): string {
    return this.#accounts.get(key)?.login ?? key;
  }

  repository(key: string): Repository {
    const found = this.#repositories.get(key);
    if (!found) throw new Error(`The plan has no repository "${key}".`);
    return found;
  }

  /** @returns what GitHub sends of it */
  push({ at, repository: key, branch, commits, drops = 0 }: Push): Delivery {
    const repository = this.repository(key);
    const { branches, defaultBranch } = repository;
    const before = branches.get(branch) ?? branches.get(defaultBranch) ?? [];
    const kept = before.slice(0, before.length - drops);
    if (drops > before.length) throw new Error(`${key} ${branch} has fewer than ${drops} commits to throw away.`);
    if (kept.length > 0 || commits.length > 0) branches.set(branch, kept);
    const pushedAt = new Date(at * 1000).toISOString();
    for (const commit of commits)
      this.standIn.addCommit(repository, { ...this.#written(commit, key), branch, pushedAt });
    repository.pushedAt = `${pushedAt.slice(0, 19)}Z`;
    return this.#delivery(repository, branch);
  }

  #written(commit: PlannedCommit, repository: string) {
    const { sha, message, author, offset, authoredAt, committedAt, committer } = commit;
    const owner = repository.split('/', 1)[0] ?? '';
    // Who is nobody has the name of the one whose repository it is.
    const of = (key: string | null, seconds: number) => ({
      name: this.#accounts.get(key ?? owner)?.name ?? '',
      email: key === null ? 'who@nowhere.example' : `${key.replace(/\W/g, '')}@example.org`,
      date: zoned(seconds, offset),
      ...(key !== null && { login: this.loginOf(key) }),
    });
    return { sha, message, author: of(author, authoredAt), committer: of(committer ?? author, committedAt) };
  }

  #delivery(repository: Repository, branch: string): Delivery {
    this.#deliveries += 1;
    const owner = [...this.#accounts.values()].find(({ id }) => id === repository.ownerId)?.login ?? 'garden-club';
    const after = repository.branches.get(branch)?.at(-1)?.sha ?? '0'.repeat(40);
    const body = JSON.stringify({
      ref: `refs/heads/${branch}`,
      after,
      repository: { id: repository.id, full_name: `${owner}/${repository.name}` },
      // No two are the same text.
      delivery: this.#deliveries,
    });
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': `delivery-${this.#deliveries}`,
        'x-hub-signature-256': signatureOf(WEBHOOK_SECRET, body),
      },
    };
  }

  renameLogin(key: string, login: string): void {
    this.standIn.renameUser(this.#accounts.get(key)?.id ?? 0, login);
  }

  renameRepository(key: string, name: string): void {
    this.standIn.moveRepository(this.repository(key), { name });
  }

  strangerComes(key: string, login: string): void {
    this.#enter({ key, name: 'Somebody Else' }, login);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.standIn[Symbol.asyncDispose]();
  }
}

/** `2025-03-10T19:00:00-04:00` */
function zoned(seconds: number, offset: number): string {
  const sign = offset < 0 ? '-' : '+';
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  const ahead = `${sign}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
  return `${new Date((seconds + offset * 60) * 1000).toISOString().slice(0, 19)}${ahead}`;
}
