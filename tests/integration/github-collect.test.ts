import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitStream } from '../../domain/commit-history.ts';
import { gitHubRepositoryId } from '../../server/identity/github-connections.ts';
import { GitHubCollecting, SPRING } from '../support/github-collecting.ts';

let rig: GitHubCollecting;
beforeEach(async () => {
  rig = await GitHubCollecting.start();
});
afterEach(() => rig[Symbol.asyncDispose]());

describe('reading what a member has at GitHub', () => {
  test('records each commit of theirs with when it was written, and nobody else’s', async () => {
    rig.join('kim');
    rig.github.addUser({ login: 'lee', emails: [{ email: 'lee@example.org', verified: true, primary: true }] });
    const garden = rig.repository('kim', 'garden');
    rig.commit(garden, 'kim', '2025-03-11T15:30:00Z', { message: 'Plant\n\nLong text' });
    rig.commit(garden, 'lee', '2025-03-12T01:00:00Z');
    expect(await rig.collect()).toEqual({ members: 1, failed: 0, observed: 1 });
    const [event] = await rig.events('commits-');
    expect(event).toMatchObject({
      type: 'CommitObserved',
      data: {
        memberId: 'kim',
        repositoryId: gitHubRepositoryId(garden.id),
        authoredAt: '2025-03-11T15:30:00Z',
        observedAt: rig.at,
        message: 'Plant\n\nLong text',
      },
    });
    expect(await rig.endings('kim')).toEqual([`completed ${rig.at}`]);
    expect(rig.troubles).toEqual([]);
  });

  test('leaves out what GitHub lists of an account with another number', async () => {
    const { accountId } = rig.join('kim');
    rig.commit(rig.repository('kim', 'garden'), 'kim', '2025-03-11T00:00:00Z');
    rig.github.faults.next({ body: (text) => text.replaceAll(`"id":${accountId}`, '"id":999999') }, '/commits');
    expect(await rig.collect()).toEqual({ members: 1, failed: 0, observed: 0 });
  });

  test('reads every page: of repositories, of branches, of commits', async () => {
    rig.join('kim');
    for (let count = 0; count < 230; count += 1) {
      const one = rig.repository('kim', `garden-${count}`);
      if (count % 23 === 0) rig.commit(one, 'kim', `2025-03-11T00:00:${String(count % 60).padStart(2, '0')}Z`);
    }
    const wide = rig.repository('kim', 'wide');
    for (let branch = 0; branch < 130; branch += 1)
      rig.commit(wide, 'kim', new Date(Date.UTC(2025, 2, 12, 0, branch)).toISOString(), { branch: `b${branch}` });
    const deep = rig.repository('kim', 'deep');
    for (let count = 0; count < 250; count += 1)
      rig.commit(deep, 'kim', new Date(Date.UTC(2025, 2, 13, 0, count)).toISOString());
    await rig.collect();
    expect(await rig.commitsOf('kim')).toHaveLength(10 + 130 + 250);
  });

  test('counts a commit once over branches and forks, and says where else it is', async () => {
    rig.join('kim');
    const upstream = rig.repository('kim', 'garden');
    const commit = rig.commit(upstream, 'kim', '2025-03-11T00:00:00Z');
    upstream.branches.set('release', upstream.branches.get('main') ?? []);
    const fork = rig.repository('kim', 'fork');
    fork.branches.set('main', [commit]);
    fork.pushedAt = '2025-03-12T00:00:00Z';
    await rig.collect();
    await rig.stop();
    await rig.collect();
    const events = await rig.events('commits-');
    expect(events.map(({ type }) => type)).toEqual(['CommitObserved', 'CommitAlsoObserved']);
  });

  test('keeps a rebased commit’s day: the author’s date stays, the committer’s moves', async () => {
    rig.join('kim');
    const garden = rig.repository('kim', 'garden');
    rig.commit(garden, 'kim', '2025-03-11T14:59:00Z');
    await rig.collect();
    const author = { name: 'kim', email: 'kim@example.org' };
    garden.branches.clear();
    rig.github.addCommit(garden, {
      author: { ...author, date: '2025-03-11T14:59:00Z' },
      committer: { ...author, date: '2025-04-01T00:00:00Z' },
    });
    rig.clock = Date.parse('2025-04-01T04:00:00Z');
    await rig.collect();
    // Two hashes, as git has it; the day is the same one.
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-11T14:59:00Z', '2025-03-11T14:59:00Z']);
  });

  test('finds what was committed weeks ago and is pushed today', async () => {
    rig.join('kim');
    const garden = rig.repository('kim', 'garden');
    rig.commit(garden, 'kim', '2025-03-30T00:00:00Z');
    await rig.collect();
    rig.github.addCommit(garden, {
      branch: 'late',
      author: { name: 'kim', email: 'kim@example.org', date: '2025-03-10T00:30:00+09:00' },
      pushedAt: '2025-04-01T05:00:00Z',
    });
    rig.clock = Date.parse('2025-04-01T06:00:00Z');
    await rig.collect();
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-09T15:30:00Z', '2025-03-30T00:00:00Z']);
  });

  test('lists everything again for a season that starts earlier than what was looked for', async () => {
    const later = { ...SPRING, season: { ...SPRING.season, start: '2025-03-25' } };
    rig.join('kim', { seasons: [later] });
    const garden = rig.repository('kim', 'garden');
    rig.commit(garden, 'kim', '2025-03-12T00:00:00Z');
    rig.commit(garden, 'kim', '2025-03-28T00:00:00Z');
    await rig.collect();
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-28T00:00:00Z']);
    rig.change('kim', { seasons: [later, SPRING] });
    await rig.collect();
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-12T00:00:00Z', '2025-03-28T00:00:00Z']);
  });

  test('looks from yesterday on where there is no season', async () => {
    rig.join('kim', { seasons: [] });
    const garden = rig.repository('kim', 'garden');
    rig.commit(garden, 'kim', '2025-03-20T00:00:00Z');
    rig.commit(garden, 'kim', '2025-03-31T00:00:00Z');
    await rig.collect();
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-31T00:00:00Z']);
  });

  test('leaves a commit with whom it was recorded for', async () => {
    rig.join('kim');
    const commit = rig.commit(rig.repository('kim', 'garden'), 'kim', '2025-03-11T00:00:00Z');
    await rig.say(commitStream('lee', '2025-03'), {
      type: 'CommitObserved',
      data: {
        ...{ memberId: 'lee', repositoryId: 'a-clone', sha: commit.sha, authoredAt: '2025-03-11T00:00:00Z' },
        ...{ authorOffset: 0, committedAt: '2025-03-11T00:00:00Z', observedAt: '2025-03-11T00:00:00Z', message: 'm' },
      },
    });
    await rig.collect();
    expect(await rig.commitsOf('kim')).toEqual([]);
    const [, again] = await rig.events('commits-lee-');
    expect(again).toMatchObject({ type: 'CommitAlsoObserved', data: { memberId: 'lee' } });
  });

  test('cuts messages as those of clones are cut', async () => {
    rig.join('kim');
    rig.commit(rig.repository('kim', 'garden'), 'kim', '2025-03-11T00:00:00Z', { message: '가'.repeat(5_000) });
    await rig.collect();
    const [event] = await rig.events('commits-');
    expect(event?.type === 'CommitObserved' && event.data.message).toBe('가'.repeat(4_000));
  });
});

