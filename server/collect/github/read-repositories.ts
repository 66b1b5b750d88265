import { GitHubRefused, GitHubUnavailable } from '../../identity/github-faults.ts';
import { inParallel } from '../../in-parallel.ts';
import type { GitHubAccount } from './account.ts';
import { readBranches, type FoundCommit } from './branches.ts';
import type { Credential } from './credential.ts';
import type { RepositoryCursor } from './cursors.ts';
import type { ListedRepository, Listing } from './listing.ts';
import { isSettled, isToBeRead } from './needs.ts';

export type Found = { readonly repository: ListedRepository; readonly commits: readonly FoundCommit[] };

export type RepositoriesRead = {
  readonly found: readonly Found[];
  /** One for each repository that has been read to its end, now or before. */
  readonly cursors: ReadonlyMap<number, RepositoryCursor>;
  /** Repositories that GitHub does not have by the name it listed them by. */
  readonly gone: boolean;
  /** Why not all could be read; null: all were. */
  readonly failure: unknown;
};

export type Reading = {
  readonly as: Credential;
  /** What is read of it; the others on the list are private and not connected. */
  readonly mayRead: (repository: ListedRepository) => boolean;
  /** Seconds since the epoch, by committer date. */
  readonly since: number;
  readonly account: () => Promise<GitHubAccount>;
};

/** Repositories read at once; the token's own turns bound what is really asked. */
const MOST_AT_ONCE = 4;
/** An outage is given up on after so many; one repository that fails by itself keeps no other from being read. */
const MOST_FAILURES = 3;

/** Reads what is new in the repositories of a list. What was read counts, whatever fails beside it. */
export async function readRepositories(
  reading: Reading,
  { repositories, askedAt }: Listing,
  before: ReadonlyMap<number, RepositoryCursor>,
): Promise<RepositoriesRead> {
  const { as, since, account } = reading;
  const cursors = new Map(repositories.map((one) => [one.githubId, cursorBefore(reading, one, before)]));
  const found: Found[] = [];
  const failures = new Failures();
  const read = async (repository: ListedRepository) => {
    const { githubId } = repository;
    const known = before.get(githubId);
    // Where commits are wanted that were not looked for, no branch is known.
    const knownHeads = known && since >= known.since ? known.heads : [];
    const { heads, commits } = await readBranches(as, repository, { knownHeads, since }, account);
    if (commits.length > 0) found.push({ repository, commits });
    const pushedAt = isSettled(repository.pushedAt, askedAt) ? repository.pushedAt : 0;
    cursors.set(githubId, { githubId, pushedAt, since, heads, told: known?.told ?? null });
  };
  const toRead = repositories.filter(
    (one) => reading.mayRead(one) && isToBeRead({ pushedAt: one.pushedAt, since }, before.get(one.githubId)),
  );
  const reads = inParallel(toRead, (one) => read(one).catch((error: unknown) => failures.note(error)), {
    most: MOST_AT_ONCE,
  });
  await reads.catch(() => undefined); // noted
  return { found, cursors, gone: failures.gone, failure: failures.worst };
}

function cursorBefore(
  { mayRead, since }: Reading,
  repository: ListedRepository,
  before: ReadonlyMap<number, RepositoryCursor>,
): RepositoryCursor {
  const { githubId, pushedAt } = repository;
  const known = before.get(githubId);
  const unread = { githubId, pushedAt: 0, since, heads: [], told: known?.told ?? null };
  if (!mayRead(repository)) return unread;
  // Nobody has pushed to it since then: it holds nothing that is wanted.
  return known ?? (pushedAt < since ? { ...unread, pushedAt } : unread);
}

const GONE: ReadonlySet<string> = new Set(['not_found', 'moved']);

class Failures {
  readonly #failures: unknown[] = [];
  #gone: unknown = null;

  /** @throws what makes it useless to go on */
  note(error: unknown): void {
    if (error instanceof GitHubRefused && GONE.has(error.reason)) {
      this.#gone ??= error;
      return;
    }
    this.#failures.push(error);
    const passes = error instanceof GitHubRefused || (error instanceof GitHubUnavailable && !error.rateLimited);
    if (!passes || this.#failures.length >= MOST_FAILURES) throw error;
  }

  get gone(): boolean {
    return this.#gone !== null;
  }

  get worst(): unknown {
    // What ended the reading came last.
    return this.#failures.at(-1) ?? this.#gone;
  }
}
