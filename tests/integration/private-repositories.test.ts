import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scope } from '../../domain/api-key.ts';
import { appRouter } from '../../server/api/router.ts';
import { readAddress } from '../../server/server-address.ts';
import {
  BOTH,
  CANARIES,
  DAY,
  EVERYTHING,
  GITHUB_ID,
  KIMS_ACCOUNT,
  LEES_CANARIES,
  PRIVATE_ID,
  PrivateLog,
} from '../support/private-log.ts';
import { everythingTold, toldByQueries, type Ask, type Question, type Told } from '../support/told.ts';
import { startServer } from '../support/server.ts';
import { startAlmanac, type Almanac, type Credentials, type Person } from '../support/signed-in.ts';

const kims = { github_id: 'kim' };
/** What each query is asked; a new one belongs in here. `null`: it takes no input. */
const ASKED: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> = {
  'attendance.book': {},
  'attendance.day': { date: DAY },
  'attendance.stats': {},
  'attendance.statsOfDay': { date: DAY },
  'attendance.history': kims,
  'attendance.ranking': {},
  'attendance.hourlyCommits': {},
  'attendance.onDate': { date: DAY },
  'statistics.of': { compare: true },
  'reasons.why': { handle: 'kim', date: DAY },
  'collections.list': null,
  'collections.progress': null,
  'collections.flagged': { limit: 100 },
  'commits.page': { handle: 'kim', limit: 100 },
  'commits.list': { ...kims, limit: 100 },
  'commits.stats': kims,
  'commits.dailyCounts': kims,
  'members.profile': { handle: 'kim' },
  'profiles.insights': { handle: 'kim' },
  'profiles.sharing': {},
  'profiles.shared': { token: 'no-such-token' },
  'goals.of': { handle: 'kim' },
  'cheers.of': { handle: 'kim' },
  'wrapUp.of': {},
  'challenges.list': null,
  'challenges.seasons': null,
  'challenges.season': { challenge: BOTH },
  'challenges.joinable': null,
  'corrections.list': { challenge: BOTH },
  'events.latest': { limit: 200 },
  'events.recorded': { limit: 200 },
  'auth.caller': null,
  'auth.me': null,
  'account.get': null,
  'account.sessions': null,
  'account.keys': null,
  'account.reachable': null,
  'users.list': null,
  'users.get': { id: 'kim' },
  'users.byGitHub': kims,
  'users.access': null,
  'users.byCommits': null,
  'users.identities': { id: 'kim' },
  'audit.list': { limit: 200 },
  'jobs.list': null,
  'jobs.history': {},
  'inbox.list': {},
  'inbox.unread': null,
  'inbox.preferences': null,
  'messages.drafts': {},
  'messages.channels': null,
  'messages.history': {},
  'messages.latestFor': { handle: 'kim' },
  'status.get': null,
  'status.moment': null,
  'projections.list': null,
  'subscribers.parked': null,
};
/** Asked of a season: of the book of the public repository, and of the challenges that count the private one. */
const OF_A_SEASON = /^(attendance|statistics|reasons|commits|members)\./;
const SEASONS = [undefined, BOTH, EVERYTHING];

let log: PrivateLog;
let almanac: Almanac;
const people: Record<string, Person> = {};
const callers: Record<string, Credentials> = {};
beforeAll(async () => {
  log = await PrivateLog.create();
  const { estate, repository } = log;
  almanac = await startAlmanac({
    dataDirectory: estate.directory,
    repositories: [repository.path],
    env: { API_AUTH_TOKEN: 'the-single-token-of-the-seeds' },
  });
  const { github, mutate } = almanac;
  const addressOf = (login: string) => [{ email: `${login}@example.org`, verified: true, primary: true }];
  for (const login of ['kim', 'lee', 'ada', 'wim'])
    github.addUser({ login, emails: addressOf(login), ...(login === 'kim' && { id: KIMS_ACCOUNT.id }) });
  const [owner, name] = CANARIES.name.split('/') as [string, string];
  github.addRepository({ id: GITHUB_ID, owner, name, private: true, readers: ['kim'] });
  for (const login of ['kim', 'lee', 'ada', 'wim']) people[login] = await almanac.signIn(login);
  const { bearer } = almanac.owner;
  await mutate(bearer, 'users.approve', { id: people['kim']?.id });
  await mutate(bearer, 'users.approve', { id: people['lee']?.id });
  await mutate(bearer, 'users.approve', { id: people['ada']?.id, role: 'admin' });
  await mutate(bearer, 'status.collectNow');
  await nameCallers();
});
afterAll(async () => {
  await almanac?.[Symbol.asyncDispose]();
  await log?.[Symbol.asyncDispose]();
});

