import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';
import { actorSchema } from './member.ts';

const run = { name: z.string(), slot: z.string(), at: instantSchema };
export const jobEvents = {
  /** `by`: the server that runs it. `askedBy`: who wanted it now, or once more; without it the schedule did. */
  JobStarted: defineEvent(z.object({ ...run, by: z.string(), askedBy: actorSchema.optional() })),
  /** Said now and then while a run lasts, so that one whose server died can be told from one that takes long. */
  JobContinued: defineEvent(z.object({ ...run, by: z.string() })),
  JobFinished: defineEvent(z.object({ ...run, outcome: z.string() })),
  /** `retryAt`: not before then it is tried again; without it only when somebody asks. `stopped`: its server was stopped, which is no fault of the job. */
  JobFailed: defineEvent(
    z.object({ ...run, reason: z.string(), retryAt: instantSchema.optional(), stopped: z.literal(true).optional() }),
  ),
};
export type JobEvent = EventsOf<typeof jobEvents>;

/** One stream a slot: whoever makes its first append (`no_stream`) runs the job, on however many machines the schedule fires. */
export const jobStream = (name: string, slot: string) => `job-${name}-${slot}`;

/**
 * `attempts`: how often it was begun, but for those that a stopped server broke off; `failures`: how many of them failed, so that the
 * others died. `beats`: how often it was said to go on.
 */
type Counts = { attempts: number; failures: number };
export type JobRunning = Counts & { status: 'running'; by: string; since: string; beats: number };
export type JobRun =
  | { status: 'free' }
  | JobRunning
  | (Counts & { status: 'finished' })
  | (Counts & { status: 'failed'; reason: string; retryAt: string | null });

export const jobRun = {
  initial: { status: 'free' } as JobRun,
  evolve(state: JobRun, { type, data }: JobEvent): JobRun {
    const { attempts, failures } = state.status === 'free' ? { attempts: 0, failures: 0 } : state;
    switch (type) {
      case 'JobStarted':
        return { status: 'running', by: data.by, since: data.at, attempts: attempts + 1, failures, beats: 0 };
      case 'JobContinued':
        return state.status === 'running' ? { ...state, beats: state.beats + 1 } : state;
      case 'JobFinished':
        return { status: 'finished', attempts, failures };
      case 'JobFailed': {
        const { reason, retryAt = null, stopped } = data;
        const counts = stopped
          ? { attempts: Math.max(0, attempts - 1), failures }
          : { attempts, failures: failures + 1 };
        return { status: 'failed', reason, retryAt, ...counts };
      }
      default:
        return (type satisfies never, state);
    }
  },
};

export type Claim = { name: string; slot: string; by: string; at: string; askedBy?: string };
export type ClaimLimits = {
  /** How often a slot may fail before it is given up. Whoever asks may have it once more. That a server dies is no failure of a job. */
  failures: number;
  /** Whether a run's server is dead. It is not told by `since`: clocks differ, and are moved. */
  isDead: (run: JobRunning) => boolean;
};

/** Claims a slot that is free, whose last attempt failed and may be repeated, or whose runner is dead. */
export function claimSlot(claim: Claim, { failures, isDead }: ClaimLimits, state: JobRun): JobEvent[] {
  if (state.status === 'finished') return [];
  if (state.status === 'running' && !isDead(state)) return [];
  if (state.status === 'failed' && claim.askedBy === undefined)
    if (state.failures >= failures || !mayRetry(state.retryAt, claim.at)) return [];
  return [{ type: 'JobStarted', data: claim }];
}

const mayRetry = (retryAt: string | null, at: string): boolean =>
  retryAt !== null && Date.parse(retryAt) <= Date.parse(at);

const isOurs = (state: JobRun, by: string): boolean => state.status === 'running' && state.by === by;

/** Whoever runs the slot says that they still do. */
export const continueSlot = (beat: Omit<Claim, 'askedBy'>, state: JobRun): JobEvent[] =>
  isOurs(state, beat.by) ? [{ type: 'JobContinued', data: beat }] : [];

/** Only the one who runs the slot may say how it ended. */
export function finishSlot(end: Omit<Claim, 'askedBy'> & { outcome: string }, state: JobRun): JobEvent[] {
  const { by, ...data } = end;
  return isOurs(state, by) ? [{ type: 'JobFinished', data }] : [];
}

export function failSlot(
  end: Omit<Claim, 'askedBy'> & { reason: string; retryAt?: string; stopped?: true },
  state: JobRun,
): JobEvent[] {
  const { by, ...data } = end;
  return isOurs(state, by) ? [{ type: 'JobFailed', data }] : [];
}

/** Whoever finds a run dead, and nobody to take it over, says that it is. */
export function abandonSlot(
  end: Omit<Claim, 'by' | 'askedBy'> & { reason: string },
  isDead: (run: JobRunning) => boolean,
  state: JobRun,
): JobEvent[] {
  return state.status === 'running' && isDead(state) ? [{ type: 'JobFailed', data: end }] : [];
}
