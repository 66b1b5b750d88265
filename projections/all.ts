import { attendanceBook } from './attendance-book.ts';
import { commitActivity } from './commit-activity.ts';
import { eventFeed } from './event-feed.ts';
import { members } from './members.ts';

/** Every read model. */
export const projections = [attendanceBook, commitActivity, members, eventFeed] as const;
export type ProjectionName = (typeof projections)[number]['name'];
