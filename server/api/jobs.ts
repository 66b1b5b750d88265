import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { countJobRuns, jobRuns, lastJobRun, type JobRunEntry } from '../../projections/jobs.ts';
import { listMembers } from '../../projections/members.ts';
import { actorOf } from '../identity/caller.ts';
import type { JobState } from '../schedule/job-control.ts';
import { JobRefused } from '../schedule/job-refused.ts';
import { fieldError } from './errors.ts';
import type { JobHistoryView, JobRunView, JobView } from './jobs-views.ts';
import type { Services } from './services.ts';
import { adminProcedure, answers, router } from './trpc.ts';

const name = z
  .string()
  .min(1)
  .max(100)
  .meta({ description: 'A job, as the list names it.', examples: ['backup'] });
const challenge = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .meta({ description: "The season, where the job is a season's." });
const slot = z.string().min(1).max(300);

const run = z
  .object({
    name: z.string(),
    slot: z.string(),
    status: z.enum(['running', 'finished', 'failed']),
    startedAt: z.string(),
    attemptAt: z.string(),
    endedAt: z.string().nullable(),
    by: z.string(),
    askedBy: z.string().nullable(),
    attempts: z.int(),
    said: z.string().nullable(),
    retryAt: z.string().nullable(),
  })
  .meta({ id: 'JobRun' });
const job = z
  .object({
    name: z.string(),
    challenge: z.object({ id: z.string(), title: z.string() }).nullable(),
    schedule: z.object({
      kind: z.enum(['hourly', 'daily', 'weekly']),
      at: z.string().nullable(),
      weekday: z.int().nullable(),
    }),
    zone: z.string(),
    next: z.string().nullable(),
    last: run.nullable(),
    running: z
      .object({
        slot: z.string(),
        since: z.string(),
        progress: z.object({ done: z.int(), total: z.int() }).nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'Job' });
const begun = z.object({ slot: z.string().meta({ description: 'Names the run in the history.' }) });

const tags = ['admin'];

export const jobsRouter = router({
  list: adminProcedure
    .meta({
      description: 'Every job there is now: when it is due, what runs, and what came of the last run.',
      rest: { method: 'GET', path: '/api/admin/jobs', summary: 'Jobs', tags },
    })
    .output(answers(z.array(job)))
    .query(async ({ ctx: { services } }): Promise<JobView[]> => {
      const named = handlesOf(services);
      return (await services.jobs.list()).map((state) => viewOf(state, services, named));
    }),

  history: adminProcedure
    .meta({
      description: 'What ran, the latest first.',
      rest: { method: 'GET', path: '/api/admin/jobs/runs', summary: 'Runs of jobs', tags },
    })
    .input(
      z
        .object({
          name: name.optional(),
          skip: z.int().min(0).max(1_000_000).default(0),
          limit: z.int().min(1).max(200).default(50),
        })
        .strict(),
    )
    .output(answers(z.object({ runs: z.array(run), total: z.int() })))
    .query(({ ctx: { services }, input }): JobHistoryView => {
      const model = services.model('jobs');
      const named = handlesOf(services);
      return {
        runs: jobRuns(model, input).map((entry) => runView(entry, named)),
        total: countJobRuns(model, input.name),
      };
    }),

  runNow: adminProcedure
    .meta({
      description: 'Runs a job once more, now. The answer comes when the run has begun; 409 while the job runs.',
      rest: {
        ...{ method: 'POST', path: '/api/admin/jobs/{name}/run', summary: 'Run a job now', tags },
        ...{ status: 201, errors: [404, 409] },
      },
    })
    .input(z.object({ name, challenge }).strict())
    .output(answers(begun))
    .mutation(({ ctx, input }) =>
      refused(async () => ({
        slot: await ctx.services.jobs.runNow(input.name, input.challenge, actorOf(ctx.caller)),
      })),
    ),

  retry: adminProcedure
    .meta({
      description:
        'Runs a slot again that has failed, be it given up. 409 while the job runs, or if it has not failed.',
      rest: {
        ...{ method: 'POST', path: '/api/admin/jobs/{name}/retry', summary: 'Run a failed slot again', tags },
        ...{ status: 201, errors: [404, 409] },
      },
    })
    .input(z.object({ name, slot }).strict())
    .output(answers(begun))
    .mutation(({ ctx, input }) =>
      refused(async () => {
        await ctx.services.jobs.retry(input.name, input.slot, actorOf(ctx.caller));
        return { slot: input.slot };
      }),
    ),
});

type Handles = ReadonlyMap<string, string>;
const handlesOf = (services: Services): Handles =>
  new Map(listMembers(services.model('members')).map(({ id, handle }) => [id, handle]));

const runView = ({ askedBy, ...entry }: JobRunEntry, handles: Handles): JobRunView => ({
  ...entry,
  askedBy: askedBy === null ? null : (handles.get(askedBy) ?? askedBy),
});

function viewOf({ schedule, ...state }: JobState, services: Services, handles: Handles): JobView {
  const { name, challenge } = state;
  const last = lastJobRun(services.model('jobs'), name, challenge ? `_${challenge.id}` : '');
  return {
    ...state,
    schedule: {
      kind: schedule.kind,
      at: schedule.kind === 'hourly' ? null : schedule.at,
      weekday: schedule.kind === 'weekly' ? schedule.weekday : null,
    },
    last: last ? runView(last, handles) : null,
  };
}

const CODES = { unknown: 'NOT_FOUND', running: 'CONFLICT', 'not failed': 'CONFLICT' } as const;

async function refused<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof JobRefused)) throw error;
    if (error.reason === 'unknown') throw fieldError('name', error.message, 'NOT_FOUND');
    throw new TRPCError({ code: CODES[error.reason], message: error.message, cause: error });
  }
}
