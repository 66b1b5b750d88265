import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { RepositoryFailure } from '../../server/collect/failure.ts';
import { openLocalRepository } from '../../server/collect/local-git.ts';
import { snapshotOf } from '../../server/collect/snapshot.ts';
import { readCommits } from '../../server/collect/read-commits.ts';
import { readHistory } from '../../server/collect/read-history.ts';
import { git, GitRepository } from '../support/git-repository.ts';

const NO_MAILMAP = { digest: '', blob: '' };
afterEach(() => vi.unstubAllEnvs());

const spring = '2025-03-10T09:00:00+09:00';

/** Everything a first reading finds at a path. */
async function readAt(path: string) {
  const repository = await openLocalRepository(path);
  const snapshot = await snapshotOf(repository);
  const history = await readHistory(repository, snapshot, []);
  const commits = await readCommits(repository.git, history.shas);
  const authors = history.authorOf.map((index) => history.authors[index]);
  return { repository, snapshot, history, commits, authors, shas: new Set(history.shas) };
}
const failureOf = async (reading: Promise<unknown>): Promise<RepositoryFailure> =>
  reading.then(
    () => expect.fail('It was read.'),
    (error: RepositoryFailure) => error,
  );

/** A git of our own making, in front of the real one. */
async function script(repository: GitRepository, body: string): Promise<string> {
  const file = repository.beside('git-script');
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

describe('a repository is opened', () => {
  test('from its folder, from a folder or a file in it, from its git directory, and through a link', async () => {
    await using garden = await GitRepository.create();
    await mkdir(join(garden.path, 'beds/roses'), { recursive: true });
    await garden.write('README', 'hello');
    await symlink(garden.path, garden.beside('link'));
    const places = [garden.path, join(garden.path, 'beds/roses'), join(garden.path, 'README'), `${garden.path}/.git`];
    for (const place of [...places, garden.beside('link')])
      expect(await openLocalRepository(place)).toMatchObject({
        name: 'garden',
        location: garden.path,
        commonDirectory: join(garden.path, '.git'),
        workTree: garden.path,
      });
  });

  test('from a linked worktree: it is the same repository, with the worktree’s own mailmap', async () => {
    await using garden = await GitRepository.create();
    await garden.commit({ at: spring });
    await garden.git('worktree', 'add', '-q', '-b', 'side', garden.beside('side'));
    expect(await openLocalRepository(garden.beside('side'))).toMatchObject({
      name: 'garden',
      location: garden.path,
      commonDirectory: join(garden.path, '.git'),
      workTree: garden.beside('side'),
    });
  });

  test('bare, with the mailmap of its HEAD', async () => {
    await using garden = await GitRepository.create();
    await garden.write('.mailmap', 'Kim Minsu <kim@new.org> <kim@example.org>\n');
    await garden.git('add', '.mailmap');
    await garden.git('commit', '-qm', 'Say who is who');
    await git(garden.path, ['clone', '-q', '--bare', garden.path, garden.beside('bare.git')]);
    const { repository, authors } = await readAt(garden.beside('bare.git'));
    expect(repository).toMatchObject({ location: garden.beside('bare.git'), workTree: null });
    expect(authors).toMatchObject([{ name: 'Kim Minsu', email: 'kim@new.org', rawEmail: 'kim@example.org' }]);
  });

  test('as a submodule, apart from the one around it', async () => {
    await using garden = await GitRepository.create();
    await using shed = await GitRepository.create({ name: 'shed' });
    const sha = await shed.commit({ at: spring });
    await git(garden.path, ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', shed.path, 'shed']);
    const { repository, shas } = await readAt(join(garden.path, 'shed'));
    expect(repository).toMatchObject({ location: join(garden.path, 'shed'), name: 'shed' });
    expect(shas).toEqual(new Set([sha]));
  });

  test('by its git directory, wherever its work tree is', async () => {
    await using garden = await GitRepository.create();
    const sha = await garden.commit({ at: spring });
    const home = garden.beside('home');
    await mkdir(home);
    await rename(join(garden.path, '.git'), join(home, '.files'));
    await git(home, ['--git-dir=.files', 'config', 'core.worktree', home]);
    const { shas } = await readAt(join(home, '.files'));
    expect(shas).toEqual(new Set([sha]));
    // The work tree may well be the folder of another repository.
    await git(home, ['init', '-q']);
    expect((await readAt(join(home, '.files'))).shas).toEqual(new Set([sha]));
  });

  test.each([
    ['https://user:secret@example.org/team/almanac.git', 'almanac'],
    ['git@example.org:team/almanac.git', 'almanac'],
    ['https://example.org/team/almanac/', 'almanac'],
    ['/srv/git/almanac/.git', 'almanac'],
    ['/srv/git/almanac/.', 'almanac'],
    ['..', 'garden'],
    ['https://example.org/almanac.git?token=secret', 'almanac'],
    ['https://user:secret@', 'garden'],
  ])('under the name its remote ends with: %s', async (url, name) => {
    await using garden = await GitRepository.create();
    await garden.git('config', 'remote.origin.url', url);
    const opened = await openLocalRepository(garden.path);
    expect(opened.name).not.toContain('secret');
    expect(opened.name).toBe(name);
  });
});

describe('what cannot be opened says why', () => {
  test('a path that does not exist', async () => {
    await using garden = await GitRepository.create();
    const failure = await failureOf(openLocalRepository(garden.beside('nowhere')));
    expect(failure).toMatchObject({ reason: 'missing', message: expect.stringContaining('does not exist') as string });
  });

  test('a folder that is no repository', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'almanac-plain-'));
    const failure = await failureOf(openLocalRepository(folder));
    expect(failure).toMatchObject({
      reason: 'not-a-repository',
      message: expect.stringContaining('git init') as string,
    });
    await rm(folder, { recursive: true });
  });

  test('a damaged repository, which must not pass for the one around it', async () => {
    await using garden = await GitRepository.create();
    const inner = join(garden.path, 'inner');
    await git(garden.path, ['init', '-q', inner]);
    await rm(join(inner, '.git/HEAD'));
    expect(await failureOf(openLocalRepository(inner))).toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('damaged') as string,
    });
  });

  test('a repository of another user, until this one trusts it', async () => {
    await using garden = await GitRepository.create();
    const binary = await script(garden, 'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git "$@"');
    vi.stubEnv('HOME', garden.beside('.'));
    const failure = await failureOf(openLocalRepository(garden.path, { binary }));
    expect(failure).toMatchObject({ reason: 'unreadable', message: expect.stringContaining('another user') as string });
    expect(failure.message).toContain(`git config --global --add safe.directory ${garden.path}`);
    await writeFile(garden.beside('.gitconfig'), `[safe]\n\tdirectory = ${garden.path}\n`);
    expect(await openLocalRepository(garden.path, { binary })).toMatchObject({ name: 'garden' });
  });

  test('a machine without git', async () => {
    await using garden = await GitRepository.create();
    expect(await failureOf(openLocalRepository(garden.path, { binary: 'no-such-git' }))).toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('install git') as string,
    });
  });

  test('a disk that does not answer', async () => {
    await using garden = await GitRepository.create();
    const binary = await script(garden, 'exec sleep 60');
    expect(await failureOf(openLocalRepository(garden.path, { binary, patience: 100 }))).toMatchObject({
      reason: 'timeout',
    });
  });
});

