import { accessList } from './access.ts';
import { apiKeys } from './api-keys.ts';
import { attendanceBook } from './attendance-book.ts';
import { audit } from './audit-trail.ts';
import { collections } from './collections.ts';
import { commitActivity } from './commit-activity.ts';
import { community } from './community.ts';
import { connections } from './connections.ts';
import { eventFeed } from './event-feed.ts';
import { jobs } from './jobs.ts';
import { joining } from './joining.ts';
import { members } from './members.ts';
import { messages } from './messages.ts';
import { sessions } from './sessions.ts';
import { verdicts } from './verdicts.ts';

/** Every read model. */
export const projections = [
  attendanceBook,
  commitActivity,
  members,
  eventFeed,
  accessList,
  sessions,
  apiKeys,
  connections,
  audit,
  joining,
  community,
  messages,
  verdicts,
  jobs,
  collections,
] as const;
export type ProjectionName = (typeof projections)[number]['name'];
