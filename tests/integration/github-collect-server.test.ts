import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CollectionsView, FlaggedView } from '../../server/api/collections-views.ts';
import { beginSignIn, comeBack, startAlmanac, type Almanac, type Person } from '../support/signed-in.ts';
import type { Repository } from '../support/github/world.ts';

const SECRET = 'a webhook secret of these tests, forty characters';
let almanac: Almanac;
let kim: Person;
let garden: Repository;

const author = { name: 'Kim', email: 'kim@example.org', login: 'kim' };
const commit = (repository: Repository, date: string) =>
  almanac.github.addCommit(repository, { author: { ...author, date }, pushedAt: new Date().toISOString() });
const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

async function list(): Promise<CollectionsView> {
  const { data } = await almanac.query(almanac.owner.bearer, 'collections.list');
  return data as CollectionsView;
}
/** Commits in the log. */
async function observed(): Promise<number> {
  const { data } = await almanac.query(almanac.owner.bearer, 'events.latest', { limit: 1 });
  const { counts } = data as { counts: { type: string; events: number }[] };
  return counts.find(({ type }) => type === 'CommitObserved')?.events ?? 0;
}

beforeAll(async () => {
  almanac = await startAlmanac({ env: { GITHUB_WEBHOOK_SECRET: SECRET } });
  kim = await almanac.join('kim');
  garden = almanac.github.addRepository({ owner: 'kim', name: 'garden' });
});
afterAll(() => almanac?.[Symbol.asyncDispose]());

describe('a server', () => {
  test('reads a member at GitHub when they ask for it', async () => {
    commit(garden, ago(2));
    const { data } = await almanac.mutate(kim.bearer, 'collections.collectMe');
    expect(data).toEqual({ members: 1, failed: 0, observed: 1 });
    expect(await observed()).toBe(1);
    const { members, progress } = await list();
    expect(members.find(({ handle }) => handle === 'kim')).toMatchObject({
      state: 'read',
      failure: null,
      hasToken: true,
    });
    expect(progress).toBeNull();
  });

  test('reads everybody at the button, once however often it is pressed', async () => {
    commit(garden, ago(1));
    const before = almanac.github.requests.length;
    almanac.github.pace.latencyMs = 100;
    const pressed = [1, 2, 3].map(() => almanac.mutate(kim.bearer, 'status.collectNow'));
    await expect
      .poll(async () => (await almanac.query(kim.bearer, 'status.get')).data)
      .toMatchObject({ collection: { total: 2, failed: 0 } });
    for (const { status, data } of await Promise.all(pressed))
      expect([status, data]).toMatchObject([200, { collection: null }]);
    almanac.github.pace.latencyMs = 0;
    const lists = almanac.github.requests.slice(before).filter(({ path }) => path.endsWith('/user/repos'));
    expect(lists).toHaveLength(2);
    expect(await observed()).toBe(2);
  });

  test('follows a push that GitHub tells of', async () => {
    commit(garden, ago(0.5));
    const push = {
      ref: 'refs/heads/main',
      after: 'a'.repeat(40),
      repository: { id: garden.id, full_name: 'kim/garden' },
    };
    const answer = await almanac.github.webhook(`${almanac.server.url}/webhooks/github`, SECRET, 'push', push);
    expect(answer.status).toBe(202);
    await expect.poll(observed, { timeout: 15_000 }).toBe(3);
  });

  test('shows an admin why somebody could not be read, and reads them again', async () => {
    almanac.github.faults.choose = ({ path }) => (path.endsWith('/user/repos') ? { status: 502 } : null);
    await almanac.mutate(kim.bearer, 'collections.collectMe');
    const failed = (await list()).members.find(({ handle }) => handle === 'kim');
    expect(failed).toMatchObject({ state: 'failed', failure: { reason: 'unavailable' } });
    expect(failed?.failure?.retryAt).not.toBeNull();
    almanac.github.faults.choose = () => null;
    const { data } = await almanac.mutate(almanac.owner.bearer, 'collections.retryAll');
    expect(data).toMatchObject({ members: 1, failed: 0 });
    expect((await list()).members.find(({ handle }) => handle === 'kim')?.state).toBe('read');
    expect((await almanac.mutate(almanac.owner.bearer, 'collections.retry', { memberId: kim.id })).status).toBe(200);
    expect((await almanac.mutate(almanac.owner.bearer, 'collections.retry', { memberId: 'x' })).status).toBe(404);
  });

  test('shows an admin a late commit, and of a private one only that it is', async () => {
    const secret = almanac.github.addRepository({ owner: 'kim', name: 'the-secret-garden', private: true });
    // As if they had signed in once more, with the wider permission.
    const { authorizeUrl, ticket } = await beginSignIn(almanac, {
      query: '?connect=repositories',
      headers: kim.browser,
    });
    await comeBack(almanac, await almanac.github.signIn(authorizeUrl, 'kim'), { ticket, headers: kim.browser });
    const connected = await almanac.mutate(kim.bearer, 'account.connectRepositories', { githubIds: [secret.id] });
    expect(connected.status).toBe(200);
    const late = commit(secret, ago(60));
    const read = await almanac.mutate(kim.bearer, 'collections.collectMe');
    expect(read.data).toEqual({ members: 1, failed: 0, observed: 1 });
    const { data } = await almanac.query(almanac.owner.bearer, 'collections.flagged', {});
    const { commits } = data as FlaggedView;
    expect(commits).toMatchObject([{ handle: 'kim', why: 'late', private: true, sha: null }]);
    expect(JSON.stringify(data)).not.toContain(late.sha);
  });

  test('reads nobody who was deactivated', async () => {
    await almanac.mutate(almanac.owner.bearer, 'users.update', { id: kim.id, active: false });
    expect((await almanac.mutate(almanac.owner.bearer, 'collections.retry', { memberId: kim.id })).status).toBe(404);
    expect((await list()).members.map(({ handle }) => handle)).not.toContain('kim');
  });
});
