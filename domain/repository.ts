import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

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
