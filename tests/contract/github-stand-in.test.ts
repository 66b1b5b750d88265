import { Octokit, RequestError } from 'octokit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { byChance, primaryLimit, secondaryLimit } from '../support/github/faults.ts';
import { startGitHub, type GitHubStandIn } from '../support/github/server.ts';

let github: GitHubStandIn;

/** GitHub's own client, which neither waits nor tries again. */
const as = (token?: string) =>
  new Octokit({
    baseUrl: github.apiUrl,
    ...(token !== undefined && { auth: token }),
    retry: { enabled: false },
    throttle: { enabled: false },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });

async function refused(request: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await request.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RequestError)) throw new Error('Nothing was refused.', { cause: error });
  return error;
}

const headersOf = ({ headers }: { headers: Record<string, unknown> }) => headers;

beforeAll(async () => {
  github = await startGitHub();
});
afterAll(() => github[Symbol.asyncDispose]());

describe('accounts of the stand-in', () => {
  beforeAll(() => {
    github.addUser({
      id: 1,
      login: 'garden-kim',
      name: '김정원',
      emails: [
        { email: 'garden@example.com', verified: true, primary: true },
        { email: 'old@example.com', verified: false, primary: false },
      ],
    });
  });

  test('are known by their tokens', async () => {
    const { data } = await as(github.tokenFor('garden-kim', [])).request('GET /user');
    expect(data).toMatchObject({ id: 1, login: 'garden-kim', name: '김정원', email: null });
  });

  test('keep their id when they are renamed', async () => {
    const { id } = github.addUser({ login: 'before', name: null });
    const token = github.tokenFor('before', []);
    github.renameUser(id, 'after');
    const { data } = await as(token).request('GET /user');
    expect(data).toMatchObject({ id, login: 'after' });
  });

  test('show their addresses to a token with user:email, or user, which includes it', async () => {
    for (const scope of ['user:email', 'user']) {
      const { data } = await as(github.tokenFor('garden-kim', [scope])).request('GET /user/emails');
      expect(data.map(({ email, verified }) => [email, verified])).toEqual([
        ['garden@example.com', true],
        ['old@example.com', false],
      ]);
    }
    expect(await refused(as(github.tokenFor('garden-kim', ['read:user'])).request('GET /user/emails'))).toMatchObject({
      status: 404,
    });
  });

  test('name the scopes of a token in a header, without those that others include', async () => {
    const token = github.tokenFor('garden-kim', ['user:email', 'user', 'repo', 'repo']);
    expect(headersOf(await as(token).request('GET /user'))).toMatchObject({ 'x-oauth-scopes': 'repo, user' });
  });

  test('ask for credentials, and refuse those that are not theirs', async () => {
    expect(await refused(as().request('GET /user'))).toMatchObject({ status: 401 });
    const wrong = await refused(as('gho_of_nobody').request('GET /user'));
    expect(wrong).toMatchObject({ status: 401 });
    expect(wrong.message).toMatch('Bad credentials');
    // Also where nothing needs to be shown.
    github.addRepository({ owner: 'garden-kim', name: 'open' });
    expect(await refused(as('gho_of_nobody').request('GET /repos/garden-kim/open'))).toMatchObject({ status: 401 });
  });

  test('refuse who does not name a user agent', async () => {
    const answer = await fetch(`${github.apiUrl}/user`, { headers: { 'user-agent': '' } });
    expect(answer.status).toBe(403);
  });
});

