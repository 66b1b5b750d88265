import { z } from 'zod';
import { dayOf, type TimeZone } from './calendar.ts';
import { defineEvent, instantSchema, type EventsOf, type Upcast } from './event.ts';

export const repositoryEvents = {
  /** A clone on this machine, which whoever sits at it sees. */
  RepositoryRegistered: defineEvent(
    z.object({ repositoryId: z.string(), name: z.string(), source: z.enum(['local-git']), location: z.string() }),
  ),
  /**
   * What was found at GitHub, before anything is said of its commits. What a private repository is called only those who connected it
   * are told (`RepositoryConnected`, sealed). Said again when it is called otherwise, or has become private or public.
   */
  RepositoryDiscovered: defineEvent(
    z.object({
      /** Who showed it: what it is called names most owners, and goes when they are erased. */
      memberId: z.string(),
      repositoryId: z.string(),
      githubId: z.int().positive(),
      /** `owner/name`; null: private. */
      name: z.string().nullable(),
      private: z.boolean(),
      at: instantSchema,
    }),
    { personal: ['name'] },
  ),
};
export type RepositoryEvent = EventsOf<typeof repositoryEvents>;
export const repositoryStream = (id: string) => `repository-${id}`;

/** What was read: a clone on this machine by its repository's id, or what a member has at GitHub by the member's. */
const source = { source: z.enum(['local-git', 'github']), sourceId: z.string() };
/** Version 1 knew repositories of this machine only. */
const ofClone: Upcast = ({ repositoryId, ...data }) => ({ source: 'local-git', sourceId: repositoryId, ...data });

const LOCAL_FAILURES = ['missing', 'not-a-repository', 'unreadable', 'store-unavailable', 'timeout'] as const;
const GITHUB_FAILURES = ['not-connected', 'token-revoked', 'refused', 'rate-limited', 'unavailable'] as const;

export const collectionEvents = {
  /** Every commit written and present before `through` was seen. Appended when something was found, when a failure healed, and once a day. */
  CollectionCompleted: defineEvent(
    z.object({
      ...source,
      through: instantSchema,
      observed: z.int().min(0),
      /** Commits committed from then on were looked for; absent: all there are. */
      from: instantSchema.optional(),
    }),
    {
      upcasts: [ofClone],
    },
  ),
  CollectionFailed: defineEvent(
    z.object({
      ...source,
      at: instantSchema,
      reason: z.enum([...LOCAL_FAILURES, ...GITHUB_FAILURES]),
      /** Names no private repository: whoever looks after the server reads it. */
      message: z.string(),
      /** It is tried again then; nobody said: by the usual patience. */
      retryAt: instantSchema.optional(),
    }),
    { upcasts: [ofClone] },
  ),
};
export type CollectionEvent = EventsOf<typeof collectionEvents>;
export type CollectionSource = Pick<CollectionEvent['data'], 'source' | 'sourceId'>;
export const collectionStream = (sourceId: string) => `collection-${sourceId}`;

type Registered = Extract<RepositoryEvent, { type: 'RepositoryRegistered' }>;
type Discovered = Extract<RepositoryEvent, { type: 'RepositoryDiscovered' }>;
export type Registration = Registered['data'];

export const repository = {
  initial: null as Registration | null,
  evolve: (_state: Registration | null, { data }: Registered): Registration => data,
};

/** Said again only when the repository is called or lies otherwise than before. */
export function registerRepository(input: Registration, state: Registration | null): Registered[] {
  const same = state && state.name === input.name && state.location === input.location && state.source === input.source;
  return same ? [] : [{ type: 'RepositoryRegistered', data: input }];
}

export type Discovery = Discovered['data'];

export const discovery = {
  initial: null as Discovery | null,
  evolve: (_state: Discovery | null, { data }: Discovered): Discovery => data,
};

/** What a repository is called is told while everybody may see it. */
export function discoverRepository(
  found: Omit<Discovery, 'name'> & { readonly name: string },
  state: Discovery | null,
): Discovered[] {
  const name = found.private ? null : found.name;
  return state?.name === name && state.private === found.private
    ? []
    : [{ type: 'RepositoryDiscovered', data: { ...found, name } }];
}

/** How the last reading ended; decisions need nothing older. */
export type Collection =
  | { readonly status: 'none' }
  | { readonly status: 'completed'; readonly through: string; readonly from?: string | undefined }
  | { readonly status: 'failed'; readonly reason: FailureReason };
export type FailureReason = Extract<CollectionEvent, { type: 'CollectionFailed' }>['data']['reason'];

export const collection = {
  initial: { status: 'none' } as Collection,
  evolve: (_state: Collection, event: CollectionEvent): Collection =>
    event.type === 'CollectionCompleted'
      ? { status: 'completed', through: event.data.through, from: event.data.from }
      : { status: 'failed', reason: event.data.reason },
};

/**
 * A completed reading is worth saying when it found something, when it is the first or a failure healed, and when a new local
 * day has begun since the last one: by that the day before is known to be covered. So is one that reaches further back.
 */
export function completeCollection(
  { timeZone, ...data }: CollectionSource & { through: string; observed: number; from?: string; timeZone: TimeZone },
  state: Collection,
): CollectionEvent[] {
  const day = (instant: string) => dayOf(Date.parse(instant) / 1000, timeZone);
  const said =
    state.status === 'completed' &&
    !reachesFurther(data.from, state.from) &&
    (data.through === state.through || (data.observed === 0 && day(data.through) <= day(state.through)));
  return said ? [] : [{ type: 'CollectionCompleted', data }];
}

const reachesFurther = (from: string | undefined, before: string | undefined): boolean =>
  before !== undefined && (from === undefined || Date.parse(from) < Date.parse(before));

/** A failure that goes on is said once for each reason. */
export function failCollection(
  data: Extract<CollectionEvent, { type: 'CollectionFailed' }>['data'],
  state: Collection,
): CollectionEvent[] {
  return state.status === 'failed' && state.reason === data.reason ? [] : [{ type: 'CollectionFailed', data }];
}
