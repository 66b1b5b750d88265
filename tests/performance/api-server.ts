/** The server whose processor time `api.ts` measures: in a process of its own, so that the asking is not counted. */
import { z } from 'zod';
import { answers, publicProcedure, router } from '../../server/api/trpc.ts';
import { startServer } from '../../server/http-server.ts';
import { createLog } from '../../server/log.ts';
import { toyServices } from '../support/toy-api.ts';

const MEMBERS = 200;
const DAYS = 100;
const STATES = ['present', 'absent', 'excused', 'unknown'];

/** What `GET /api/attendance/stats` answers with for 200 members × 100 days. */
const stats = {
  dates: Array.from({ length: DAYS }, (_, day) => `2025-03-${String((day % 31) + 1).padStart(2, '0')}`),
  users: Array.from({ length: MEMBERS }, (_, member) => ({
    github_id: `member-${member}`,
    attendance_rate: member % 101,
    attended_count: member % 101,
    total_days: DAYS,
    attendance: Array.from({ length: DAYS }, (_day, day) => (day * member) % 3 !== 0),
    states: Array.from({ length: DAYS }, (_day, day) => STATES[(day * member) % 4] ?? 'present'),
    rank: member + 1,
    current_streak: member % 30,
    longest_streak: member % 60,
  })),
  daily_rates: Array.from({ length: DAYS }, (_, day) => ({ date: `2025-03-${day}`, rate: day })),
};
const statsSchema = z.object({
  dates: z.array(z.string()),
  users: z.array(
    z.object({
      github_id: z.string(),
      attendance_rate: z.int(),
      attended_count: z.int(),
      total_days: z.int(),
      attendance: z.array(z.boolean()),
      states: z.array(z.string()),
      rank: z.int(),
      current_streak: z.int(),
      longest_streak: z.int(),
    }),
  ),
  daily_rates: z.array(z.object({ date: z.string(), rate: z.int() })),
});

const at = (path: string) => ({ method: 'GET' as const, path, summary: path, tags: ['measured'] });
const input = z.object({ challenge: z.string().optional() });
const measured = router({
  trivial: publicProcedure
    .meta({ description: 'The least a query can do.', rest: at('/api/trivial') })
    .input(input)
    .output(answers(z.object({ ok: z.boolean() })))
    .query(() => ({ ok: true })),
  stats: publicProcedure
    .meta({ description: 'The same object as long as nothing has changed.', rest: at('/api/stats') })
    .input(input)
    .output(answers(statsSchema))
    .query(() => stats),
});

const server = await startServer({
  router: measured,
  services: toyServices(),
  // A log that is read, at the level of a running server: writing it is part of a request's cost.
  log: createLog('info', { write: () => undefined }),
  host: '127.0.0.1',
  port: 0,
});
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => void server.close());
process.send?.({ url: server.url });
