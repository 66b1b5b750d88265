import { accountRouter } from './account.ts';
import { attendanceRouter } from './attendance.ts';
import { auditRouter } from './audit.ts';
import { authRouter } from './auth.ts';
import { challengesRouter } from './challenges.ts';
import { cheersRouter } from './cheers.ts';
import { collectionsRouter } from './collections.ts';
import { commitsRouter } from './commits.ts';
import { eventsRouter } from './events.ts';
import { goalsRouter } from './goals.ts';
import { inboxRouter } from './inbox.ts';
import { jobsRouter } from './jobs.ts';
import { membersRouter } from './members.ts';
import { messagesRouter } from './messages.ts';
import { profilesRouter } from './profiles.ts';
import { projectionsRouter } from './projections.ts';
import { reasonsRouter } from './reasons.ts';
import { statisticsRouter } from './statistics.ts';
import { correctionsRouter } from './corrections.ts';
import { changes, statusRouter } from './status.ts';
import { subscribersRouter } from './subscribers.ts';
import { router } from './trpc.ts';
import { usersRouter } from './users.ts';
import { vaultRouter } from './vault.ts';
import { wrapUpRouter } from './wrap-up.ts';

/** Everything Almanac can be asked: pages, tRPC clients, REST and the command line call these procedures. */
export const appRouter = router({
  attendance: attendanceRouter,
  statistics: statisticsRouter,
  reasons: reasonsRouter,
  collections: collectionsRouter,
  commits: commitsRouter,
  members: membersRouter,
  profiles: profilesRouter,
  goals: goalsRouter,
  cheers: cheersRouter,
  wrapUp: wrapUpRouter,
  challenges: challengesRouter,
  corrections: correctionsRouter,
  events: eventsRouter,
  auth: authRouter,
  account: accountRouter,
  users: usersRouter,
  audit: auditRouter,
  vault: vaultRouter,
  jobs: jobsRouter,
  inbox: inboxRouter,
  messages: messagesRouter,
  status: statusRouter,
  changes,
  projections: projectionsRouter,
  subscribers: subscribersRouter,
});

export type AppRouter = typeof appRouter;