describe('what is private', () => {
  test('is read only where the member has connected it, and is named nowhere', async () => {
    rig.join('kim');
    const chosen = rig.repository('kim', 'chosen-secret', { private: true });
    const other = rig.repository('kim', 'other-secret', { private: true });
    rig.commit(chosen, 'kim', '2025-03-11T00:00:00Z');
    rig.commit(other, 'kim', '2025-03-12T00:00:00Z');
    await rig.collect();
    expect(await rig.commitsOf('kim')).toEqual([]);
    await rig.connect('kim', chosen);
    await rig.collect();
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-11T00:00:00Z']);
    const said = (await rig.events()).filter(({ type }) => type !== 'RepositoryConnected');
    expect(JSON.stringify(said)).not.toContain('secret');
  });

  test('is said to be so as soon as a public repository becomes it, and named again when it is public', async () => {
    rig.join('kim');
    const garden = rig.repository('kim', 'garden');
    rig.commit(garden, 'kim', '2025-03-11T00:00:00Z');
    await rig.collect();
    garden.private = true;
    await rig.collect();
    garden.private = false;
    rig.github.moveRepository(garden, { name: 'orchard' });
    await rig.collect();
    const told = (await rig.events('repository-')).map(({ data }) => data);
    expect(told).toMatchObject([
      { name: 'kim/garden', private: false },
      { name: null, private: true },
      { name: 'kim/orchard', private: false },
    ]);
  });

  test('makes days unknown, not empty, when the token that showed it is gone', async () => {
    rig.sharedToken = rig.github.tokenFor(rig.github.addUser({ login: 'the-app' }).login, []);
    rig.join('kim');
    const secret = rig.repository('kim', 'secret', { private: true });
    await rig.connect('kim', secret);
    rig.tokens.delete('kim');
    await rig.collect();
    expect(await rig.endings('kim')).toEqual(['failed token-revoked']);
  });
});

