import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';
import { actorSchema } from './member.ts';

/** Characters an announcement has at most. */
export const ANNOUNCEMENT_LENGTH = 2_000;

const place = { challengeId: z.string(), announcementId: z.string() };
export const announcementEvents = {
  /** An organiser tells everybody in a challenge something. `memberId`: the organiser, whose key seals it. */
  AnnouncementPosted: defineEvent(
    z.object({ ...place, memberId: z.string(), text: z.string().min(1), by: actorSchema, at: instantSchema }),
    { personal: ['text'], keptSealed: ['text'] },
  ),
  /** Everybody has it; before that whoever finds it goes on. */
  AnnouncementDelivered: defineEvent(z.object({ ...place, members: z.int().min(0), at: instantSchema })),
};
export type AnnouncementEvent = EventsOf<typeof announcementEvents>;
export type AnnouncementPosted = Extract<AnnouncementEvent, { type: 'AnnouncementPosted' }>['data'];

export const announcementStream = (announcementId: string) => `announcement-${announcementId}`;

export type Announcement = { readonly status: 'none' | 'made' | 'delivered' };
export const announcement = {
  initial: { status: 'none' } as Announcement,
  evolve: (_state: Announcement, { type }: AnnouncementEvent): Announcement => ({
    status: type === 'AnnouncementPosted' ? 'made' : 'delivered',
  }),
};

export const announce = (made: AnnouncementPosted, { status }: Announcement): AnnouncementEvent[] =>
  status === 'none' ? [{ type: 'AnnouncementPosted', data: made }] : [];

type Delivered = Extract<AnnouncementEvent, { type: 'AnnouncementDelivered' }>['data'];
export const noteDelivered = (delivered: Delivered, { status }: Announcement): AnnouncementEvent[] =>
  status === 'made' ? [{ type: 'AnnouncementDelivered', data: delivered }] : [];
