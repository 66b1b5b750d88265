import type { Role } from '../../domain/access.ts';
import type { Scope } from '../../domain/api-key.ts';
import { startGitHub, type GitHubStandIn } from './github/server.ts';
import { startServer, type ServerUnderTest } from './server.ts';

/** What somebody's browser holds after signing in, and what a program would show instead. */
export type Tokens = { readonly accessToken: string; readonly refreshToken: string };

/** How a caller shows who they are: `{ authorization }`, `{ cookie }` or nothing. */
export type Credentials = Readonly<Record<string, string>>;

export type Person = Tokens & {
  readonly login: string;
  readonly id: string;
  /** As a program sends it. */
  readonly bearer: Credentials;
  /** As their browser sends it, from one of our own pages. */
  readonly browser: Credentials;
};

export type Called = {
  readonly status: number;
  /** What the procedure answered, or undefined. */
  readonly data: unknown;
  /** `FORBIDDEN`; undefined where it answered. */
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly headers: Headers;
};

export type Almanac = AsyncDisposable & {
  readonly server: ServerUnderTest;
  readonly github: GitHubStandIn;
  /** Named by the configuration. */
  readonly owner: Person;
  /** A request of the server, which follows no redirect. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  query(as: Credentials, procedure: string, input?: unknown): Promise<Called>;
  mutate(as: Credentials, procedure: string, input?: unknown): Promise<Called>;
  /** Signs an account in that GitHub knows, in whatever state its access is. */
  signIn(login: string): Promise<Person>;
  /** Somebody new, whom the owner has let in. */
  join(login: string, role?: Role): Promise<Person>;
  /** An API key of somebody's. */
  keyOf(person: Person, scopes: readonly Scope[], name?: string): Promise<IssuedKey>;
};

export type IssuedKey = { readonly keyId: string; readonly key: string; readonly bearer: Credentials };

export const ACCESS_COOKIE = '__Host-almanac-access';
export const REFRESH_COOKIE = '__Host-almanac-refresh';
export const SIGN_IN_COOKIE = '__Host-almanac-sign-in';

export const OWNER = 'the-owner';

type Options = {
  readonly env?: Readonly<Record<string, string>>;
  /** One that is used again; it is the caller's to remove, as is a GitHub. */
  readonly dataDirectory?: string;
  readonly github?: GitHubStandIn;
  readonly repositories?: readonly string[];
};