describe('a reading sees', () => {
  test('branches, remote branches, tags and HEADs of all worktrees, each commit once; no stashes and notes', async () => {
    await using garden = await GitRepository.create();
    const [root = '', left = '', right = '', merge = '', tagged = '', remote = '', loose = ''] = await garden.commits([
      { at: spring },
      { at: spring, message: 'left' },
      { at: spring, message: 'right', branch: 'side', parents: ['main'] },
      { at: spring, message: 'merge', parents: ['main', 'side'] },
      { at: spring, message: 'tagged', branch: 'once', parents: ['side'] },
      { at: spring, message: 'remote', branch: 'gone', parents: ['side'] },
      { at: spring, message: 'loose', branch: 'detached', parents: ['side'] },
    ]);
    await garden.git('tag', '-a', '-m', 'a tag', 'v1', tagged);
    await garden.git('tag', '-a', '-m', 'a tag of a tag', 'v1-again', 'v1');
    await garden.git('update-ref', 'refs/remotes/origin/gone', remote);
    await garden.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/nothing');
    await garden.git('worktree', 'add', '-q', '--detach', garden.beside('elsewhere'), loose);
    await garden.git('branch', '-qD', 'once', 'gone', 'detached');
    await garden.git('tag', 'file', await garden.git('hash-object', '-w', '--stdin'));
    await garden.git('reset', '-q', '--hard');
    await garden.git('notes', 'add', '-m', 'a note', root);
    await garden.write('README', 'hello');
    await garden.git('add', 'README');
    await garden.git('stash', '-q');

    const { history, snapshot } = await readAt(garden.path);
    expect(snapshot.broken).toEqual([]);
    expect([...history.shas].sort()).toEqual([root, left, right, merge, tagged, remote, loose].sort());
    expect(history.shas[0]).toBe(root);
  });

  test('nothing in a repository without commits', async () => {
    await using garden = await GitRepository.create();
    const { snapshot, history } = await readAt(garden.path);
    expect(snapshot).toMatchObject({ tips: [], broken: [] });
    expect(history).toMatchObject({ shas: [], brokenOff: null });
  });

  test('the commits a shallow clone has', async () => {
    await using garden = await GitRepository.create();
    await garden.commits([{ at: spring }, { at: spring }, { at: spring }]);
    await git(garden.path, ['clone', '-q', '--depth', '2', `file://${garden.path}`, garden.beside('shallow')]);
    const { history, snapshot } = await readAt(garden.beside('shallow'));
    expect(history).toMatchObject({ shas: { length: 2 }, brokenOff: null });
    expect(snapshot.shallow).not.toBe('');
  });

  test('the commits a partial clone has, without asking its remote for more', async () => {
    await using garden = await GitRepository.create();
    await garden.write('.mailmap', 'Kim Minsu <kim@new.org> <kim@example.org>\n');
    await garden.git('add', '.mailmap');
    await garden.git('commit', '-qm', 'Say who is who');
    await garden.git('config', 'uploadpack.allowFilter', 'true');
    const clone = garden.beside('partial.git');
    await git(garden.path, ['clone', '-q', '--bare', '--filter=blob:none', `file://${garden.path}`, clone]);
    const { shas } = await readAt(clone);
    expect(shas).toEqual(await garden.reachable());
    await expect(git(clone, ['-c', 'protocol.allow=never', 'cat-file', '-p', 'HEAD:.mailmap'])).rejects.toThrow();
  });

  test('replaced and grafted history as it was written', async () => {
    await using garden = await GitRepository.create();
    const [first = '', second = '', third = ''] = await garden.commits([
      { at: spring },
      { at: spring },
      { at: spring },
    ]);
    await garden.git('replace', '--graft', third);
    await writeFile(join(garden.path, '.git/info/grafts'), `${second}\n`);
    expect((await readAt(garden.path)).shas).toEqual(new Set([first, second, third]));
  });

  test('only what is new, when told what it has seen; what it has seen may be gone', async () => {
    await using garden = await GitRepository.create();
    const [old = '', fresh = ''] = await garden.commits([{ at: spring }, { at: spring }]);
    const repository = await openLocalRepository(garden.path);
    const seen = [
      old,
      'f'.repeat(40),
      ...Array.from({ length: 5_000 }, (_, index) => index.toString(16).padStart(40, '0')),
    ];
    const { shas } = await readHistory(repository, { tips: [fresh], mailmap: NO_MAILMAP }, seen);
    expect(shas).toEqual([fresh]);
  });
});