describe('tokens of the stand-in', () => {
  const revoke = (token: string | undefined, secret = github.clientSecret) =>
    fetch(`${github.apiUrl}/applications/${github.clientId}/token`, {
      method: 'DELETE',
      headers: { authorization: `basic ${Buffer.from(`${github.clientId}:${secret}`).toString('base64')}` },
      body: JSON.stringify({ access_token: token }),
    });

  test('end when the application gives them back, once', async () => {
    github.addUser({ login: 'giver' });
    const [token, other] = [github.tokenFor('giver', []), github.tokenFor('giver', [])];
    expect((await revoke(token, 'a wrong secret')).status).toBe(401);
    expect((await revoke(undefined)).status).toBe(422);
    expect((await revoke(token)).status).toBe(204);
    expect((await revoke(token)).status).toBe(404);
    expect(await refused(as(token).request('GET /user'))).toMatchObject({ status: 401 });
    await as(other).request('GET /user');
  });

  test('end all together when the person withdraws the authorization', async () => {
    github.addUser({ login: 'withdrawer' });
    const tokens = [github.tokenFor('withdrawer', []), github.tokenFor('withdrawer', ['repo'])];
    github.withdraw('withdrawer');
    for (const token of tokens) expect(await refused(as(token).request('GET /user'))).toMatchObject({ status: 401 });
  });
});

