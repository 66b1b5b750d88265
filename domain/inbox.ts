import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

export const messageKindSchema = z.enum(['reminder', 'motivation', 'announcement', 'cheer']);
export type MessageKind = z.infer<typeof messageKindSchema>;

const memberId = z.string();
export const inboxEvents = {
  /** It lies in the member's inbox. `messageId` is derived from what it is about: the same message is delivered once. */
  MessageDelivered: defineEvent(
    z.object({
      memberId,
      messageId: z.string(),
      kind: messageKindSchema,
      challengeId: z.string().nullable(),
      text: z.string().min(1),
      at: instantSchema,
    }),
    { personal: ['text'], keptSealed: ['text'] },
  ),
  /** Everything delivered up to `through` has been seen. */
  InboxOpened: defineEvent(z.object({ memberId, through: instantSchema, at: instantSchema })),
};
export type InboxEvent = EventsOf<typeof inboxEvents>;
export type Message = Extract<InboxEvent, { type: 'MessageDelivered' }>['data'];

/** @param month `2025-03`: the month of what the messages are about, so that one that is sent again is found where it was */
export const inboxStream = (memberId: string, month: string) => `inbox-${memberId}-${month}`;

/** How far a member has read; one stream, of which the last event says it all. */
export const readingStream = (memberId: string) => `inbox-${memberId}`;

export type Inbox = {
  readonly delivered: ReadonlySet<string>;
  /** ISO instant; null: nothing was ever opened. */
  readonly through: string | null;
};

export const inbox = {
  initial: { delivered: new Set(), through: null } as Inbox,
  evolve(state: Inbox, { type, data }: InboxEvent): Inbox {
    if (type === 'MessageDelivered') return { ...state, delivered: new Set(state.delivered).add(data.messageId) };
    return { ...state, through: data.through };
  },
};

/** A message is delivered once. */
export const deliver = (message: Message, { delivered }: Inbox): InboxEvent[] =>
  delivered.has(message.messageId) ? [] : [{ type: 'MessageDelivered', data: message }];

/** What was seen once stays seen: an older page that is sent late takes nothing back. */
export const openInbox = (seen: { memberId: string; through: string; at: string }, { through }: Inbox): InboxEvent[] =>
  through !== null && Date.parse(seen.through) <= Date.parse(through) ? [] : [{ type: 'InboxOpened', data: seen }];