describe('when nothing is new', () => {
  test('one request is asked, which GitHub does not count', async () => {
    rig.join('kim');
    rig.commit(rig.repository('kim', 'garden'), 'kim', '2025-03-11T00:00:00Z');
    await rig.collect();
    expect(await rig.asked(() => rig.collect())).toEqual(['/user/repos']);
    await rig.stop();
    // Also by another process.
    expect(await rig.asked(() => rig.collect())).toEqual(['/user/repos']);
  });

  test('the log says so once a day', async () => {
    rig.join('kim');
    rig.commit(rig.repository('kim', 'garden'), 'kim', '2025-03-11T00:00:00Z');
    for (const at of ['2025-04-01T03:00:00Z', '2025-04-01T14:59:00Z', '2025-04-01T15:01:00Z', '2025-04-01T16:00:00Z']) {
      rig.clock = Date.parse(at);
      await rig.collect();
    }
    expect(await rig.endings('kim')).toEqual([
      'completed 2025-04-01T03:00:00.000Z',
      'completed 2025-04-01T15:01:00.000Z',
    ]);
  });

  test('a push within the same second as the last one read is not overlooked', async () => {
    rig.join('kim');
    const garden = rig.repository('kim', 'garden');
    const moment = new Date(Date.now() - 5_000).toISOString();
    rig.github.addCommit(garden, {
      author: { name: 'kim', email: 'kim@example.org', date: '2025-03-11T00:00:00Z' },
      pushedAt: moment,
    });
    await rig.collect();
    rig.github.addCommit(garden, {
      author: { name: 'kim', email: 'kim@example.org', date: '2025-03-12T00:00:00Z' },
      pushedAt: moment,
    });
    await rig.collect();
    expect(await rig.commitsOf('kim')).toHaveLength(2);
  });

  test('branches that stand where they stood are not listed again', async () => {
    rig.join('kim');
    const garden = rig.repository('kim', 'garden');
    rig.commit(garden, 'kim', '2025-03-11T00:00:00Z', { branch: 'one' });
    rig.commit(garden, 'kim', '2025-03-12T00:00:00Z', { branch: 'two' });
    await rig.collect();
    rig.commit(garden, 'kim', '2025-03-13T00:00:00Z', { branch: 'two' });
    const asked = await rig.asked(() => rig.collect());
    expect(asked.filter((path) => path.endsWith('/commits'))).toHaveLength(1);
  });
});

describe('a repository that changes while it is read', () => {
  test.each(['renamed', 'given away'])('is read by its number’s new name when it was %s', async (what) => {
    rig.join('kim');
    rig.join('lee');
    const garden = rig.repository('kim', 'garden', { readers: ['kim'] });
    rig.commit(garden, 'kim', '2025-03-11T00:00:00Z');
    let moved = false;
    rig.github.faults.choose = ({ path }) => {
      if (path.endsWith('/branches') && !moved) {
        moved = true;
        rig.github.moveRepository(garden, what === 'renamed' ? { name: 'orchard' } : { owner: 'lee' });
      }
      return null;
    };
    expect(await rig.collect()).toMatchObject({ failed: 0 });
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-11T00:00:00Z']);
  });

  test('holds nothing when it was deleted, and stops nobody', async () => {
    rig.join('kim');
    const [garden, other] = [rig.repository('kim', 'garden'), rig.repository('kim', 'other')];
    rig.commit(garden, 'kim', '2025-03-11T00:00:00Z');
    rig.commit(other, 'kim', '2025-03-12T00:00:00Z');
    rig.github.faults.choose = ({ path }) => {
      if (path.endsWith('/garden/branches')) rig.github.deleteRepository(garden);
      return null;
    };
    expect(await rig.collect()).toMatchObject({ failed: 0 });
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-12T00:00:00Z']);
  });

  test('may be empty', async () => {
    rig.join('kim');
    const empty = rig.repository('kim', 'empty');
    empty.pushedAt = '2025-03-12T00:00:00Z';
    expect(await rig.collect()).toMatchObject({ failed: 0 });
    expect(await rig.endings('kim')).toEqual([`completed ${rig.at}`]);
  });
});

describe('members without a token', () => {
  beforeEach(() => {
    rig.sharedToken = rig.github.tokenFor(rig.github.addUser({ login: 'the-app' }).login, []);
  });

  test('are read by the token of the settings: what is public, for one request when nothing is new', async () => {
    rig.join('kim', { token: false });
    rig.commit(rig.repository('kim', 'garden'), 'kim', '2025-03-11T00:00:00Z');
    rig.commit(rig.repository('kim', 'secret', { private: true }), 'kim', '2025-03-12T00:00:00Z');
    await rig.collect();
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-11T00:00:00Z']);
    expect(await rig.asked(() => rig.collect())).toEqual(['/users/kim/repos']);
  });

  test('are found by their number when their login is another one, or another’s', async () => {
    const { accountId } = rig.join('kim', { token: false });
    rig.github.renameUser(accountId ?? 0, 'kim-the-gardener');
    rig.github.addUser({ login: 'kim' });
    const [theirs, garden] = [rig.repository('kim', 'garden'), rig.repository('kim-the-gardener', 'garden')];
    rig.github.addCommit(theirs, { author: { name: 'k', email: 'k@x', login: 'kim', date: '2025-03-12T00:00:00Z' } });
    rig.commit(garden, 'kim', '2025-03-11T00:00:00Z');
    await rig.collect();
    expect(await rig.commitsOf('kim')).toEqual(['2025-03-11T00:00:00Z']);
  });

  test('cannot be read where the settings have none', async () => {
    rig.sharedToken = null;
    rig.join('kim', { token: false });
    await rig.collect();
    await rig.collect();
    expect(await rig.endings('kim')).toEqual(['failed not-connected']);
  });
});
