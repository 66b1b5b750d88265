import { stat } from 'node:fs/promises';
import type { FailureReason } from '../../domain/repository.ts';
import { GitFailed } from './git.ts';

/** A repository that cannot be read, in the words of the log and of the page. */
export class RepositoryFailure extends Error {
  override readonly name = 'RepositoryFailure';
  readonly reason: FailureReason;
  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const GONE = new Set(['ENOENT', 'ENOTDIR']);

/**
 * What went wrong with the repository at a path.
 * @param error what reading it threw; errors that say nothing about the repository (a stop, a programming error) come back as they are
 */
export async function failureAt(path: string, error: unknown): Promise<unknown> {
  if (error instanceof RepositoryFailure) return error;
  if (await isGone(path))
    return new RepositoryFailure('missing', `${path} does not exist (any more).`, { cause: error });
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM')
    return new RepositoryFailure('unreadable', `${path} may not be read by this user.`, { cause: error });
  if (error instanceof GitFailed) return failureOfGit(path, error);
  // A link to itself, a name too long, a disk that fails: whatever the system says of the path.
  return code !== undefined && error instanceof Error && 'syscall' in error
    ? new RepositoryFailure('unreadable', `${path} cannot be read: ${error.message}`, { cause: error })
    : error;
}

async function isGone(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    return GONE.has(errorCode(error) ?? '');
  }
}

function failureOfGit(path: string, error: GitFailed): RepositoryFailure {
  const { kind, stderr } = error;
  const failure = (reason: FailureReason, message: string) => new RepositoryFailure(reason, message, { cause: error });
  if (kind === 'not-installed')
    return failure('unreadable', 'The program git was not found: install git 2.36 or newer.');
  if (kind === 'timeout') return failure('timeout', `Git gave no answer about ${path}: is its disk reachable?`);
  if (isDistrust(error))
    return failure(
      'unreadable',
      `${path} belongs to another user, so git refuses to read it. ` +
        `To trust it: git config --global --add safe.directory ${trustedPath(stderr) ?? path}`,
    );
  if (/not a git repository/i.test(stderr))
    return failure('not-a-repository', `${path} is not in a git repository: run git init there, or name another path.`);
  return failure('unreadable', `Git cannot read ${path}: ${lastWords(stderr)}`);
}

export const isDistrust = ({ stderr }: GitFailed): boolean => /dubious ownership|unsafe repository/.test(stderr);

const trustedPath = (stderr: string) => /--add safe\.directory (.+)/.exec(stderr)?.[1];

/** Git's last line says what ended it. */
const lastWords = (stderr: string) =>
  (stderr.trim().split('\n').at(-1) ?? '').replace(/^(fatal|error): /, '').slice(0, 500);
