import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
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
  /** What tells it from another repository that takes its place. */
  readonly fingerprint: string;
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
  const { stdout } = await looking.run(QUESTIONS).catch((error: unknown) => {
    if (root !== null && error instanceof GitFailed && /not a git repository/i.test(error.stderr))
      throw new RepositoryFailure(
        'unreadable',
        `${join(root, '.git')} is damaged: git does not take it for a repository.`,
      );
    throw error;
  });
  const [bare, inside, ...answers] = stdout.toString().replace(/\n$/, '').split('\n');
  const up = inside === 'true' ? (answers.shift() ?? '') : null;
  const commonDirectory = await realpath(answers.join('\n'));
  const main = basename(commonDirectory) === '.git' && bare === 'false' ? dirname(commonDirectory) : null;
  const workTree = up === null ? main : resolve(directory, up);
  const location = main ?? (bare === 'true' ? commonDirectory : (workTree ?? commonDirectory));
  // Named by its git directory, whose work tree may lie anywhere (core.worktree) and know nothing of it.
  const named = directory === commonDirectory ? { GIT_DIR: commonDirectory } : {};
  const git = gitIn(workTree ?? commonDirectory, options, { ...ceiling, ...named });
  const name = (await remoteName(git)) ?? nameOf(location);
  const fingerprint = await fingerprintOf(path, commonDirectory);
  return { name, location, commonDirectory, workTree, git, fingerprint };
}

/** The way up to the work tree is told in a work tree only; the directory, which may hold a newline, comes last. */
const QUESTIONS = [
  'rev-parse',
  '--is-bare-repository',
  '--is-inside-work-tree',
  '--show-cdup',
  '--path-format=absolute',
  '--git-common-dir',
];

async function fingerprintOf(path: string, commonDirectory: string): Promise<string> {
  const { dev, ino, birthtimeMs } = await stat(commonDirectory);
  return [await realpath(path), dev, ino, birthtimeMs].join(' ');
}

/** Does the path still lead to this very repository? Then it need not be opened anew. */
export async function isStillAt(path: string, repository: LocalRepository): Promise<boolean> {
  try {
    return (await fingerprintOf(path, repository.commonDirectory)) === repository.fingerprint;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
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
      .replace(/([\\/]+(\.git|\.)?)+$/, '')
      .replace(/^.*[\\/]/s, '')
      .replace(/^\.+$|\.git$/, ''),
  );
