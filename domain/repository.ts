import { z } from 'zod';
import { dayOf, type TimeZone } from './calendar.ts';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

/** Clones on this machine, which whoever sits at it sees. What members reach at GitHub is told by `RepositoryConnected`, sealed. */
export const repositoryEvents = {
  RepositoryRegistered: defineEvent(
    z.object({ repositoryId: z.string(), name: z.string(), source: z.enum(['local-git']), location: z.string() }),
  ),
};
export type RepositoryEvent = EventsOf<typeof repositoryEvents>;
export const repositoryStream = (id: string) => `repository-${id}`;

export const collectionEvents = {
  /** Every commit written and present before `through` was seen. Appended when something was found, when a failure healed, and once a day. */
  CollectionCompleted: defineEvent(
    z.object({ repositoryId: z.string(), through: instantSchema, observed: z.int().min(0) }),
  ),
  CollectionFailed: defineEvent(
    z.object({
      repositoryId: z.string(),
      at: instantSchema,
      reason: z.enum(['missing', 'not-a-repository', 'unreadable', 'store-unavailable', 'timeout']),
      message: z.string(),
    }),
  ),
};
export type CollectionEvent = EventsOf<typeof collectionEvents>;
/** `source` is a repository's id (or, once collected per person, a member's). */
export const collectionStream = (source: string) => `collection-${source}`;

export type Registration = Extract<RepositoryEvent, { type: 'RepositoryRegistered' }>['data'];

export const repository = {
  initial: null as Registration | null,
  evolve: (_state: Registration | null, { data }: RepositoryEvent): Registration => data,
};

/** Said again only when the repository is called or lies otherwise than before. */
export function registerRepository(input: Registration, state: Registration | null): RepositoryEvent[] {
  const same = state && state.name === input.name && state.location === input.location && state.source === input.source;
  return same ? [] : [{ type: 'RepositoryRegistered', data: input }];
}

/** How the last reading ended; decisions need nothing older. */
export type Collection =
  | { readonly status: 'none' }
  | { readonly status: 'completed'; readonly through: string }
  | { readonly status: 'failed'; readonly reason: FailureReason };
export type FailureReason = Extract<CollectionEvent, { type: 'CollectionFailed' }>['data']['reason'];

export const collection = {
  initial: { status: 'none' } as Collection,
  evolve: (_state: Collection, event: CollectionEvent): Collection =>
    event.type === 'CollectionCompleted'
      ? { status: 'completed', through: event.data.through }
      : { status: 'failed', reason: event.data.reason },
};

/**
 * A completed reading is worth saying when it found something, when it is the first or a failure healed, and when a new local
 * day has begun since the last one: by that the day before is known to be covered.
 */
export function completeCollection(
  { timeZone, ...data }: { repositoryId: string; through: string; observed: number; timeZone: TimeZone },
  state: Collection,
): CollectionEvent[] {
  const day = (instant: string) => dayOf(Date.parse(instant) / 1000, timeZone);
  const said =
    state.status === 'completed' &&
    (data.through === state.through || (data.observed === 0 && day(data.through) <= day(state.through)));
  return said ? [] : [{ type: 'CollectionCompleted', data }];
}

/** A failure that goes on is said once for each reason. */
export function failCollection(
  data: Extract<CollectionEvent, { type: 'CollectionFailed' }>['data'],
  state: Collection,
): CollectionEvent[] {
  return state.status === 'failed' && state.reason === data.reason ? [] : [{ type: 'CollectionFailed', data }];
}
