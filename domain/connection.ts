import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

export const connectionEvents = {
  /**
   * A member lets Almanac read one of the repositories their GitHub account reaches. Said again when it is called otherwise, or has
   * become private or public. What a private one is called, and what is in it, is shown to them alone (seed 002, is_private).
   */
  RepositoryConnected: defineEvent(
    z.object({
      memberId: z.string(),
      repositoryId: z.string(),
      /** GitHub's number of it: it stays when the repository is renamed or moved. */
      githubId: z.int().positive(),
      /** `owner/name` */
      name: z.string().min(1),
      private: z.boolean(),
      at: instantSchema,
    }),
    { personal: ['name'] },
  ),
  RepositoryDisconnected: defineEvent(z.object({ memberId: z.string(), repositoryId: z.string(), at: instantSchema })),
};
export type ConnectionEvent = EventsOf<typeof connectionEvents>;
export type ConnectedRepository = Omit<Extract<ConnectionEvent, { type: 'RepositoryConnected' }>['data'], 'at'>;

/** All repositories a member has connected; of one person there are hundreds at most. */
export const connectionStream = (memberId: string) => `connection-${memberId}`;

export type Connections = ReadonlyMap<string, ConnectedRepository>;

export const connections = {
  initial: new Map() as Connections,
  evolve(state: Connections, { type, data }: ConnectionEvent): Connections {
    const next = new Map(state);
    if (type === 'RepositoryConnected') next.set(data.repositoryId, data);
    else next.delete(data.repositoryId);
    return next;
  },
};

/** Connects repositories that are not connected yet, or that are called otherwise or shown to others than before. */
export const connectRepositories = (
  repositories: readonly ConnectedRepository[],
  at: string,
  state: Connections,
): ConnectionEvent[] =>
  repositories
    .filter(({ repositoryId, name, private: hidden }) => {
      const known = state.get(repositoryId);
      return known?.name !== name || known.private !== hidden;
    })
    .map((repository) => ({ type: 'RepositoryConnected', data: { ...repository, at } }));

export function disconnectRepository(repositoryId: string, at: string, state: Connections): ConnectionEvent[] {
  const known = state.get(repositoryId);
  return known ? [{ type: 'RepositoryDisconnected', data: { memberId: known.memberId, repositoryId, at } }] : [];
}
