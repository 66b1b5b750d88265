import { Hono, type Context } from 'hono';
import { apiError, apiRules, notFound, type ApiEnv } from './api-rules.ts';
import type { Bodies } from './bodies.ts';
import type { Grants, Token } from './grants.ts';
import { paged } from './paging.ts';
import type { Quotas } from './quota.ts';
import { allows } from './scopes.ts';
import type { Account, Commit, Repository, World } from './world.ts';

export type ApiParts = {
  readonly world: World;
  readonly grants: Grants;
  readonly quotas: Quotas;
  readonly bodies: Bodies;
  readonly apiUrl: string;
};

const same = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();

/** The part of the REST API that Almanac asks: https://docs.github.com/rest */
export function apiRoutes(parts: ApiParts): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use(apiRules(parts.grants, parts.quotas));
  accountRoutes(app, parts);
  repositoryRoutes(app, parts);
  app.delete('/applications/:client/token', async (c) => {
    const { grants } = parts;
    const [client = '', secret = ''] = basicOf(c);
    if (!grants.isApp(client, secret) || client !== c.req.param('client')) return apiError(401, 'Bad credentials');
    const body: unknown = await c.req.json().catch(() => null);
    const token = (body as { access_token?: unknown } | null)?.access_token;
    if (typeof token !== 'string') return apiError(422, 'Invalid request. No access_token was provided.');
    return grants.revoke(token) ? c.body(null, 204) : notFound();
  });
  app.notFound(notFound);
  return app;
}

function basicOf(c: Context): string[] {
  const text = /^basic +(.*)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
  return Buffer.from(text, 'base64').toString().split(':');
}

function accountRoutes(app: Hono<ApiEnv>, { world, bodies, apiUrl }: ApiParts): void {
  app.get('/user', (c) => {
    const me = signedIn(c, world);
    return me ? c.json(bodies.user(me)) : apiError(401, 'Requires authentication');
  });

  app.get('/users/:login', (c) => {
    const account = world.byLogin(c.req.param('login'));
    return account ? c.json(bodies.user(account)) : notFound();
  });

  app.get('/users/:login/repos', (c) => {
    const account = world.byLogin(c.req.param('login'));
    if (!account) return notFound();
    const type = c.req.query('type') ?? 'owner';
    const found = [...world.repositories.values()].filter((repository) => {
      const owns = repository.ownerId === account.id;
      const isMember = !owns && repository.readers.has(account.id);
      return !repository.private && ((owns && type !== 'member') || (isMember && type !== 'owner'));
    });
    const sorted = inOrder(found, c.req.query('sort'), c.req.query('direction'), world);
    return c.json(paged(c, apiUrl, sorted).map(bodies.repository));
  });

  app.get('/user/emails', (c) => {
    const me = signedIn(c, world);
    if (!me) return apiError(401, 'Requires authentication');
    c.header('X-Accepted-OAuth-Scopes', 'user, user:email');
    // Without the scope GitHub does not say that it is missing.
    if (!allows(c.get('token')?.scopes ?? [], 'user:email')) return notFound();
    return c.json(paged(c, apiUrl, bodies.emails(me)));
  });

  app.get('/user/repos', (c) => {
    const me = signedIn(c, world);
    if (!me) return apiError(401, 'Requires authentication');
    const affiliations = (c.req.query('affiliation') ?? 'owner,collaborator,organization_member').split(',');
    const visibility = c.req.query('visibility') ?? 'all';
    const found = [...world.repositories.values()].filter(
      (repository) =>
        mayRead(repository, c.get('token')) &&
        affiliations.includes(affiliationOf(repository, me, world)) &&
        (visibility === 'all' || repository.private === (visibility === 'private')),
    );
    const sorted = inOrder(found, c.req.query('sort'), c.req.query('direction'), world);
    return c.json(paged(c, apiUrl, sorted).map(bodies.repository));
  });

  app.get('/user/:id', (c) => {
    const account = world.accounts.get(Number(c.req.param('id')));
    return account ? c.json(bodies.user(account)) : notFound();
  });
}

