import { z } from 'zod';
import { eventCounts, latestEvents, RECENT_EVENTS } from '../../projections/event-feed.ts';
import { recordedEvents } from './recorded-events.ts';
import { adminProcedure, router } from './trpc.ts';

export const eventsRouter = router({
  recorded: recordedEvents,

  latest: adminProcedure
    .meta({ description: `The latest facts, newest first; the feed goes back ${RECENT_EVENTS} events.` })
    .input(
      z.object({
        types: z.array(z.string().max(100)).max(50).default([]),
        before: z.int().min(0).optional(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .query(({ ctx, input: { types, before, limit } }) => {
      const model = ctx.services.model('event-feed');
      return {
        events: latestEvents(model, { types, limit, ...(before !== undefined && { before }) }),
        counts: eventCounts(model),
      };
    }),
});