/** The product as a process, with a GitHub that people sign in by. Limits are off unless `env` sets them. */
export async function startAlmanac({ env = {}, github: given, ...options }: Options = {}): Promise<Almanac> {
  await using opening = new AsyncDisposableStack();
  const github = given ?? opening.use(await startGitHub());
  if (!given) github.addUser({ login: OWNER });
  if (env['PUBLIC_URL']) github.registerCallback(`${env['PUBLIC_URL']}/`);
  const server = opening.use(await startServer({ ...options, env: { ...environmentOf(github), ...env } }));
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, server.url), { redirect: 'manual', ...init });
  const query: Almanac['query'] = async (as, procedure, input) => {
    const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    return called(await ask(`/trpc/${procedure}${search}`, { headers: as }));
  };
  const mutate: Almanac['mutate'] = async (as, procedure, input) => {
    const headers = { ...as, 'content-type': 'application/json' };
    const body = input === undefined ? {} : { body: JSON.stringify(input) };
    return called(await ask(`/trpc/${procedure}`, { method: 'POST', headers, ...body }));
  };
  const signInAs = (login: string) => signIn({ github, ask }, login);
  const owner = await signInAs(OWNER);
  const open = opening.move();
  return {
    ...{ server, github, owner, ask, query, mutate, signIn: signInAs },
    async join(login, role = 'member') {
      github.addUser({ login });
      const person = await signInAs(login);
      await mutate(owner.bearer, 'users.approve', { id: person.id, role });
      return person;
    },
    async keyOf(person, scopes, name = 'a program') {
      const issued = await mutate(person.bearer, 'account.issueKey', { name, scopes, days: 30 });
      const { keyId, key } = issued.data as { keyId: string; key: string };
      return { keyId, key, bearer: { authorization: `Bearer ${key}` } };
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

const environmentOf = (github: GitHubStandIn) => ({
  GITHUB_CLIENT_ID: github.clientId,
  GITHUB_CLIENT_SECRET: github.clientSecret,
  GITHUB_WEB_URL: github.webUrl,
  GITHUB_API_URL: github.apiUrl,
  OWNERS: OWNER,
  RATE_LIMIT: '0',
});

async function called(response: Response): Promise<Called> {
  const body = (await response.json()) as {
    result?: { data?: unknown };
    error?: { message: string; data: { code: string } };
  };
  const { status, headers } = response;
  return { status, headers, data: body.result?.data, code: body.error?.data.code, message: body.error?.message };
}

/** The first half: what `/api/auth/login` sent the browser away with. */
export async function beginSignIn(
  { ask }: Pick<Almanac, 'ask'>,
  { query = '', headers = {} }: { query?: string; headers?: Credentials } = {},
): Promise<{ authorizeUrl: string; ticket: string }> {
  const begun = await ask(`/api/auth/login${query}`, { headers });
  const authorizeUrl = begun.headers.get('location');
  if (begun.status !== 302 || authorizeUrl === null) throw new Error(`Nobody was sent to GitHub (${begun.status}).`);
  return { authorizeUrl, ticket: cookieSet(begun, SIGN_IN_COOKIE) ?? '' };
}

/** The second half: a browser that holds the ticket comes back from GitHub. */
export const comeBack = (
  { ask }: Pick<Almanac, 'ask'>,
  callback: URL,
  { ticket, headers = {} }: { ticket: string | null; headers?: Credentials },
): Promise<Response> => {
  const cookies = [headers['cookie'], ticket === null ? undefined : `${SIGN_IN_COOKIE}=${ticket}`].filter(Boolean);
  const cookie = cookies.length > 0 ? { cookie: cookies.join('; ') } : {};
  return ask(callback.pathname + callback.search, { headers: { ...headers, ...cookie } });
};

async function signIn(almanac: Pick<Almanac, 'github' | 'ask'>, login: string): Promise<Person> {
  const { authorizeUrl, ticket } = await beginSignIn(almanac);
  const answer = await comeBack(almanac, await almanac.github.signIn(authorizeUrl, login), { ticket });
  const [accessToken, refreshToken] = [cookieSet(answer, ACCESS_COOKIE), cookieSet(answer, REFRESH_COOKIE)];
  if (!accessToken || !refreshToken)
    throw new Error(`"${login}" did not get in: ${answer.status} ${answer.headers.get('location')}`);
  const bearer = { authorization: `Bearer ${accessToken}` };
  const { id } = (await (await almanac.ask('/api/auth/me', { headers: bearer })).json()) as { id: string };
  return { login, id, accessToken, refreshToken, bearer, browser: browserWith({ accessToken, refreshToken }) };
}

/** The headers of a request from one of our own pages. */
export const browserWith = ({ accessToken, refreshToken }: Partial<Tokens>): Credentials => ({
  cookie: [
    ...(accessToken === undefined ? [] : [`${ACCESS_COOKIE}=${accessToken}`]),
    ...(refreshToken === undefined ? [] : [`${REFRESH_COOKIE}=${refreshToken}`]),
  ].join('; '),
  'sec-fetch-site': 'same-origin',
});

/** What an answer sets a cookie to; undefined where it does not, an empty text where it takes it away. */
export const cookieSet = (answer: Response, name: string): string | undefined =>
  answer.headers
    .getSetCookie()
    .findLast((cookie) => cookie.startsWith(`${name}=`))
    ?.slice(name.length + 1)
    .split(';', 1)[0];