function repositoryRoutes(app: Hono<ApiEnv>, { world, bodies, apiUrl }: ApiParts): void {
  /** A private repository that may not be read does not exist. */
  const asked = (c: Context<ApiEnv>): Repository | undefined => {
    const { owner = '', name = '' } = c.req.param() as Record<string, string>;
    const repository = world.byFullName(owner, name);
    return repository && (!repository.private || mayRead(repository, c.get('token'))) ? repository : undefined;
  };

  /** What is not there under its name; what was renamed or moved is pointed to by its number, as GitHub does. */
  const missing = (c: Context<ApiEnv>): Response => {
    const { owner = '', name = '' } = c.req.param() as Record<string, string>;
    const moved = world.formerly(owner, name);
    if (!moved || (moved.private && !mayRead(moved, c.get('token')))) return notFound();
    const { pathname, search } = new URL(c.req.url);
    const rest = pathname.slice(pathname.indexOf('/repos/')).split('/').slice(4).join('/');
    const location = `${apiUrl}/repositories/${moved.id}${rest && `/${rest}`}${search}`;
    return apiError(301, 'Moved Permanently', { location });
  };

  app.get('/repos/:owner/:name', (c) => {
    const repository = asked(c);
    return repository ? c.json(bodies.repository(repository)) : missing(c);
  });

  app.get('/repos/:owner/:name/branches', (c) => {
    const repository = asked(c);
    if (!repository) return missing(c);
    const branches = [...repository.branches].map(([name, commits]) => bodies.branch(repository, name, commits.at(-1)));
    return c.json(paged(c, apiUrl, branches));
  });

  app.get('/repos/:owner/:name/commits', (c) => {
    const repository = asked(c);
    if (!repository) return missing(c);
    if (repository.branches.size === 0) return apiError(409, 'Git Repository is empty.');
    const history = historyOf(repository, c.req.query('sha'));
    if (!history) return notFound();
    const found = history.filter((commit) => matches(commit, c, world)).reverse();
    return c.json(paged(c, apiUrl, found).map((commit) => bodies.commit(repository, commit)));
  });
}

const signedIn = (c: Context<ApiEnv>, world: World): Account | undefined => {
  const token = c.get('token');
  return token && world.accounts.get(token.accountId);
};

function mayRead(repository: Repository, token: Token | undefined): boolean {
  if (!token || (repository.private && !allows(token.scopes, 'repo'))) return false;
  return repository.ownerId === token.accountId || repository.readers.has(token.accountId);
}

const affiliationOf = (repository: Repository, me: Account, world: World): string => {
  if (repository.ownerId === me.id) return 'owner';
  return world.ownerOf(repository).type === 'Organization' ? 'organization_member' : 'collaborator';
};

function inOrder(found: Repository[], sort = 'full_name', direction: string | undefined, world: World): Repository[] {
  const keys: Readonly<Record<string, (repository: Repository) => string>> = {
    pushed: ({ pushedAt }) => pushedAt ?? '',
    updated: ({ pushedAt, createdAt }) => pushedAt ?? createdAt,
    created: ({ createdAt, id }) => `${createdAt} ${String(id).padStart(12, '0')}`,
  };
  const key = keys[sort] ?? ((repository: Repository) => world.fullName(repository).toLowerCase());
  const ascending = (direction ?? (sort === 'full_name' ? 'asc' : 'desc')) === 'asc';
  const sorted = found.toSorted((left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0));
  return ascending ? sorted : sorted.reverse();
}

/** Up to the head of a branch or up to a commit, oldest first. */
function historyOf(repository: Repository, from = repository.defaultBranch): readonly Commit[] | undefined {
  const branch = repository.branches.get(from);
  if (branch) return branch;
  for (const commits of repository.branches.values()) {
    const place = commits.findIndex(({ sha }) => sha === from);
    if (place >= 0) return commits.slice(0, place + 1);
  }
  return undefined;
}

/** `since` and `until` go by the committer's date: a rebase moves it, and leaves the author's. */
function matches(commit: Commit, c: Context, world: World): boolean {
  const { author, since, until } = c.req.query();
  const login = commit.authorId === null ? '' : (world.accounts.get(commit.authorId)?.login ?? '');
  if (author && !same(author, login) && !same(author, commit.author.email)) return false;
  const at = Date.parse(commit.committer.date);
  return (!since || at >= Date.parse(since)) && (!until || at <= Date.parse(until));
}
