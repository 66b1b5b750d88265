import { createHash } from 'node:crypto';
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { displayName } from '../../domain/identity.ts';
import { errorCode, failureAt, isDistrust, RepositoryFailure } from './failure.ts';
import { GitFailed, gitIn, trustedDirectories, type Git, type GitOptions } from './git.ts';

/** A repository on this machine's disk; worktrees of one repository are that one repository. */
export type LocalRepository = {
  /** The name its remote `origin` ends with, else that of its folder. */
  readonly name: string;
  /** Where it lies: the main work tree, or the repository itself where there is none. */
  readonly location: string;
  /** The directory all its worktrees share: refs, objects, configuration. Symbolic links resolved. */
  readonly commonDirectory: string;
  /** The work tree whose `.mailmap` counts; null: that of HEAD counts. */
  readonly workTree: string | null;
  readonly git: Git;
};

/** What can be read of a repository at one moment; two equal snapshots have the same history. */
export type Snapshot = {
  /** Commits that branches, remote branches, tags and HEADs lead to, each once, sorted. */
  readonly tips: readonly string[];
  /** Refs that lead nowhere, as `refs/heads/x (1a2b…)`. */
  readonly broken: readonly string[];
  /** The mailmap there is: its digest, and where there is no work tree the blob it is in. */
  readonly mailmap: { readonly digest: string; readonly blob: string };
  /** Where a shallow clone's history is cut off. */
  readonly shallow: string;
};

/**
 * Opens the repository a path is in: a work tree or a folder of it, a linked worktree, a submodule, a bare repository.
 * @throws {RepositoryFailure}
 */
export async function openLocalRepository(path: string, options: GitOptions = {}): Promise<LocalRepository> {
  try {
    return await open(path, options);
  } catch (error) {
    if (!(error instanceof GitFailed && isDistrust(error))) throw await failureAt(path, error);
    return await openTrusted(path, options, error);
  }
}

/** Git refuses directories of other owners, unless this person has said to trust them. */
async function openTrusted(path: string, options: GitOptions, refusal: GitFailed): Promise<LocalRepository> {
  try {
    const trusted = await trustedDirectories(options);
    if (trusted.length === 0) throw refusal;
    return await open(path, { ...options, settings: [...(options.settings ?? []), ...trusted] });
  } catch (error) {
    throw await failureAt(path, error);
  }
}

async function open(path: string, options: GitOptions): Promise<LocalRepository> {
  const real = await realpath(path);
  const directory = (await stat(real)).isDirectory() ? real : dirname(real);
  const root = await folderWithDotGit(directory);
  // Where a folder has a `.git`, that is meant: a broken one must not lead on to a repository around it.
  const ceiling = root === null ? {} : { GIT_CEILING_DIRECTORIES: dirname(root) };
  const looking = gitIn(directory, options, ceiling);
  const { stdout } = await looking
    .run(['rev-parse', '--is-bare-repository', '--is-inside-work-tree', '--path-format=absolute', '--git-common-dir'])
    .catch((error: unknown) => {
      if (root !== null && error instanceof GitFailed && /not a git repository/i.test(error.stderr))
        throw new RepositoryFailure(
          'unreadable',
          `${join(root, '.git')} is damaged: git does not take it for a repository.`,
        );
      throw error;
    });
  const [bare, inside, ...rest] = stdout.toString().replace(/\n$/, '').split('\n');
  const commonDirectory = await realpath(rest.join('\n'));
  const main = basename(commonDirectory) === '.git' && bare === 'false' ? dirname(commonDirectory) : null;
  const workTree = inside === 'true' ? await topLevel(looking) : main;
  const location = main ?? (bare === 'true' ? commonDirectory : (workTree ?? commonDirectory));
  const git = gitIn(workTree ?? commonDirectory, options, ceiling);
  return { name: (await remoteName(git)) ?? nameOf(location), location, commonDirectory, workTree, git };
}

async function topLevel(git: Git): Promise<string> {
  const { stdout } = await git.run(['rev-parse', '--show-toplevel']);
  return stdout.toString().replace(/\n$/, '');
}

