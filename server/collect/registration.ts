import { realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import {
  collection,
  collectionStream,
  completeCollection,
  failCollection,
  registerRepository,
  repository,
  repositoryStream,
  type Registration,
} from '../../domain/repository.ts';
import { derivedId, type Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore } from '../event-store/event-store.ts';
import { errorCode, RepositoryFailure } from './failure.ts';
import type { LocalRepository } from './local-git.ts';

type Log = { readonly store: EventStore; readonly codec: Codec };

/** The same directory is the same repository, whichever of its worktrees it is read from. */
export const repositoryIdOf = ({ commonDirectory }: LocalRepository): string =>
  derivedId('repository', 'local-git', commonDirectory);

/** @throws {StoreUnavailable} */
export async function register(
  { store, codec }: Log,
  { name, location }: LocalRepository,
  repositoryId: string,
  at: string,
): Promise<void> {
  const input = { repositoryId, name, source: 'local-git' as const, location };
  await execute(store, codec, {
    stream: repositoryStream(repositoryId),
    aggregate: repository,
    decide: (state) => registerRepository(input, state),
    commandId: `register ${repositoryId} ${at}`,
    newest: 1,
  });
}

/** @throws {StoreUnavailable} */
export async function complete(
  { store, codec }: Log,
  { repositoryId, ...read }: { repositoryId: string; through: string; observed: number; timeZone: string },
): Promise<void> {
  await execute(store, codec, {
    stream: collectionStream(repositoryId),
    aggregate: collection,
    decide: (state) => completeCollection({ ...cloned(repositoryId), ...read }, state),
    commandId: `complete ${repositoryId} ${read.through} ${read.observed}`,
    newest: 1,
  });
}

/** @throws {StoreUnavailable} */
export async function fail(
  { store, codec }: Log,
  repositoryId: string,
  at: string,
  failure: RepositoryFailure,
): Promise<void> {
  const { reason, message } = failure;
  await execute(store, codec, {
    stream: collectionStream(repositoryId),
    aggregate: collection,
    decide: (state) => failCollection({ ...cloned(repositoryId), at, reason, message }, state),
    commandId: `fail ${repositoryId} ${at} ${reason}`,
    newest: 1,
  });
}

const cloned = (sourceId: string) => ({ source: 'local-git' as const, sourceId });

type Registered = Pick<Registration, 'repositoryId' | 'name' | 'location'>;

/** The repository last registered at a place or around it. @throws {StoreUnavailable} */
export async function registeredAt({ store, codec }: Log, place: string): Promise<Registered | null> {
  let found: Registered | null = null;
  for await (const page of store.readAll({ filter: { streamPrefixes: [repositoryStream('')] } }))
    for (const recorded of page) {
      const event = codec.decode(recorded);
      if (event?.type !== 'RepositoryRegistered') continue;
      const { location } = event.data;
      const around = place === location || place.startsWith(`${location}${sep}`);
      if (around && (found === null || location.length >= found.location.length)) found = event.data;
    }
  return found;
}

/**
 * The repository that was read at a path (or around it) in earlier days and is not there now: its days are unknown, not absent.
 * @throws {StoreUnavailable}
 */
export async function formerlyAt(log: Log, path: string): Promise<Registered | null> {
  const found = await registeredAt(log, await resolved(path));
  return found && (await resolved(found.location, false)) === null ? found : null;
}

/** Symbolic links resolved as far as the path exists. */
async function resolved(path: string, partly?: true): Promise<string>;
async function resolved(path: string, partly: false): Promise<string | null>;
async function resolved(path: string, partly = true): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    // Whatever keeps the path from being resolved (it is gone, a link to itself, of another user): its folder may still be known.
    if (errorCode(error) === undefined) throw error;
    if (!partly) return null;
    return path === dirname(path) ? path : join(await resolved(dirname(path)), basename(path));
  }
}