const keyOf = async (login: string, ...scopes: Scope[]): Promise<Credentials> =>
  (await almanac.keyOf(people[login] ?? almanac.owner, scopes)).bearer;
async function nameCallers(): Promise<void> {
  Object.assign(callers, {
    nobody: {},
    'somebody who waits': people['wim']?.browser,
    'another member': people['lee']?.browser,
    "another member's key": await keyOf('lee', 'read', 'log:write'),
    admin: people['ada']?.browser,
    "an admin's key": await keyOf('ada', 'read', 'admin'),
    owner: almanac.owner.bearer,
    "an owner's key": await keyOf('the-owner', 'read', 'log:write', 'admin'),
    'the API_AUTH_TOKEN': { authorization: 'Bearer the-single-token-of-the-seeds' },
    "the author's key that may not read": await keyOf('kim', 'log:write'),
    author: people['kim']?.browser,
    "author's key": await keyOf('kim', 'read'),
    operator: { authorization: `Bearer ${readAddress(almanac.server.dataDirectory)?.token}` },
  });
}
const OTHERS = [
  'nobody',
  'somebody who waits',
  'another member',
  "another member's key",
  'admin',
  "an admin's key",
  'owner',
  "an owner's key",
  'the API_AUTH_TOKEN',
  "the author's key that may not read",
];

/** Those of them who may read, and the author. */
const READERS = [...OTHERS.filter((who) => !/nobody|waits|may not/.test(who)), 'author', "author's key", 'operator'];

const toldBy = (ask: Ask, headers: Credentials) => everythingTold({ ask, headers, questions: questions() });
const questions = () =>
  Object.entries(ASKED).flatMap(([procedure, input]): Question[] => {
    if (input === null) return [{ procedure }];
    const named = 'id' in input ? { ...input, id: people['kim']?.id } : input;
    if (!OF_A_SEASON.test(procedure)) return [{ procedure, input: named }];
    return SEASONS.map((challenge) => ({ procedure, input: { ...named, ...(challenge && { challenge }) } }));
  });

/** Where any of these is told, and which. */
const leaks = (told: Told, canaries: readonly string[]) =>
  [...told].flatMap(([asked, text]) => canaries.filter((one) => text.includes(one)).map((one) => `${asked}: ${one}`));

describe('what comes from a private repository', () => {
  test('is looked for in every query there is', () => {
    const procedures = Object.entries(
      appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
    );
    const queries = procedures.filter(([, { _def }]) => _def.type === 'query').map(([name]) => name);
    expect(Object.keys(ASKED).toSorted()).toEqual(queries.toSorted());
  });

  test.each(OTHERS)('is nowhere told to %s', async (who) => {
    const told = await toldBy(almanac.ask, callers[who] ?? {});
    expect(leaks(told, Object.values(CANARIES))).toEqual([]);
    expect(leaks(told, [PRIVATE_ID]).filter((leak) => leak.includes('events'))).toEqual([]);
    if (!who.startsWith('another member')) expect(leaks(told, Object.values(LEES_CANARIES))).toEqual([]);
  });

  test.each(['author', "author's key", 'operator'])('is told to the %s', async (who) => {
    expectEverything(await toldBy(almanac.ask, callers[who] ?? {}));
  });

  test('is shown on the pages of who is at the keyboard, where nobody signs in', async () => {
    await using own = await PrivateLog.create();
    const { directory: dataDirectory } = own.estate;
    await using server = await startServer({ dataDirectory, repositories: [own.repository.path] });
    await server.ready();
    expectEverything(await toldBy((path, init) => fetch(`${server.url}${path}`, { redirect: 'manual', ...init }), {}));
  });

  test('is told to its author though somebody else has connected the repository, but for its name', async () => {
    const told = await toldBy(almanac.ask, callers['another member'] ?? {});
    const { sha, message } = LEES_CANARIES;
    expect(leaks(told, [sha, message])).toContain(`attendance.day ${EVERYTHING}: ${sha}`);
    expect(leaks(told, [sha, message])).toContain(`export : ${message}`);
  });

  test('counts for everybody alike', async () => {
    const authors = withoutContent(
      await toldByQueries({ ask: almanac.ask, headers: callers['author'] ?? {}, questions: questions() }),
    );
    expect(authors.size).toBe(SEASONS.length * Object.keys(ASKED).filter((one) => OF_A_SEASON.test(one)).length);
    for (const who of READERS)
      expect(
        withoutContent(await toldByQueries({ ask: almanac.ask, headers: callers[who] ?? {}, questions: questions() })),
      ).toEqual(authors);
  });

  test.each([
    ['of the public repository, of which it is no part', 'the book of the repository', 3],
    ['of a challenge that follows it', BOTH, 4],
    ['of a challenge that counts whatever there is', EVERYTHING, 4],
  ] as const)('counts in the season %s', async (_what, challenge, total) => {
    const headers = callers['another member'] ?? {};
    const { data } = await almanac.query(headers, 'challenges.list');
    const book = (data as { id: string; kind: string }[]).find(({ kind }) => kind === 'rolling')?.id ?? '';
    const id = challenge === 'the book of the repository' ? book : challenge;
    const about = new URLSearchParams({ from_date: '2024-05-01', to_date: DAY, challenge: id });
    const listed = (await (await almanac.ask(`/api/github-commits/kim?${about}`, { headers })).json()) as Listed;
    expect(listed.pagination.total).toBe(total);
    expect(listed.commits.filter(({ is_private }) => is_private)).toEqual(
      Array.from({ length: total - 3 }, () => HIDDEN),
    );
  });
});

