import { createHash } from 'node:crypto';
import { connections, connectionStream, connectRepositories, type Connections } from '../../../domain/connection.ts';
import {
  collection,
  collectionStream,
  completeCollection,
  discoverRepository,
  discovery,
  failCollection,
  repositoryStream,
} from '../../../domain/repository.ts';
import type { SeenCommit } from '../../../domain/commit-history.ts';
import type { TimeZone } from '../../../domain/calendar.ts';
import type { Codec } from '../../event-store/codec.ts';
import { execute } from '../../event-store/command-handler.ts';
import type { EventStore } from '../../event-store/event-store.ts';
import { gitHubRepositoryId } from '../../identity/github-connections.ts';
import type { Ledger } from '../ledger.ts';
import { recordCommits } from '../record-commits.ts';
import type { RepositoryCursor } from './cursors.ts';
import type { Failure } from './failure.ts';
import type { ListedRepository } from './listing.ts';
import type { MemberRead } from './read-member.ts';
import type { Found } from './read-repositories.ts';

export type RecordContext = { readonly store: EventStore; readonly codec: Codec; readonly ledger: Ledger };

/**
 * Records what was read of a member: what repositories are called and who may see them, then the commits.
 * @param at when the reading began, ISO instant
 * @returns how many events about commits, and how far each repository has been read and told of
 * @throws {StoreUnavailable} some may have been recorded: to record them again is harmless
 */
export async function recordRead(
  context: RecordContext,
  { memberId, at, chosen }: { memberId: string; at: string; chosen: Connections },
  { found, listed, cursors }: MemberRead,
): Promise<{ observed: number; cursors: RepositoryCursor[] }> {
  await context.ledger.enlist([]);
  if (context.ledger.isErased(memberId)) return { observed: 0, cursors: [] };
  const withCommits = new Set(found.map(({ repository }) => repository.githubId));
  const told: RepositoryCursor[] = [];
  for (const repository of listed) {
    const cursor = cursors.get(repository.githubId);
    if (!cursor) continue;
    const hash = hashOf(repository);
    const always = withCommits.has(repository.githubId);
    const isTold = cursor.told === hash || (await tell(context, repository, { memberId, at, always }));
    told.push({ ...cursor, told: isTold ? hash : cursor.told });
  }
  await renewConnections(context, { memberId, at, chosen }, listed);
  return { observed: await recordFound(context, { memberId, at }, found), cursors: told };
}

/** Of what a repository is called and who may see it: kept beside the log, where no name may be. */
const hashOf = ({ githubId, owner, name, private: hidden }: ListedRepository): string =>
  createHash('sha256')
    .update(JSON.stringify([githubId, hidden ? null : `${owner}/${name}`]))
    .digest('hex');

/**
 * Says of a repository what everybody may know, where there is something to say: of a public one with its first commits, of one that
 * was said to be public also when it is called otherwise or has become private.
 * @returns whether the log knows it as it is
 */
async function tell(
  { store, codec }: RecordContext,
  { githubId, owner, name, private: hidden }: ListedRepository,
  { memberId, at, always }: { memberId: string; at: string; always: boolean },
): Promise<boolean> {
  const repositoryId = gitHubRepositoryId(githubId);
  const input = { memberId, repositoryId, githubId, name: `${owner}/${name}`, private: hidden, at };
  let known = false;
  await execute(store, codec, {
    stream: repositoryStream(repositoryId),
    aggregate: discovery,
    decide: (state) => {
      known = state !== null || (always && !hidden);
      return known ? discoverRepository(input, state) : [];
    },
    commandId: `discover ${JSON.stringify(input)}`,
    newest: 1,
  });
  // A private one that was never public is nobody's business: there is nothing to tell.
  return known || hidden;
}

