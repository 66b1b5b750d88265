import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Collecting } from '../support/collecting.ts';
import { git, GitRepository, type CommitSpec } from '../support/git-repository.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';

const spring = '2025-03-10T09:00:00+09:00';
const lee = 'Lee <lee@example.org>';

describe('a first reading', () => {
  test('records the repository, its members and its commits, and that it is complete', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const shas = await garden.commits([
      { at: '2025-03-10T23:59:59+09:00', message: 'Plant\n\nRoses, mostly.\n' },
      { at: '2025-03-11T00:00:00+09:00', committedAt: '2025-03-12T08:00:00Z', author: lee },
    ]);
    const [status] = await log.once([garden.path], { now: () => Date.parse('2025-03-15T01:02:03.456Z') });

    const events = await log.events();
    expect(events.map(({ type }) => type)).toEqual([
      'RepositoryRegistered',
      'MemberRegistered',
      'IdentityLinked',
      'MemberRegistered',
      'IdentityLinked',
      'CommitObserved',
      'CommitObserved',
      'CollectionCompleted',
    ]);
    const { repositoryId } = status!;
    expect(await log.all('RepositoryRegistered')).toEqual([
      { repositoryId, name: 'garden', source: 'local-git', location: garden.path },
    ]);
    const [kim, other] = await log.all('MemberRegistered');
    expect([kim, other]).toMatchObject([{ handle: 'kim' }, { handle: 'lee', name: 'Lee' }]);
    const observedAt = '2025-03-15T01:02:03.456Z';
    expect(await log.all('CommitObserved')).toEqual([
      {
        memberId: kim!.memberId,
        repositoryId,
        sha: shas[0],
        authoredAt: '2025-03-10T14:59:59Z',
        authorOffset: 540,
        committedAt: '2025-03-10T14:59:59Z',
        observedAt,
        message: 'Plant\n\nRoses, mostly.',
      },
      {
        memberId: other!.memberId,
        repositoryId,
        sha: shas[1],
        authoredAt: '2025-03-10T15:00:00Z',
        authorOffset: 540,
        committedAt: '2025-03-12T08:00:00Z',
        observedAt,
        message: 'Plant a tree',
      },
    ]);
    expect(await log.all('CollectionCompleted')).toEqual([
      { source: 'local-git', sourceId: repositoryId, through: observedAt, observed: 2 },
    ]);
    expect(status).toMatchObject({ state: 'watching', done: 2, total: 2, name: 'garden', lastRead: observedAt });
  });

  test('has each commit in the stream of its member and UTC month', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commits([
      { at: '2024-02-29T23:59:59+09:00' },
      { at: '2024-03-01T08:59:59+09:00' },
      { at: '2024-03-01T09:00:00+09:00' },
      { at: '2024-12-31T23:30:00-05:00' },
      { at: '2025-03-09T02:30:00-05:00' },
      { at: '2025-11-02T01:30:00-04:00' },
      { at: '2025-11-02T01:30:00-05:00' },
      { at: '1970-01-01T00:00:00+00:00' },
      { at: '2099-12-31T23:59:59+09:00' },
    ]);
    await log.once([garden.path]);
    const commits = (await log.recorded()).filter(({ type }) => type === 'CommitObserved');
    expect(commits.map(({ stream, data }) => `${stream.slice(-7)} ${String(data['authoredAt'])}`).sort()).toEqual([
      '1970-01 1970-01-01T00:00:00Z',
      '2024-02 2024-02-29T14:59:59Z',
      '2024-02 2024-02-29T23:59:59Z',
      '2024-03 2024-03-01T00:00:00Z',
      '2025-01 2025-01-01T04:30:00Z',
      '2025-03 2025-03-09T07:30:00Z',
      '2025-11 2025-11-02T05:30:00Z',
      '2025-11 2025-11-02T06:30:00Z',
      '2099-12 2099-12-31T14:59:59Z',
    ]);
  });

  test('enrols people before any of their commits is recorded, and no programs', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commits([
      { at: spring },
      { at: spring, author: lee },
      { at: spring, author: 'dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>' },
      { at: spring, author: 'Lee H. <lee@example.org>' },
    ]);
    const calls: { members: readonly string[]; commits: number }[] = [];
    await log.once([garden.path], {
      enrolment: {
        id: 'book',
        enrol: async (_repository, members) => void calls.push({ members, commits: (await log.shas()).length }),
      },
    });
    const people = (await log.all('MemberRegistered')).filter(({ bot }) => !bot).map(({ memberId }) => memberId);
    expect(calls).toEqual([
      { members: [], commits: 0 },
      { members: expect.arrayContaining(people) as string[], commits: 0 },
    ]);
    expect(calls[1]?.members).toHaveLength(2);
    expect(await log.shas()).toHaveLength(4);
  });

  test('of an empty repository says that there is nothing, not that it failed', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    expect(await log.once([garden.path])).toMatchObject([{ state: 'empty', done: 0, total: 0, reason: null }]);
    expect(await log.all('CollectionCompleted')).toMatchObject([{ observed: 0 }]);
  });

  test('names commits it cannot read, and reads the others', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const bad = await garden.rawCommit('author Kim <k@x>\ncommitter K <k@x> 1741618740 +0900', 'x', 'bad');
    const nobody = await garden.rawCommit('author  <> 5 +0000\ncommitter K <k@x> 1741618740 +0900', 'x', 'nobody');
    const good = await garden.commit({ at: spring });
    const [status] = await log.once([garden.path]);
    expect(status?.skipped.count).toBe(2);
    expect(status?.skipped.examples).toEqual(
      expect.arrayContaining([
        { sha: bad, reason: 'its author line holds no date' },
        { sha: nobody, reason: 'its author signs with neither an address nor a name' },
      ]),
    );
    expect(await log.shas()).toEqual([good]);
    expect(await log.once([garden.path])).toMatchObject([{ state: 'watching', skipped: { count: 2 } }]);
  });
});

