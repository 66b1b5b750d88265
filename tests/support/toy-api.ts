import { tracked } from '@trpc/server';
import { EventEmitter } from 'node:events';
import { z } from 'zod';
import { fieldError } from '../../server/api/errors.ts';
import type { Services } from '../../server/api/services.ts';
import { answers, operatorProcedure, openProcedure, router } from '../../server/api/trpc.ts';
import { StoreUnavailable, WrongExpectedRevision } from '../../server/event-store/event-store.ts';
import { createRateLimits } from '../../server/edge/rate-limit.ts';
import { NOBODY, OPERATOR } from '../../server/identity/caller.ts';
import { isLoopback } from '../../server/request-guard.ts';
import { startServer, type RunningServer, type ServerOptions } from '../../server/http-server.ts';
import { createLog } from '../../server/log.ts';

const plant = z
  .object({ name: z.string().min(1), height: z.number().positive(), tags: z.array(z.string()).default([]) })
  .meta({ id: 'Plant', description: 'Something that grows.' });
const anything = answers(z.object({ ok: z.literal(true) }));
const at = (path: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE' = 'GET') => ({
  method,
  path,
  summary: `The one at ${path}`,
  tags: ['garden'],
});

/** A field of the rows this procedure answers with that nobody outside may see. */
const SECRET = 'hunter2-not-for-anybody';
export const bed = { plants: [{ name: '소나무', height: 2, tags: ['tree'], secret: SECRET }], written: 0 };
/** Counts how often it is written out. */
const counted = {
  get count() {
    bed.written += 1;
    return 1;
  },
};

/** A procedure for every way an API can answer. */
export const toyRouter = router({
  plants: router({
    list: openProcedure
      .meta({ description: 'All plants.', rest: at('/api/plants') })
      .input(
        z.object({
          limit: z.int().min(1).max(100).default(10),
          tall: z.boolean().optional(),
          tag: z.array(z.string()).optional(),
          q: z.string().optional(),
          ref: z.union([z.int(), z.string()]).optional(),
        }),
      )
      .output(answers(z.object({ plants: z.array(plant), asked: z.unknown() })))
      .query(({ input }) => ({ plants: bed.plants, asked: input })),
    latest: openProcedure
      .meta({ description: 'The newest plant.', rest: at('/api/plants/latest') })
      .output(answers(plant))
      .query(() => bed.plants[0]!),
    one: openProcedure
      .meta({ description: 'One plant.', rest: { ...at('/api/plants/{name}'), errors: [404] } })
      .input(z.object({ name: z.string().max(20) }))
      .output(answers(plant))
      .query(({ input }) => {
        const found = bed.plants.find(({ name }) => name === input.name);
        if (!found) throw fieldError('name', `There is no plant "${input.name}".`, 'NOT_FOUND');
        return found;
      }),
    add: openProcedure
      .meta({
        description: 'Plants one.',
        rest: { ...at('/api/plants', 'POST'), status: 201, query: ['dry'], errors: [409] },
      })
      .input(z.strictObject({ ...plant.shape, dry: z.boolean().optional() }))
      .output(answers(z.object({ name: z.string(), dry: z.boolean() })))
      .mutation(({ input }) => ({ name: input.name, dry: input.dry ?? false })),
    remove: operatorProcedure
      .meta({ description: 'Takes one out.', rest: at('/api/plants/{name}', 'DELETE') })
      .input(z.object({ name: z.string().max(20), force: z.boolean().optional() }))
      .output(anything)
      .mutation(() => ({ ok: true as const })),
    replace: operatorProcedure
      .meta({ description: 'Puts one in its place.', rest: at('/api/plants/{name}', 'PUT') })
      .input(z.object({ name: z.string().max(20), height: z.number() }))
      .output(anything)
      .mutation(() => ({ ok: true as const })),
    counted: openProcedure
      .meta({ description: 'Written out once.', rest: at('/api/counted') })
      .output({ answer: z.object({ count: z.number() }), parse: (value) => value as { count: number } })
      .query(() => counted),
  }),
  faults: router({
    crash: openProcedure
      .meta({ description: 'Fails.', rest: at('/api/faults/crash') })
      .output(anything)
      .query(() => {
        throw new Error(`postgres://admin:${SECRET}@db/ is on fire`);
      }),
    lies: openProcedure
      .meta({ description: 'Answers with what it did not promise.', rest: at('/api/faults/lies') })
      .output(anything)
      .query(() => ({ ok: false }) as unknown as { ok: true }),
    away: openProcedure
      .meta({ description: 'Finds no store.', rest: at('/api/faults/away') })
      .output(anything)
      .query(() => {
        throw new StoreUnavailable(`esdb://admin:${SECRET}@localhost is away`);
      }),
    raced: openProcedure
      .meta({ description: 'Loses a race.', rest: { ...at('/api/faults/raced', 'POST'), errors: [409] } })
      .output(anything)
      .mutation(() => {
        throw new WrongExpectedRevision('plants', 'no_stream', 3n);
      }),
  }),
  /** Not in the REST API. */
  ticks: openProcedure
    .meta({ description: 'A tick at once, then silence until somebody leaves.' })
    .subscription(async function* ({ signal }) {
      yield tracked('1', { tick: 1 });
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
      ended.resolve();
    }),
});

/** Resolves when a subscription of `ticks` has been told to end. */
let ended = Promise.withResolvers<void>();
export const expectEnd = () => (ended = Promise.withResolvers<void>());

export const toyServices = (parts: Partial<Services> = {}): Services =>
  ({
    version: '1.2.3',
    startedAt: '2025-11-05T00:00:00.000Z',
    now: () => Date.UTC(2025, 10, 5),
    health: () => Promise.resolve(),
    ...parts,
  }) as Services;

export type ToyServer = RunningServer &
  AsyncDisposable & {
    readonly logged: Record<string, unknown>[];
    /** Emits `line` for each of `logged`. */
    readonly log: EventEmitter;
  };

/** The toy router behind the real server, on a free port of loopback. */
export async function startToy({
  operatorToken = 'the-operator-token',
  ...options
}: Partial<ServerOptions> & { operatorToken?: string } = {}): Promise<ToyServer> {
  const logged: Record<string, unknown>[] = [];
  const log = new EventEmitter();
  const write = (line: string) => {
    logged.push(JSON.parse(line) as Record<string, unknown>);
    log.emit('line');
  };
  const server = await startServer({
    router: toyRouter,
    services: toyServices(),
    log: createLog('debug', { write }),
    host: '127.0.0.1',
    port: 0,
    protection: { local: isLoopback(options.host ?? '127.0.0.1'), publicUrl: null },
    authenticate: async ({ authorization }) => ({
      caller: operatorToken !== '' && authorization === `Bearer ${operatorToken}` ? OPERATOR : NOBODY,
      cookies: [],
      requestsPerMinute: null,
    }),
    limits: createRateLimits({ perMinute: 0 }),
    trustedProxies: 0,
    docs: 'open',
    ...options,
  });
  return { ...server, logged, log, [Symbol.asyncDispose]: () => server.close() };
}
