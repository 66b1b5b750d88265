import { createHash } from 'node:crypto';

export type Email = { readonly email: string; readonly verified: boolean; readonly primary: boolean };

export type Account = {
  /** Stays for ever; the login may change. */
  readonly id: number;
  login: string;
  name: string | null;
  readonly type: 'User' | 'Organization';
  emails: readonly Email[];
};

/** `date` is an instant such as `2025-11-03T09:00:00+09:00`; it is shown in UTC, as GitHub does. */
export type Signature = { readonly name: string; readonly email: string; readonly date: string };

export type Commit = {
  readonly sha: string;
  readonly message: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  /** The account GitHub takes the author for; null: the address belongs to nobody. */
  readonly authorId: number | null;
  readonly committerId: number | null;
};

export type Repository = {
  readonly id: number;
  ownerId: number;
  name: string;
  private: boolean;
  description: string | null;
  pushedAt: string | null;
  readonly createdAt: string;
  readonly defaultBranch: string;
  /** Accounts beside the owner that may read it. */
  readonly readers: Set<number>;
  /** Oldest commit first. */
  readonly branches: Map<string, readonly Commit[]>;
};

export type NewUser = {
  readonly id?: number;
  readonly login: string;
  readonly name?: string | null;
  readonly emails?: readonly Email[];
};

export type NewRepository = {
  readonly id?: number;
  /** A login; an organization of that name is made when nobody has it. */
  readonly owner: string;
  readonly name: string;
  readonly private?: boolean;
  readonly description?: string | null;
  readonly pushedAt?: string | null;
  /** Logins beside the owner that may read it. */
  readonly readers?: readonly string[];
};

export type NewCommit = {
  readonly sha?: string;
  readonly message?: string;
  /** `login` names the account outright; otherwise it is the one whose verified address this is. */
  readonly author: Signature & { readonly login?: string };
  /** The author when left out. */
  readonly committer?: Signature & { readonly login?: string };
  /** The default branch when left out; a new one starts where the default branch stands. */
  readonly branch?: string;
  /** When it was pushed, an instant: when it was committed, if left out. */
  readonly pushedAt?: string;
};

export type World = ReturnType<typeof createWorld>;

const inUtc = (instant: string): string => Temporal.Instant.from(instant).toString({ smallestUnit: 'second' });
const same = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();

/** The people, repositories and commits of the stand-in; ids count up from 1,000 unless given. */
export function createWorld(now: () => number) {
  const accounts = new Map<number, Account>();
  const repositories = new Map<number, Repository>();
  const formerNames = new Map<string, Repository>();
  let lastId = 1_000;
  const byLogin = (login: string) => accounts.values().find((account) => same(account.login, login));
  const known = (login: string): Account => {
    const account = byLogin(login);
    if (!account) throw new Error(`The stand-in has no account "${login}": addUser first.`);
    return account;
  };
  const ownerOf = ({ ownerId }: Repository) => accounts.get(ownerId) as Account;
  const fullName = (repository: Repository) => `${ownerOf(repository).login}/${repository.name}`;

  function addAccount({ id = ++lastId, login, name = null, emails = [] }: NewUser, type: Account['type']): Account {
    if (byLogin(login) || accounts.has(id)) throw new Error(`The login "${login}" or the id ${id} is taken.`);
    const account: Account = { id, login, name, emails, type };
    accounts.set(id, account);
    return account;
  }

  function addRepository(facts: NewRepository): Repository {
    const owner = byLogin(facts.owner) ?? addAccount({ login: facts.owner }, 'Organization');
    const repository: Repository = {
      id: facts.id ?? ++lastId,
      ownerId: owner.id,
      name: facts.name,
      private: facts.private ?? false,
      description: facts.description ?? null,
      pushedAt: facts.pushedAt ? inUtc(facts.pushedAt) : null,
      createdAt: inUtc(new Date(now()).toISOString()),
      defaultBranch: 'main',
      readers: new Set(facts.readers?.map((login) => known(login).id)),
      branches: new Map(),
    };
    repositories.set(repository.id, repository);
    return repository;
  }

  /** Whose a signature is taken for: the account named, or the one with that verified or noreply address. */
  function accountOf({ login, email }: { readonly login?: string; readonly email: string }): number | null {
    if (login !== undefined) return known(login).id;
    const owns = ({ id, emails }: Account) =>
      email.startsWith(`${id}+`) || emails.some((one) => one.verified && same(one.email, email));
    return accounts.values().find(owns)?.id ?? null;
  }

  /** A push of one commit: it becomes the head of its branch. */
  function addCommit(repository: Repository, facts: NewCommit): Commit {
    const branch = facts.branch ?? repository.defaultBranch;
    const history = repository.branches.get(branch) ?? repository.branches.get(repository.defaultBranch) ?? [];
    const committedBy = facts.committer ?? facts.author;
    const content = {
      message: facts.message ?? 'Change something',
      parents: history.slice(-1).map(({ sha }) => sha),
      author: signature(facts.author),
      committer: signature(committedBy),
    };
    const commit: Commit = {
      ...content,
      sha: facts.sha ?? createHash('sha1').update(JSON.stringify(content)).digest('hex'),
      authorId: accountOf(facts.author),
      committerId: accountOf(committedBy),
    };
    repository.branches.set(branch, [...history, commit]);
    const pushed = facts.pushedAt ? inUtc(facts.pushedAt) : commit.committer.date;
    if (repository.pushedAt === null || repository.pushedAt < pushed) repository.pushedAt = pushed;
    return commit;
  }

  return {
    accounts,
    repositories,
    byLogin,
    known,
    ownerOf,
    fullName,
    addUser: (user: NewUser): Account => addAccount(user, 'User'),
    addRepository,
    addCommit,
    /** Gives a repository another name, or to somebody else; its number stays. */
    moveRepository(repository: Repository, { owner, name }: { readonly owner?: string; readonly name?: string }): void {
      formerNames.set(fullName(repository).toLowerCase(), repository);
      if (name !== undefined) repository.name = name;
      if (owner !== undefined) repository.ownerId = known(owner).id;
    },
    deleteRepository: ({ id }: Repository): boolean => repositories.delete(id),
    /** What was called so before. */
    formerly: (owner: string, name: string) => formerNames.get(`${owner}/${name}`.toLowerCase()),
    /** The id stays; whoever takes the old login is somebody else. */
    renameUser(id: number, login: string): void {
      const account = accounts.get(id);
      if (!account || byLogin(login)) throw new Error(`Nobody has the id ${id}, or "${login}" is taken.`);
      account.login = login;
    },
    byFullName: (owner: string, name: string) =>
      repositories.values().find((repository) => same(fullName(repository), `${owner}/${name}`)),
  };
}

const signature = ({ name, email, date }: Signature): Signature => ({ name, email, date: inUtc(date) });
