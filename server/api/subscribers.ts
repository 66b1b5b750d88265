import { z } from 'zod';
import { fieldError } from './errors.ts';
import type { Services } from './services.ts';
import { adminProcedure, router } from './trpc.ts';

/** An event that a subscriber put aside after it had failed for good. Positions are text, since they are 64 bit. */
export type ParkedView = {
  readonly subscriber: string;
  /** Of the event in the log: it names the event. */
  readonly position: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: string;
  readonly reason: string;
  readonly attempts: number;
  /** Instant of the last attempt. */
  readonly parkedAt: string;
};

/** `failed` are still parked, with the new reason. */
export type ReplayView = { readonly replayed: ParkedView[]; readonly failed: ParkedView[] };

const position = z.string().regex(/^\d{1,18}$/, { error: 'expected a position in the log, such as 42' });
const subscriber = z.string().optional();

export const subscribersRouter = router({
  parked: adminProcedure
    .meta({ description: 'Events that subscribers put aside, in the order of the log.' })
    .query(({ ctx }) => parkedEvents(ctx.services)),

  replay: adminProcedure
    .meta({ description: 'Handles parked events again, all of them or the one at a position.' })
    .input(z.strictObject({ subscriber, position: position.optional() }))
    .mutation(async ({ ctx, input }): Promise<ReplayView> => {
      const replay: ReplayView = { replayed: [], failed: [] };
      for (const event of chosen(ctx.services, input)) {
        const answer = await ctx.services.parking.get(event.subscriber)?.replay(event.position);
        const reason = answer?.failed[0]?.reason;
        if (reason === undefined) replay.replayed.push(event);
        else replay.failed.push({ ...event, reason });
      }
      return replay;
    }),

  discard: adminProcedure
    .meta({ description: 'Gives up the parked event at a position for good; answers which it was.' })
    .input(z.strictObject({ subscriber, position }))
    .mutation(({ ctx, input }): ParkedView => {
      const [event, another] = chosen(ctx.services, input);
      if (!event) throw nothingAt(input.position);
      if (another)
        throw fieldError(
          'subscriber',
          `Parked at ${input.position} by ${event.subscriber} and ${another.subscriber}: say whose event to discard.`,
        );
      ctx.services.parking.get(event.subscriber)?.discard(event.position);
      return event;
    }),
});

function parkedEvents({ parking }: Services): ParkedView[] {
  return [...parking].flatMap(([name, parked]) =>
    parked.list().map(({ id, type, stream, revision, reason, attempts, parkedAt }) => ({
      subscriber: name,
      position: id,
      type,
      stream,
      revision: String(revision),
      reason,
      attempts,
      parkedAt: new Date(parkedAt).toISOString(),
    })),
  );
}

type Choice = { readonly subscriber?: string | undefined; readonly position?: string | undefined };

/** @throws {TRPCError} for a subscriber there is none of, and for a position nothing is parked at */
function chosen(services: Services, { subscriber: name, position: at }: Choice): ParkedView[] {
  if (name !== undefined && !services.parking.has(name)) {
    const names = [...services.parking.keys()].join(', ');
    throw fieldError('subscriber', `There is no subscriber "${name}"; there are ${names}.`, 'NOT_FOUND');
  }
  const events = parkedEvents(services)
    .filter(({ subscriber }) => name === undefined || subscriber === name)
    .filter((event) => at === undefined || event.position === at);
  if (at !== undefined && events.length === 0) throw nothingAt(at);
  return events;
}

const nothingAt = (at: string) => fieldError('position', `No parked event is at position ${at}.`, 'NOT_FOUND');
