import { z } from 'zod';
import { inParallel } from '../../in-parallel.ts';
import { GitHubRefused } from '../../identity/github-faults.ts';
import { instantOf, shortened } from '../raw-commit.ts';
import type { Credential } from './credential.ts';
import type { ListedRepository } from './listing.ts';

/** A commit of the account whose repositories are read. */
export type FoundCommit = {
  readonly sha: string;
  /** Seconds precision, UTC. */
  readonly authoredAt: string;
  readonly committedAt: string;
  readonly message: string;
};

/** `commits`: each once, whatever number of branches hold it. */
export type Branches = { readonly heads: readonly string[]; readonly commits: readonly FoundCommit[] };

const sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
const branch = z.object({ commit: z.object({ sha }) });
const signature = z.object({ date: z.string() }).nullish();
const commit = z.object({
  sha,
  commit: z.object({ author: signature, committer: signature, message: z.string().nullish() }),
  author: z.object({ id: z.int().optional() }).nullish(),
});

/** Branches listed at once; the token's own turns bound what is really asked. */
const MOST_AT_ONCE = 4;

/**
 * Reads what an account has written in a repository: of every branch that stands elsewhere than before, every commit.
 * @param asked `knownHeads`: where branches stood; `since`: seconds since the epoch, by committer date
 * @param account asked for only where commits are to be listed
 * @throws {GitHubUnavailable} also when one page of one branch is missing
 * @throws {GitHubRefused} `not_found` or `moved` where the repository is not (any more) what it was called
 */
export async function readBranches(
  as: Credential,
  { owner, name: repo }: Pick<ListedRepository, 'owner' | 'name'>,
  asked: { readonly knownHeads: readonly string[]; readonly since: number },
  account: () => Promise<{ readonly id: number; readonly login: string }>,
): Promise<Branches> {
  const at = { owner, repo };
  const branches = await unlessEmpty(() => as.list('GET /repos/{owner}/{repo}/branches', branch, at));
  const heads = [...new Set(branches.map((one) => one.commit.sha))].toSorted();
  const known = new Set(asked.knownHeads);
  const found = new Map<string, FoundCommit>();
  const list = async (head: string) => {
    const { id, login } = await account();
    const since = new Date(asked.since * 1000).toISOString();
    const parameters = { ...at, sha: head, author: login, since };
    const listed = await unlessEmpty(() => as.list('GET /repos/{owner}/{repo}/commits', commit, parameters));
    for (const one of listed) {
      // A login is compared by GitHub, and may be somebody else's by now: the number is theirs for ever.
      const text = one.author?.id === id ? toFound(one) : null;
      if (text) found.set(one.sha, text);
    }
  };
  await inParallel(
    heads.filter((head) => !known.has(head)),
    list,
    { most: MOST_AT_ONCE },
  );
  return { heads, commits: [...found.values()] };
}

/** A repository without a commit has no branch, and says so in its own way; one that nobody may see holds nothing for anybody. */
async function unlessEmpty<Item>(ask: () => Promise<Item[]>): Promise<Item[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof GitHubRefused && (error.reason === 'empty' || error.reason === 'blocked')) return [];
    throw error;
  }
}

/** null: it does not say when it was written, so it can count for no day. */
function toFound({ sha: hash, commit: { author, committer, message } }: z.output<typeof commit>): FoundCommit | null {
  const authoredAt = instantOf(Date.parse(author?.date ?? '') / 1000);
  if (authoredAt === null) return null;
  const committedAt = instantOf(Date.parse(committer?.date ?? '') / 1000) ?? authoredAt;
  return { sha: hash, authoredAt, committedAt, message: shortened((message ?? '').trimEnd().toWellFormed()) };
}