async function folderWithDotGit(directory: string): Promise<string | null> {
  for (let at = directory; ; at = dirname(at)) {
    if (await exists(join(at, '.git'))) return at;
    if (at === dirname(at)) return null;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** The last part of an address alone: the rest may hold a password. */
async function remoteName(git: Git): Promise<string | undefined> {
  try {
    const { stdout } = await git.run(['config', '-z', '--get', 'remote.origin.url']);
    return (
      nameOf(
        stdout
          .toString()
          .replace(/\0$/, '')
          .replace(/[?#].*$/, ''),
      ) || undefined
    );
  } catch (error) {
    if (error instanceof GitFailed && error.kind === 'failed') return undefined; // no remote
    throw error;
  }
}

/** `almanac` of `https://user:secret@host/team/almanac.git`, `git@host:team/almanac.git` and `/srv/almanac/.git`. */
const nameOf = (address: string) =>
  displayName(
    address
      .replace(/^\w[\w+.-]*:\/\/[^/]*/, '')
      .replace(/^[^/\\]*:/, '')
      .replace(/[\\/]+(\.git[\\/]*)?$/, '')
      .replace(/^.*[\\/]/s, '')
      .replace(/\.git$/, ''),
  );

/**
 * Looks at every branch, remote branch and tag, and at the HEAD of every worktree; stashes and notes are no history.
 * @throws {RepositoryFailure}
 */
export async function snapshotOf(repository: LocalRepository): Promise<Snapshot> {
  try {
    const { git, workTree, commonDirectory } = repository;
    const [refs, heads, mailmap, shallow] = await Promise.all([
      git.run(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/remotes', 'refs/tags']),
      git.run(['worktree', 'list', '--porcelain']),
      workTree === null
        ? mailmapOfHead(git)
        : digestOf(join(workTree, '.mailmap')).then((digest) => ({ digest, blob: '' })),
      digestOf(join(commonDirectory, 'shallow')),
    ]);
    const named = [...parsedRefs(refs.stdout), ...parsedHeads(heads.stdout)];
    const resolved = await resolve(git, named);
    const garbage = [...refs.stderr.matchAll(/ignoring broken ref (\S+)/g)].map(([, ref = '']) => ref);
    return {
      tips: resolved.tips,
      broken: [...garbage, ...resolved.broken],
      mailmap,
      shallow,
    };
  } catch (error) {
    throw await failureAt(repository.location, error);
  }
}

type NamedObject = { readonly sha: string; readonly name: string };

const parsedRefs = (output: Buffer): NamedObject[] =>
  output
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => ({ sha: line.slice(0, line.indexOf(' ')), name: line.slice(line.indexOf(' ') + 1) }));

/** An unborn branch's HEAD is all zeros, a bare repository has none here. */
const parsedHeads = (output: Buffer): NamedObject[] =>
  [...output.toString().matchAll(/^HEAD ([0-9a-f]{40,64})$/gm)]
    .map(([, sha = '']) => ({ sha, name: 'HEAD' }))
    .filter(({ sha }) => !/^0+$/.test(sha));

/** Tags are followed to what they tag; what is no commit (a tagged file) is no history. */
async function resolve(git: Git, objects: readonly NamedObject[]) {
  const shas = [...new Set(objects.map(({ sha }) => sha))];
  const questions = [...shas.map((sha) => `${sha}^{}`), 'HEAD^{commit}'];
  const { stdout } = await git.run(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    input: `${questions.join('\n')}\n`,
  });
  const answers = stdout.toString().split('\n');
  const tips = new Set<string>();
  const broken: string[] = [];
  shas.forEach((sha, index) => {
    const [object = '', type] = answers[index]?.split(' ') ?? [];
    if (type === 'commit') tips.add(object);
    else if (type === 'missing') broken.push(`${objects.find((named) => named.sha === sha)?.name ?? ''} (${sha})`);
  });
  const [head = '', type] = answers[shas.length]?.split(' ') ?? [];
  if (type === 'commit') tips.add(head);
  return { tips: [...tips].sort(), broken };
}

/** Where a partial clone left it with its remote, it counts as none: nothing is fetched by looking. */
async function mailmapOfHead(git: Git): Promise<Snapshot['mailmap']> {
  try {
    const { stdout } = await git.run(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
      input: 'HEAD:.mailmap\n',
    });
    const [blob = '', type] = stdout.toString().trim().split(' ');
    return type === 'blob' ? { digest: blob, blob } : { digest: '', blob: '' };
  } catch (error) {
    if (error instanceof GitFailed && error.kind === 'failed') return { digest: '', blob: '' };
    throw error;
  }
}

/** Of a file's content; empty when there is none. Anything but a regular file (git does not follow links here either) counts as none. */
async function digestOf(path: string): Promise<string> {
  try {
    if (!(await lstat(path)).isFile()) return '';
    return createHash('sha256')
      .update(await readFile(path))
      .digest('base64url');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return '';
    throw error;
  }
}
