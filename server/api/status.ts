import { tracked } from '@trpc/server';
import { z } from 'zod';
import { isAdmin } from '../identity/caller.ts';
import { personProcedure, readProcedure, router, type Context } from './trpc.ts';
import type { StatusView } from './views.ts';

export const statusRouter = router({
  get: readProcedure
    .meta({ description: 'What the server is doing: repositories being read, read models, the store.' })
    .query(({ ctx }) => statusView(ctx)),

  moment: readProcedure
    .meta({
      description: 'Names this moment: `changes` that begin with it as `lastEventId` tell of all that happened since.',
    })
    .query(({ ctx }) => ({ id: ctx.services.moment() })),

  collectNow: personProcedure
    .meta({
      description: 'Reads all repositories now, and what everybody has at GitHub; answers when they have been read.',
    })
    .mutation(async ({ ctx }) => {
      await ctx.services.collectNow();
      return statusView(ctx);
    }),
});

/** What to load again, as it happens (server-sent events). */
export const changes = readProcedure
  .meta({ description: 'What to load again, as it happens.' })
  .input(z.object({ lastEventId: z.string().nullish() }).optional())
  .subscription(async function* ({ ctx, input, signal }) {
    const ended = AbortSignal.any([signal, ctx.signal].filter((one) => one !== undefined));
    for await (const { id, topics } of ctx.services.changes(ended, input?.lastEventId)) yield tracked(id, { topics });
  });

/** Where things lie and what failed word for word is for those who look after the server. */
function statusView({ services, caller }: Pick<Context, 'services' | 'caller'>): StatusView {
  const isShown = isAdmin(caller);
  const repositories = services.repositories().map(({ skipped, path, message, ...status }) => ({
    ...status,
    path: isShown ? path : '',
    message: isShown ? message : null,
    skipped: skipped.count,
  }));
  return {
    version: services.version,
    startedAt: services.startedAt,
    repositories,
    readModels: services.readModelStatus().map(({ name, version, state, error, done, total }) => ({
      name,
      version,
      state,
      done,
      total,
      error: isShown ? error : error && '',
    })),
    subscribers: services.subscribers().map(({ name, state, parked, lastError: error }) => ({
      name,
      state,
      parked,
      error: isShown ? error : error && '',
    })),
    erasing: services.erasing(),
    store: services.store,
    defaultChallenge: services.defaultChallenge(),
    timeZone: services.timeZone,
    collection: services.collections.collector.progress(),
    state: stateOf(repositories),
  };
}

function stateOf(repositories: StatusView['repositories']): StatusView['state'] {
  if (repositories.every(({ repositoryId, reason }) => repositoryId === null && reason === 'not-a-repository'))
    return 'no-repository';
  if (repositories.some(({ state }) => state === 'waiting' || state === 'reading')) return 'reading';
  return repositories.every(({ state }) => state === 'empty') ? 'no-commits' : 'ready';
}