describe('a private repository', () => {
  /** Of what somebody does to a repository they only know the number of. */
  async function answersTo(who: string): Promise<Told> {
    const told: Told = new Map();
    for (const [procedure, input] of [
      ['account.connectRepositories', { githubIds: [GITHUB_ID] }],
      ['account.disconnectRepository', { repositoryId: PRIVATE_ID }],
      ['status.collectNow', undefined],
    ] as const)
      told.set(procedure, JSON.stringify(await almanac.mutate(callers[who] ?? {}, procedure, input)));
    return told;
  }

  test.each(OTHERS)('is neither connected nor disconnected by %s, nor is its name told in an error', async (who) => {
    const canaries = Object.values(CANARIES).filter((one) => one !== CANARIES.number);
    const told = await answersTo(who);
    expect(leaks(told, canaries)).toEqual([]);
    // Asked of GitHub with their own token, which does not show it.
    if (who === 'another member') expect(told.get('account.connectRepositories')).toContain('NOT_FOUND');
    const { data } = await almanac.query(callers['author'] ?? {}, 'account.get');
    expect(data).toMatchObject({ repositories: [{ name: CANARIES.name, githubId: GITHUB_ID, private: true }] });
  });

  test('stays private when its member has disconnected it', async () => {
    const author = callers['author'] ?? {};
    await almanac.mutate(author, 'account.disconnectRepository', { repositoryId: PRIVATE_ID });
    expect((await almanac.query(author, 'account.get')).data).toMatchObject({ repositories: [] });
    for (const who of OTHERS)
      expect(leaks(await toldBy(almanac.ask, callers[who] ?? {}), Object.values(CANARIES))).toEqual([]);
    expectEverything(await toldBy(almanac.ask, author));
  });
});

describe('a commit that a public repository holds, too', () => {
  test.each(['Seen in private first', 'Seen in public first'])(
    'is public wherever it was seen first: %s',
    async (message) => {
      for (const who of READERS)
        for (const challenge of [BOTH, EVERYTHING]) {
          const answer = await almanac.ask(`/api/github-commits/kim?challenge=${challenge}`, {
            headers: callers[who] ?? {},
          });
          const { commits } = (await answer.json()) as Listed;
          expect(commits.find((commit) => commit.message === message)).toMatchObject({
            ...{
              repository: 'garden',
              is_private: false,
              commit_id: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
            },
          });
        }
    },
  );
});

type Listed = {
  readonly commits: readonly (typeof HIDDEN & { readonly message: string | null })[];
  readonly pagination: { readonly total: number };
};
/** What is left of somebody else's private commit. */
const HIDDEN = {
  ...{ commit_id: null, repository: null, message: null, commit_url: null },
  ...{ commit_date: '2024-05-03T11:00:00Z', is_private: true },
};

function expectEverything(told: Told): void {
  const { name, message, body, sha } = CANARIES;
  const found = leaks(told, [name, message, body, sha]);
  for (const challenge of [BOTH, EVERYTHING])
    for (const asked of ['commits.page', 'commits.list', 'attendance.day', 'GET /api/github-commits/kim'])
      for (const canary of [name, message, body, sha]) expect(found).toContain(`${asked} ${challenge}: ${canary}`);
  expect(found.filter((one) => /^(page|export)/.test(one))).toContain(
    `page /days/${DAY}?challenge=${BOTH}: ${message}`,
  );
}

/** Answers about a season as anybody may see them: what a commit is, and who somebody is, taken out. */
const withoutContent = (told: Told): Told =>
  new Map(
    [...told]
      .filter(([asked]) => OF_A_SEASON.test(asked))
      .map(([asked, text]) => [
        asked,
        JSON.stringify(JSON.parse(text), (field, value: unknown) => (PERSONAL.has(field) ? undefined : value)),
      ]),
  );
const PERSONAL = new Set(['content', 'commit_id', 'repository', 'message', 'identities', 'authorClock']);