describe('commits of every kind', () => {
  const EUC_KR = { name: Buffer.from('b1e8b9cebcf6', 'hex'), message: Buffer.from('b3aab9abb8a620bdc9b4d9', 'hex') };
  const signed = (name: Buffer) => Buffer.concat([name, Buffer.from(' <kim@example.org>')]);

  test('in EUC-KR, declared or not, have names and messages', async () => {
    await using garden = await GitRepository.create();
    await garden.commits([
      { at: spring, author: signed(EUC_KR.name), message: EUC_KR.message, encoding: 'EUC-KR' },
      { at: spring, author: signed(EUC_KR.name), message: EUC_KR.message },
    ]);
    const { authors, commits } = await readAt(garden.path);
    expect(authors).toMatchObject([{ name: '김민수' }, { name: '김민수' }]);
    expect(commits).toMatchObject([{ message: '나무를 심다' }, { message: '나무를 심다' }]);
  });

  test('by anybody, at any time, are read or named; none stops the others', async () => {
    await using garden = await GitRepository.create();
    const authors = [
      'Kim <kim@example.org> 1741618740 +0900',
      'Kim <> 4102444799 +0000',
      '<kim@example.org> 0 +0000',
      'K\u0001im <a <b> c@x> 1741618740 -0330',
      'Kim <kim@example.org> -5 +0900',
      'Kim <kim@example.org> 99999999999999999999 +0900',
      ' <> 1741618740 +0900',
      'Kim <kim@example.org>',
      'nobody at all',
    ];
    const shas: string[] = [];
    for (const [index, author] of authors.entries())
      shas.push(
        await garden.rawCommit(
          `author ${author}\ncommitter K <k@x> ${1_741_618_740 + index} +0900`,
          index === 0 ? 'with\0NUL' : 'Plant a tree',
          `b${index}`,
        ),
      );
    const { history, commits } = await readAt(garden.path);
    const bySha = new Map(history.shas.map((sha, index) => [sha, commits[index]]));
    expect(shas.map((sha) => bySha.get(sha))).toMatchObject([
      { authoredAt: '2025-03-10T14:59:00Z', authorOffset: 540, message: 'with\ufffdNUL' },
      { authoredAt: '2099-12-31T23:59:59Z' },
      { authoredAt: '1970-01-01T00:00:00Z' },
      { authoredAt: '2025-03-10T14:59:00Z', authorOffset: -210 },
      { authoredAt: '1970-01-01T00:00:00Z' },
      { authoredAt: '9999-12-30T23:59:59Z' },
      { authoredAt: '2025-03-10T14:59:00Z' },
      { unreadable: 'its author line holds no date' },
      { unreadable: 'its author line holds no date' },
    ]);
  });

  test('told apart by the mailmap’s names do not share the address', async () => {
    await using garden = await GitRepository.create();
    const mailmap = 'Alice <alice@x.kr> Alice <root@host>\nBob <bob@x.kr> <bob@laptop>\n';
    await garden.write('.mailmap', mailmap);
    await garden.commits([
      { at: spring, author: 'Alice <root@host>' },
      { at: spring, author: 'bob <bob@laptop>' },
    ]);
    expect((await readAt(garden.path)).authors).toMatchObject([
      { email: 'alice@x.kr', rawEmail: 'root@host', sharedAddress: true },
      { email: 'bob@x.kr', rawEmail: 'bob@laptop' },
    ]);
  });
});

describe('a damaged history', () => {
  test('is told as far as it goes', async () => {
    await using garden = await GitRepository.create();
    const [root = '', , tip = ''] = await garden.commits([{ at: spring }, { at: spring }, { at: spring }]);
    await garden.unpack();
    await rm(join(garden.path, '.git/objects', root.slice(0, 2), root.slice(2)));
    const { shas, history } = await readAt(garden.path);
    expect(shas).toContain(tip);
    expect(shas).not.toContain(root);
    expect(history.brokenOff).toMatchObject({ reason: 'unreadable' });
  });

  test('with refs that lead nowhere is told but for those', async () => {
    await using garden = await GitRepository.create();
    const sha = await garden.commit({ at: spring });
    await writeFile(join(garden.path, '.git/refs/heads/lost'), `${'1'.repeat(40)}\n`);
    await writeFile(join(garden.path, '.git/refs/heads/garbage'), 'no sha at all\n');
    const { snapshot, shas } = await readAt(garden.path);
    expect(shas).toEqual(new Set([sha]));
    expect(snapshot.broken).toEqual(['refs/heads/garbage', `refs/heads/lost (${'1'.repeat(40)})`]);
  });
});