describe('a commit is one fact', () => {
  test('in a fork, a clone and a second worktree', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const shas = await garden.commits([{ at: spring }, { at: spring, author: lee }]);
    await git(garden.path, ['clone', '-q', garden.path, garden.beside('fork')]);
    await git(garden.path, ['clone', '-q', '--bare', garden.path, garden.beside('bare.git')]);
    await garden.git('worktree', 'add', '-q', '-b', 'side', garden.beside('side'));
    const own = await git(garden.beside('fork'), ['commit', '-q', '--allow-empty', '-m', 'of the fork']).then(() =>
      git(garden.beside('fork'), ['rev-parse', 'HEAD']),
    );
    const paths = [garden.path, garden.beside('fork'), garden.beside('bare.git'), garden.beside('side')];
    const statuses = await log.once(paths);
    expect(statuses.map(({ path }) => path)).toEqual(paths.slice(0, 3));
    expect((await log.shas()).sort()).toEqual([...shas, own].sort());
    expect(await log.all('RepositoryRegistered')).toHaveLength(3);
    expect((await log.all('CollectionCompleted')).map(({ observed }) => observed)).toEqual([2, 3, 2]);
    expect((await log.all('CommitAlsoObserved')).map(({ sha }) => sha).sort()).toEqual([...shas, ...shas].sort());
    expect(await log.once(paths)).toHaveLength(3);
    expect(await log.all('CommitAlsoObserved')).toHaveLength(4);
  });

  test('after rewriting: what was committed stays, what is new is added', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const before = await garden.commits([{ at: spring }, { at: spring, message: 'typo' }]);
    await log.once([garden.path]);
    await garden.git('reset', '-q', '--hard');
    await garden.git('commit', '-q', '--amend', '--allow-empty', '-m', 'no typo');
    const amended = await garden.git('rev-parse', 'HEAD');
    await log.once([garden.path]);
    await garden.git('update-ref', 'refs/heads/main', before[0]!);
    const forced = await garden.commit({ at: spring, message: 'again' });
    await log.once([garden.path]);
    expect(await log.shas()).toEqual([...before, amended, forced]);
  });

  test('whatever was lost of what was noted beside the log', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commits([{ at: spring }, { at: spring, author: lee }]);
    await log.once([garden.path]);
    const before = await log.recorded();
    const [file = ''] = await readdir(join(log.dataDirectory, 'collect'));
    const cursor = join(log.dataDirectory, 'collect', file);
    for (const damage of [
      () => rm(cursor),
      () => writeFile(cursor, '{"version":1,"ti'),
      () => writeFile(cursor, '{}'),
    ]) {
      await damage();
      await log.once([garden.path]);
      expect(await log.recorded()).toEqual(before);
    }
  });

  test('and a cursor written beside another log is not believed', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const shas = await garden.commits([{ at: spring }, { at: spring }]);
    await log.once([garden.path]);
    log.store = new MemoryEventStore();
    await log.once([garden.path]);
    expect(await log.shas()).toEqual(shas);
  });
});

