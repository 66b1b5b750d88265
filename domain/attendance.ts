import { z } from 'zod';
import { daySchema, defineEvent, type EventsOf } from './event.ts';

const place = { challengeId: z.string(), memberId: z.string(), day: daySchema };
export const attendanceEvents = {
  /** The day's commits reached the rule. `evidence`: sha of the commit that did it. */
  AttendanceMarked: defineEvent(z.object({ ...place, evidence: z.string() })),
  /** An organiser's verdict; it stands against every later collection. `previous` is what it replaced. */
  AttendanceCorrected: defineEvent(
    z.object({
      ...place,
      verdict: z.enum(['present', 'absent']),
      previous: z.string(),
      reason: z.string().min(1),
      by: z.string(),
    }),
    { personal: ['reason'] },
  ),
  DayExcused: defineEvent(z.object({ ...place, reason: z.string().min(1), by: z.string() }), { personal: ['reason'] }),
};
export type AttendanceEvent = EventsOf<typeof attendanceEvents>;
