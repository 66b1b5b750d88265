import { accessEvents } from './access.ts';
import { announcementEvents } from './announcement.ts';
import { apiKeyEvents } from './api-key.ts';
import { attendanceEvents } from './attendance.ts';
import { challengeEvents } from './challenge.ts';
import { cheerEvents } from './cheer.ts';
import { commitEvents } from './commit-history.ts';
import { connectionEvents } from './connection.ts';
import type { EventsOf } from './event.ts';
import { inboxEvents } from './inbox.ts';
import { goalEvents } from './goal.ts';
import { jobEvents } from './job-run.ts';
import { memberEvents } from './member.ts';
import { motivationEvents } from './motivation.ts';
import { notificationEvents } from './notification.ts';
import { preferenceEvents } from './preferences.ts';
import { publicationEvents } from './published-profile.ts';
import { collectionEvents, repositoryEvents } from './repository.ts';
import { sessionEvents } from './session.ts';
import { vaultEvents } from './vault.ts';
import { webhookEvents } from './webhook.ts';

/** Every event type there is. The codec, the golden file and the projections' types are derived from it. */
export const eventRegistry = {
  ...memberEvents,
  ...challengeEvents,
  ...commitEvents,
  ...repositoryEvents,
  ...collectionEvents,
  ...connectionEvents,
  ...webhookEvents,
  ...attendanceEvents,
  ...jobEvents,
  ...accessEvents,
  ...sessionEvents,
  ...apiKeyEvents,
  ...vaultEvents,
  ...goalEvents,
  ...cheerEvents,
  ...publicationEvents,
  ...inboxEvents,
  ...preferenceEvents,
  ...notificationEvents,
  ...motivationEvents,
  ...announcementEvents,
};
export type AlmanacEvent = EventsOf<typeof eventRegistry>;
export type EventType = AlmanacEvent['type'];
export type EventOf<Type extends EventType> = Extract<AlmanacEvent, { type: Type }>;

/** A domain event as read back: upcast to its current version, with its place in the log. */
export type Recorded<Type extends EventType = EventType> = {
  [T in Type]: EventOf<T> & {
    readonly id: string;
    readonly stream: string;
    readonly position: bigint;
    /** Milliseconds since the epoch, UTC. */
    readonly recordedAt: number;
  };
}[Type];