describe('repositories of the stand-in', () => {
  beforeAll(() => {
    github.addUser({ login: 'owner' });
    github.addUser({ login: 'reader' });
    github.addUser({ login: 'stranger' });
    const readers = ['reader'];
    github.addRepository({
      owner: 'owner',
      name: 'private-one',
      private: true,
      readers,
      pushedAt: '2025-03-02T00:00:00Z',
    });
    github.addRepository({ owner: 'owner', name: 'public-one', readers, pushedAt: '2025-03-03T00:00:00Z' });
    github.addRepository({
      owner: 'an-organization',
      name: 'of-all',
      private: true,
      readers,
      pushedAt: '2025-03-01T00:00:00Z',
    });
    github.addRepository({ owner: 'reader', name: 'never-pushed' });
  });

  const names = async (token: string, query: Record<string, string> = {}) => {
    const { data } = await as(token).request('GET /user/repos', query);
    return data.map(({ full_name }) => full_name);
  };

  test('that are private are listed only with the scope repo', async () => {
    expect(await names(github.tokenFor('reader', ['read:user']))).toEqual(['owner/public-one', 'reader/never-pushed']);
    expect(await names(github.tokenFor('reader', ['public_repo']))).toHaveLength(2);
    expect(await names(github.tokenFor('reader', ['repo']))).toEqual([
      'an-organization/of-all',
      'owner/private-one',
      'owner/public-one',
      'reader/never-pushed',
    ]);
  });

  test('are listed by push, by visibility and by what the account is to them', async () => {
    const token = github.tokenFor('reader', ['repo']);
    expect(await names(token, { sort: 'pushed' })).toEqual([
      'owner/public-one',
      'owner/private-one',
      'an-organization/of-all',
      'reader/never-pushed',
    ]);
    expect(await names(token, { visibility: 'private', affiliation: 'collaborator' })).toEqual(['owner/private-one']);
    expect(await names(token, { affiliation: 'owner,organization_member' })).toEqual([
      'an-organization/of-all',
      'reader/never-pushed',
    ]);
  });

  test('that are private do not exist for who may not read them', async () => {
    const path = 'GET /repos/owner/private-one';
    for (const token of [undefined, github.tokenFor('stranger', ['repo']), github.tokenFor('owner', ['user'])])
      expect(await refused(as(token).request(path))).toMatchObject({ status: 404 });
    for (const login of ['owner', 'reader']) {
      const { data } = await as(github.tokenFor(login, ['repo'])).request(path);
      expect(data).toMatchObject({ full_name: 'owner/private-one', private: true, pushed_at: '2025-03-02T00:00:00Z' });
    }
    await as().request('GET /repos/owner/public-one');
  });

  test('move with their owner to a new login', async () => {
    const { id } = github.addUser({ login: 'mover' });
    github.addRepository({ owner: 'mover', name: 'luggage' });
    github.renameUser(id, 'moved');
    const { data } = await as().request('GET /repos/moved/luggage');
    expect(data.owner).toMatchObject({ id, login: 'moved' });
    expect(await refused(as().request('GET /repos/mover/luggage'))).toMatchObject({ status: 404 });
  });

  test('come in pages that name each other, and a client that follows them sees each once', async () => {
    github.addUser({ login: 'collector' });
    for (let one = 1; one <= 7; one += 1) github.addRepository({ owner: 'collector', name: `r${one}` });
    const octokit = as(github.tokenFor('collector', []));
    const second = await octokit.request('GET /user/repos', { per_page: 3, page: 2 });
    const page = (to: number) => `<${github.apiUrl}/user/repos?per_page=3&page=${to}>`;
    expect(headersOf(second)['link']).toBe(
      `${page(1)}; rel="prev", ${page(3)}; rel="next", ${page(3)}; rel="last", ${page(1)}; rel="first"`,
    );
    const all = await octokit.paginate('GET /user/repos', { per_page: 3 });
    expect(all.map(({ name }) => name)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7']);
  });
});

describe('commits of the stand-in', () => {
  const signature = (date: string, email = 'ann@example.com') => ({ name: 'Ann', email, date });
  const log = { owner: 'ann', repo: 'log' };
  const messages = async (query: { author?: string; since?: string; until?: string; sha?: string }) => {
    const { data } = await as().rest.repos.listCommits({ ...log, ...query });
    return data.map(({ commit }) => commit.message);
  };

  beforeAll(() => {
    const emails = [{ email: 'ann@example.com', verified: true, primary: true }];
    github.addUser({ id: 77, login: 'ann', emails });
    const repository = github.addRepository({ owner: 'ann', name: 'log' });
    github.addCommit(repository, { message: 'one', author: signature('2025-03-01T09:00:00+09:00') });
    github.addCommit(repository, {
      message: 'rebased',
      author: signature('2025-03-02T00:00:00Z'),
      committer: signature('2025-03-05T00:00:00Z', 'robot@example.com'),
    });
    github.addCommit(repository, {
      message: 'of another',
      author: signature('2025-03-06T00:00:00Z', 'bob@example.com'),
    });
    github.addCommit(repository, {
      message: 'aside',
      branch: 'side',
      author: signature('2025-03-07T00:00:00Z', '77+ann@users'),
    });
  });

  test('show both dates in UTC, and the account an address belongs to', async () => {
    const { data } = await as().rest.repos.listCommits(log);
    expect(
      data.map(({ commit, author }) => [commit.author?.date, commit.committer?.date, author && 'login' in author]),
    ).toEqual([
      ['2025-03-06T00:00:00Z', '2025-03-06T00:00:00Z', null],
      ['2025-03-02T00:00:00Z', '2025-03-05T00:00:00Z', true],
      ['2025-03-01T00:00:00Z', '2025-03-01T00:00:00Z', true],
    ]);
    expect(data[1]?.committer).toBeNull();
    expect(data[0]?.parents[0]?.sha).toBe(data[1]?.sha);
    expect(data[0]?.sha).toMatch(/^[\da-f]{40}$/);
  });

  test('are found between two committer dates, by author, by branch and up to a commit', async () => {
    expect(await messages({ since: '2025-03-04T00:00:00Z', until: '2025-03-05T12:00:00Z' })).toEqual(['rebased']);
    expect(await messages({ author: 'Ann' })).toEqual(['rebased', 'one']);
    expect(await messages({ author: 'bob@example.com' })).toEqual(['of another']);
    expect(await messages({ sha: 'side', author: 'ann' })).toEqual(['aside', 'rebased', 'one']);
    const { data } = await as().rest.repos.listBranches(log);
    const side = data.find(({ name }) => name === 'side');
    expect(await messages({ sha: side?.commit.sha ?? '', since: '2025-03-06T12:00:00Z' })).toEqual(['aside']);
    expect(await refused(as().request('GET /repos/ann/log/commits', { sha: 'nowhere' }))).toMatchObject({
      status: 404,
    });
  });

  test('belong to nobody where the address is not verified: anybody could have claimed it', async () => {
    github.addUser({ login: 'claimer', emails: [{ email: 'claimed@example.com', verified: false, primary: false }] });
    const repository = github.addRepository({ owner: 'claimer', name: 'log' });
    github.addCommit(repository, { author: signature('2025-03-01T00:00:00Z', 'claimed@example.com') });
    const { data } = await as().rest.repos.listCommits({ owner: 'claimer', repo: 'log' });
    expect(data[0]?.author).toBeNull();
  });

  test('move the date of the last push', async () => {
    const { data } = await as().request('GET /repos/ann/log');
    expect(data.pushed_at).toBe('2025-03-07T00:00:00Z');
  });

  test('are a conflict where there are none', async () => {
    github.addRepository({ owner: 'ann', name: 'empty' });
    expect(await refused(as().request('GET /repos/ann/empty/commits'))).toMatchObject({ status: 409 });
  });
});

describe('quota and conditions of the stand-in', () => {
  let token: string;
  let login: string;
  let count = 0;
  const remaining = (answer: { headers: Record<string, unknown> }) => Number(answer.headers['x-ratelimit-remaining']);

  beforeEach(() => {
    login = `asker-${(count += 1)}`;
    github.addUser({ login });
    token = github.tokenFor(login, []);
  });

  test('an answer that has not changed is 304, which Octokit throws, and costs nothing', async () => {
    const octokit = as(token);
    const first = await octokit.request('GET /user/repos');
    const condition = { headers: { 'if-none-match': String(first.headers.etag) } };
    const unchanged = await refused(octokit.request('GET /user/repos', condition));
    expect(unchanged.status).toBe(304);
    expect(remaining({ headers: unchanged.response?.headers ?? {} })).toBe(remaining(first));
    github.addRepository({ owner: login, name: 'new' });
    const changed = await octokit.request('GET /user/repos', condition);
    expect(changed.data).toHaveLength(1);
    expect(changed.headers.etag).not.toBe(first.headers.etag);
    expect(remaining(changed)).toBe(remaining(first) - 1);
  });

  test('an entity tag is good only for the credentials it was given to', async () => {
    const first = await as(token).request('GET /user');
    const condition = { headers: { 'if-none-match': String(first.headers.etag) } };
    await as(github.tokenFor(login, [])).request('GET /user', condition);
  });

  test('a spent quota is refused with when it will be fresh, and then it is', async () => {
    github.leaveQuota(login, 1);
    expect(remaining(await as(token).request('GET /user'))).toBe(0);
    const { status, response, message } = await refused(as(token).request('GET /user'));
    expect([status, response?.headers['x-ratelimit-remaining']]).toEqual([403, '0']);
    expect(message).toMatch('API rate limit exceeded');
    expect(Number(response?.headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000);
    github.advance(3_600_000);
    expect(remaining(await as(token).request('GET /user'))).toBe(4_999);
  });

  test('fails as it is told, once, and only where', async () => {
    const octokit = as(token);
    github.faults.next(secondaryLimit(30), '/user');
    await octokit.request('GET /user/repos');
    const limited = await refused(octokit.request('GET /user'));
    expect([limited.status, limited.response?.headers['retry-after']]).toEqual([429, '30']);
    github.faults.next({ status: 502 });
    expect(await refused(octokit.request('GET /user'))).toMatchObject({ status: 502 });
    github.faults.next(primaryLimit(2_000_000_000));
    expect(await refused(octokit.request('GET /user'))).toMatchObject({ status: 403 });
    await octokit.request('GET /user');
  });

  test('breaks off, changes or withholds an answer that was ready', async () => {
    const url = `${github.apiUrl}/user`;
    const headers = { authorization: `Bearer ${token}` };
    github.faults.next({ cutAfter: 10 });
    await expect(fetch(url, { headers }).then((answer) => answer.text())).rejects.toThrow('terminated');
    github.faults.next({ body: (text) => text.slice(0, 10) });
    expect(await (await fetch(url, { headers })).text()).toBe('{"login":"');
    github.faults.next({ unanswered: true });
    await expect(fetch(url, { headers, signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout');
  });

  test('takes its time, and says what it was asked', async () => {
    github.pace.latencyMs = 60;
    github.faults.choose = ({ path }) => (path.endsWith('/user') ? { delayMs: 60 } : null);
    const started = performance.now();
    await as(token).request('GET /user', { per_page: 1 });
    github.pace.latencyMs = 0;
    github.faults.choose = () => null;
    expect(performance.now() - started).toBeGreaterThanOrEqual(119);
    const last = github.requests.at(-1);
    expect(last).toMatchObject({ method: 'GET', path: '/api/v3/user', headers: { authorization: `token ${token}` } });
    expect(last?.query.get('per_page')).toBe('1');
  });
});

describe('accounts and repositories the stand-in shows to anybody', () => {
  let number: number;
  beforeAll(() => {
    number = github.addUser({ login: 'public-person' }).id;
    github.addRepository({ owner: 'public-person', name: 'open', pushedAt: '2025-03-02T00:00:00Z' });
    github.addRepository({ owner: 'public-person', name: 'closed', private: true });
    github.addRepository({ owner: 'a-company', name: 'of-both', readers: ['public-person'] });
  });

  test('an account is known by its number, whatever it is called, and by its login', async () => {
    const { id } = github.addUser({ login: 'called-so' });
    github.renameUser(id, 'called-otherwise');
    const byNumber = await as().request('GET /user/{account_id}', { account_id: id });
    expect(byNumber.data).toMatchObject({ id, login: 'called-otherwise' });
    const byLogin = await as().request('GET /users/{username}', { username: 'called-otherwise' });
    expect(byLogin.data).toMatchObject({ id });
    expect(await refused(as().request('GET /users/{username}', { username: 'called-so' }))).toMatchObject({
      status: 404,
    });
    expect(await refused(as().request('GET /user/{account_id}', { account_id: 4 }))).toMatchObject({ status: 404 });
  });

  test.each([
    ['all', ['a-company/of-both', 'public-person/open']],
    ['owner', ['public-person/open']],
    ['member', ['a-company/of-both']],
  ] as const)('repositories of an account (%s) are its public ones', async (type, names) => {
    const { data } = await as().request('GET /users/{username}/repos', { username: 'public-person', type });
    expect(data.map(({ full_name }) => full_name)).toEqual(names);
    const own = as(github.tokenFor('public-person', ['repo']));
    const seen = await own.request('GET /users/{username}/repos', { username: 'public-person', type });
    expect(seen.data).toHaveLength(names.length);
    expect(number).toBeGreaterThan(0);
  });

  test('a list that is as it was is not sent again, and is not counted', async () => {
    const own = as(github.tokenFor('public-person', []));
    const path = 'GET /users/{username}/repos';
    const { headers } = await own.request(path, { username: 'public-person' });
    const again = { username: 'public-person', headers: { 'if-none-match': headers.etag } };
    const unchanged = await refused(own.request(path, again));
    expect(unchanged.status).toBe(304);
    expect(unchanged.response?.headers['x-ratelimit-used']).toBe(headers['x-ratelimit-used']);
  });

  test('a repository that was renamed or given away is pointed to by its number, by who may see it', async () => {
    const moved = github.addRepository({ owner: 'public-person', name: 'before' });
    github.moveRepository(moved, { name: 'after' });
    const ask = (name: string) => fetch(`${github.apiUrl}/repos/public-person/${name}`, { redirect: 'manual' });
    const answer = await ask('before');
    expect([answer.status, answer.headers.get('location')]).toEqual([301, `${github.apiUrl}/repositories/${moved.id}`]);
    expect((await ask('after')).status).toBe(200);
    moved.private = true;
    expect((await ask('before')).status).toBe(404);
    github.deleteRepository(moved);
    expect((await ask('after')).status).toBe(404);
  });
});

describe('faults by chance', () => {
  test('are the same ones for the same seed, and as many as asked for', () => {
    const request = { method: 'GET', path: '/', query: new URLSearchParams(), headers: {}, body: '' };
    const struck = (seed: number, rate: number) => {
      const choose = byChance(seed, rate);
      return Array.from({ length: 1_000 }, () => JSON.stringify(choose(request)));
    };
    expect(struck(1, 0.2)).toEqual(struck(1, 0.2));
    expect(struck(1, 0.2)).not.toEqual(struck(2, 0.2));
    const faults = struck(1, 0.2).filter((one) => one !== 'null').length;
    expect(faults).toBeGreaterThan(150);
    expect(faults).toBeLessThan(250);
    expect(struck(1, 0).every((one) => one === 'null')).toBe(true);
  });
});
