import { z } from 'zod';
import type { RecordedEvent } from '../event-store/event-store.ts';
import { detailsOf, streamOf } from './recorded-details.ts';
import { adminProcedure, answers } from './trpc.ts';

const recordedSchema = z
  .object({
    position: z.int().meta({ description: 'Among all events; `before` goes on from it.' }),
    recorded_at: z.iso.datetime(),
    type: z.string(),
    stream: z.string(),
    revision: z.int().meta({ description: 'Within the stream, from 0.' }),
    data: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What it says; sealed texts stay sealed. null: of a type this version does not know.' }),
  })
  .meta({ id: 'RecordedEvent' });
export type RecordedView = z.output<typeof recordedSchema>;

/** The log itself, read backwards: `latest` knows only what happened lately. */
export const recordedEvents = adminProcedure
  .meta({
    description: 'Events of the log, the latest first, with what they say; sealed texts stay sealed.',
    rest: {
      ...{ method: 'GET', path: '/api/admin/events', summary: 'Events of the log' },
      ...{ tags: ['admin'], errors: [403] },
    },
  })
  .input(
    z.strictObject({
      type: z.string().min(1).max(100).optional().meta({ description: 'Only of this type, such as MemberJoined.' }),
      stream: z
        .string()
        .min(1)
        .max(300)
        .optional()
        .meta({ description: 'Only of the streams that begin like this, such as challenge-.' }),
      before: z.int().min(0).optional().meta({ description: 'Only what is older than this position.' }),
      limit: z.int().min(1).max(200).default(50),
    }),
  )
  .output(answers(z.object({ events: z.array(recordedSchema) })))
  .query(async ({ ctx, input: { type, stream, before, limit } }) => {
    const options = { direction: 'backwards' as const, ...(before !== undefined && { from: BigInt(before) }) };
    // The store filters by one of the two only; streams hold less than types do.
    const filter = stream === undefined ? type && { typePrefixes: [type] } : { streamPrefixes: [stream] };
    const found: RecordedEvent[] = [];
    for await (const page of ctx.services.log.readAll({ ...options, ...(filter && { filter }) })) {
      found.push(...page.filter((event) => type === undefined || event.type === type));
      if (found.length >= limit || ctx.signal?.aborted) break;
    }
    // Asked for by its own name, a private stream would tell that it is there.
    const shown = found.map((event) => ({ event, told: streamOf(ctx, event.stream) }));
    const named = shown.filter(({ told }) => stream === undefined || told.startsWith(stream));
    const events = named.slice(0, limit).map(({ event, told }) => ({
      ...{ position: Number(event.position), type: event.type, stream: told, revision: Number(event.revision) },
      recorded_at: new Date(event.recordedAt).toISOString(),
      data: detailsOf(ctx, event),
    }));
    return { events };
  });
