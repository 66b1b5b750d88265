import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

const run = { name: z.string(), slot: z.string(), at: instantSchema };
export const jobEvents = {
  JobStarted: defineEvent(z.object({ ...run, by: z.string() })),
  JobFinished: defineEvent(z.object({ ...run, outcome: z.string() })),
  JobFailed: defineEvent(z.object({ ...run, reason: z.string() })),
};
export type JobEvent = EventsOf<typeof jobEvents>;
export const jobStream = (name: string, slot: string) => `job-${name}-${slot}`;
