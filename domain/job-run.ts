import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

const run = { name: z.string(), slot: z.string(), at: instantSchema };
export const jobEvents = {
  JobStarted: defineEvent(z.object({ ...run, by: z.string() })),
  JobFinished: defineEvent(z.object({ ...run, outcome: z.string() })),
  JobFailed: defineEvent(z.object({ ...run, reason: z.string() })),
};
export type JobEvent = EventsOf<typeof jobEvents>;

/** One stream a slot: whoever makes its first append (`no_stream`) runs the job, on however many machines the schedule fires. */
export const jobStream = (name: string, slot: string) => `job-${name}-${slot}`;

export type JobRun =
  | { status: 'free' }
  | { status: 'running'; by: string; since: string; attempts: number }
  | { status: 'finished'; attempts: number }
  | { status: 'failed'; reason: string; attempts: number };

export const jobRun = {
  initial: { status: 'free' } as JobRun,
  evolve(state: JobRun, { type, data }: JobEvent): JobRun {
    const attempts = state.status === 'free' ? 0 : state.attempts;
    switch (type) {
      case 'JobStarted':
        return { status: 'running', by: data.by, since: data.at, attempts: attempts + 1 };
      case 'JobFinished':
        return { status: 'finished', attempts };
      case 'JobFailed':
        return { status: 'failed', reason: data.reason, attempts };
      default:
        return (type satisfies never, state);
    }
  },
};

export type Claim = { name: string; slot: string; by: string; at: string };

/**
 * Claims a slot that is free or whose last attempt failed (at most `attempts` times).
 * A run that began before `staleBefore` is taken over: its machine is taken for dead.
 */
export function claimSlot(claim: Claim, limits: { attempts: number; staleBefore: string }, state: JobRun): JobEvent[] {
  if (state.status === 'finished') return [];
  if (state.status === 'running' && Date.parse(state.since) >= Date.parse(limits.staleBefore)) return [];
  if (state.status !== 'free' && state.attempts >= limits.attempts) return [];
  return [{ type: 'JobStarted', data: claim }];
}

/** Only the one who runs the slot may say how it ended. */
export function finishSlot(end: Claim & { outcome: string }, state: JobRun): JobEvent[] {
  const { by, ...data } = end;
  return state.status === 'running' && state.by === by ? [{ type: 'JobFinished', data }] : [];
}

export function failSlot(end: Claim & { reason: string }, state: JobRun): JobEvent[] {
  const { by, ...data } = end;
  return state.status === 'running' && state.by === by ? [{ type: 'JobFailed', data }] : [];
}