describe('a later reading', () => {
  test('reads what is new alone', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const binary = garden.beside('git-script');
    await writeFile(binary, `#!/bin/sh\necho "$*" >> ${garden.beside('calls')}\nexec git "$@"\n`, { mode: 0o755 });
    await garden.commits([{ at: spring }, { at: spring }]);
    await log.once([garden.path], { git: { binary } });
    const fresh = await garden.commit({ at: spring, branch: 'side', parents: ['main'] });
    const seen = await log.recorded();
    await rm(garden.beside('calls'));
    expect(await log.once([garden.path], { git: { binary } })).toMatchObject([{ done: 3, total: 3 }]);
    expect((await log.recorded()).slice(seen.length)).toMatchObject([
      { data: { sha: fresh } },
      { data: { observed: 1 } },
    ]);
    expect(await readFile(garden.beside('calls'), 'utf8')).toContain(' log ');

    await rm(garden.beside('calls'));
    await log.once([garden.path], { git: { binary } });
    expect(await readFile(garden.beside('calls'), 'utf8'), 'nothing new: no history is asked for').not.toContain(
      ' log ',
    );
  });

  test('says nothing when nothing happened, and again when the local day is over', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commit({ at: spring });
    let now = Date.parse('2025-03-10T13:00:00Z');
    const collector = log.open([garden.path], { now: () => now });
    await collector.ready;
    const before = (await log.recorded()).length;
    now = Date.parse('2025-03-10T14:59:59.999Z');
    await collector.collectNow();
    expect(await log.recorded()).toHaveLength(before);
    now = Date.parse('2025-03-10T15:00:00.000Z');
    await collector.collectNow();
    expect((await log.recorded()).slice(before)).toMatchObject([
      { type: 'CollectionCompleted', data: { through: '2025-03-10T15:00:00.000Z', observed: 0 } },
    ]);
  });

  test('finds history that a shallow clone got later', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const shas = await garden.commits([{ at: spring }, { at: spring }, { at: spring }]);
    const clone = garden.beside('clone');
    await git(garden.path, ['clone', '-q', '--depth', '1', `file://${garden.path}`, clone]);
    await log.once([clone]);
    expect(await log.shas()).toEqual(shas.slice(2));
    await git(clone, ['fetch', '-q', '--unshallow']);
    expect(await log.once([clone])).toMatchObject([{ total: 3 }]);
    expect((await log.shas()).sort()).toEqual([...shas].sort());
  });

  test('does not take an old branch for a new name', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commit({ at: '2025-03-10T09:00:00Z', author: 'Kim Minsu <kim@example.org>' });
    await log.once([garden.path]);
    await garden.commit({ at: '2020-01-01T09:00:00Z', author: 'kim92 <kim@example.org>', branch: 'old', parents: [] });
    await log.once([garden.path]);
    await garden.commit({ at: '2025-03-11T09:00:00Z', author: '김민수 <kim@example.org>' });
    await log.once([garden.path]);
    expect((await log.all('MemberRenamed')).map(({ name }) => name)).toEqual(['김민수']);
  });
});

describe('a mailmap', () => {
  const two: CommitSpec[] = [
    { at: spring, author: 'Kim <kim@old.org>' },
    { at: spring, author: 'Kim Minsu <kim@new.org>' },
  ];
  const mailmap = 'Kim Minsu <kim@new.org> <kim@old.org>\n';

  test('written later makes one member of two; no commit is recorded again, and later ones are the one’s', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const shas = await garden.commits(two);
    await log.once([garden.path]);
    const [old, fresh] = await log.all('MemberRegistered');
    await garden.write('.mailmap', mailmap);
    await log.once([garden.path]);
    expect(await log.all('MemberMerged')).toEqual([{ memberId: old!.memberId, into: fresh!.memberId }]);
    await garden.commit({ at: spring, author: 'Kim <kim@old.org>', message: 'from the old laptop' });
    await log.once([garden.path]);
    const commits = await log.all('CommitObserved');
    expect(commits.slice(0, 2).map(({ sha }) => sha)).toEqual(shas);
    expect(commits.slice(2)).toMatchObject([{ memberId: fresh!.memberId }]);
  });

  test('there from the start registers one member', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    await garden.commits(two);
    await garden.write('.mailmap', mailmap);
    await log.once([garden.path]);
    expect(await log.all('MemberRegistered')).toMatchObject([{ name: 'Kim Minsu', handle: 'kim' }]);
    expect(await log.all('IdentityLinked')).toHaveLength(2);
  });

  test('that tells people apart by name, taken away or put back, moves no commit', async () => {
    await using garden = await GitRepository.create();
    await using log = await Collecting.start();
    const shas = await garden.commits([
      { at: spring, author: 'Alice <root@host>' },
      { at: spring, author: 'Bob <root@host>' },
    ]);
    const byName = 'Alice <alice@x.kr> Alice <root@host>\nBob <bob@x.kr> Bob <root@host>\n';
    for (const content of [byName, '', byName]) {
      await garden.write('.mailmap', content);
      await log.once([garden.path]);
      expect(await log.shas()).toEqual(shas);
    }
    expect(await log.all('MemberMerged')).toEqual([]);
  });
});