/** What the member knows their repositories by changes with what they are called, and so does who may see them. */
async function renewConnections(
  { store, codec }: RecordContext,
  { memberId, at, chosen }: { memberId: string; at: string; chosen: Connections },
  listed: readonly ListedRepository[],
): Promise<void> {
  const changed = listed.flatMap(({ githubId, owner, name, private: hidden }) => {
    const repositoryId = gitHubRepositoryId(githubId);
    const known = chosen.get(repositoryId);
    const now = { memberId, repositoryId, githubId, name: `${owner}/${name}`, private: hidden };
    return !known || (known.name === now.name && known.private === hidden) ? [] : [now];
  });
  if (changed.length === 0) return;
  await execute(store, codec, {
    stream: connectionStream(memberId),
    aggregate: connections,
    decide: (state) =>
      connectRepositories(
        changed.filter(({ repositoryId }) => state.has(repositoryId)),
        at,
        state,
      ),
    commandId: `renew ${at} ${JSON.stringify(changed)}`,
  });
}

async function recordFound(
  context: RecordContext,
  { memberId, at: observedAt }: { memberId: string; at: string },
  found: readonly Found[],
): Promise<number> {
  const { ledger } = context;
  // First seen in public: so its name is known wherever the commit is.
  const publicFirst = [...found].sort(
    (one, other) => Number(one.repository.private) - Number(other.repository.private),
  );
  const seen = publicFirst.flatMap(({ repository, commits }) => {
    const repositoryId = gitHubRepositoryId(repository.githubId);
    return commits
      .filter(({ sha }) => !ledger.knows(sha, repositoryId))
      .map((commit): SeenCommit => {
        // Whom it was recorded for, it stays theirs, whatever GitHub makes of its address now.
        const author = ledger.authorOf(commit.sha) ?? memberId;
        return { ...commit, memberId: author, repositoryId, authorOffset: 0, observedAt };
      })
      .filter((commit) => !ledger.isErased(commit.memberId));
  });
  const first = new Map<string, SeenCommit>();
  const again = seen.filter((commit) => first.getOrInsert(commit.sha, commit) !== commit);
  const observed = await recordCommits(context, [...first.values()]);
  if (again.length === 0) return observed;
  // The log has them now: what follows says only where else they are.
  await ledger.enlist([]);
  const elsewhere = again.filter(({ sha, repositoryId }) => !ledger.knows(sha, repositoryId));
  return observed + (await recordCommits(context, elsewhere));
}

type Told = { readonly store: EventStore; readonly codec: Codec };

/**
 * Everything a member had at GitHub before `through` was seen.
 * @param zones in whose days their seasons are kept
 */
export async function sayCompleted(
  { store, codec }: Told,
  {
    memberId,
    zones,
    ...read
  }: { memberId: string; through: string; from: string; observed: number; zones: readonly TimeZone[] },
): Promise<void> {
  const input = { source: 'github' as const, sourceId: memberId, ...read };
  await execute(store, codec, {
    stream: collectionStream(memberId),
    aggregate: collection,
    // A day that has ended in any of the zones is to be known to be covered.
    decide: (state) =>
      zones.map((timeZone) => completeCollection({ ...input, timeZone }, state)).find(({ length }) => length > 0) ?? [],
    commandId: `complete ${memberId} ${read.through} ${read.observed}`,
    newest: 1,
  });
}

/** @param at ISO instant @param retryAt ISO instant; null: not before it is asked for, or the hour comes */
export async function sayFailed(
  { store, codec }: Told,
  { memberId, at, retryAt }: { memberId: string; at: string; retryAt: string | null },
  { reason, message }: Failure,
): Promise<void> {
  const data = { source: 'github' as const, sourceId: memberId, at, reason, message, ...(retryAt && { retryAt }) };
  await execute(store, codec, {
    stream: collectionStream(memberId),
    aggregate: collection,
    // Whose token has ended has none then: why it ended says more.
    decide: (state) =>
      reason === 'not-connected' && state.status === 'failed' && state.reason === 'token-revoked'
        ? []
        : failCollection(data, state),
    commandId: `fail ${memberId} ${at} ${reason}`,
    newest: 1,
  });
}
