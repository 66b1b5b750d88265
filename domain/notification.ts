import { z } from 'zod';
import type { DayState } from './attendance.ts';
import type { Day, TimeZone } from './calendar.ts';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';
import { isQuiet, type MemberChannel, type Preferences } from './preferences.ts';

const attempt = {
  kind: z.string(),
  slot: z.string(),
  channel: z.string(),
  /** A member's id, or `organiser`. */
  recipient: z.string(),
  at: instantSchema,
};
export const notificationEvents = {
  /** Whoever says it is sending, and nobody else until it is taken for dead. */
  NotificationStarted: defineEvent(z.object({ ...attempt, sender: z.string() })),
  NotificationSent: defineEvent(z.object(attempt)),
  /** Given up for this time; asked for again, it is tried again. */
  NotificationFailed: defineEvent(z.object({ ...attempt, reason: z.string() })),
};
export type NotificationEvent = EventsOf<typeof notificationEvents>;

/** One stream a slot: a day of a challenge, a day of a member, a week of a member. */
export const notificationStream = (kind: string, slot: string) => `notification-${kind}-${slot}`;

export const ORGANISER = 'organiser';

export type Delivery =
  | { readonly status: 'sending'; readonly sender: string; readonly since: string }
  | { readonly status: 'sent' }
  | { readonly status: 'failed'; readonly reason: string };

type To = { readonly channel: string; readonly recipient: string };
const keyOf = ({ channel, recipient }: To) => `${channel} ${recipient}`;

/** What has become of each message of a slot. */
export type Notification = ReadonlyMap<string, Delivery>;

export const notification = {
  initial: new Map() as Notification,
  evolve: (state: Notification, event: NotificationEvent): Notification =>
    new Map(state).set(keyOf(event.data), deliveryOf(event)),
};

function deliveryOf({ type, data }: NotificationEvent): Delivery {
  if (type === 'NotificationStarted') return { status: 'sending', sender: data.sender, since: data.at };
  return type === 'NotificationSent' ? { status: 'sent' } : { status: 'failed', reason: data.reason };
}

export const deliveryTo = (to: To, state: Notification): Delivery | undefined => state.get(keyOf(to));

type Attempt = z.infer<typeof notificationEvents.NotificationSent.schema>;

/**
 * Claims a message for sending: nobody has sent it, and nobody is sending it who lives. What could not be sent is claimed again.
 * @param isDead whether a sender is gone without having said what became of it
 */
export function claimDelivery(
  claim: Attempt & { sender: string },
  isDead: (sending: { sender: string; since: string }) => boolean,
  state: Notification,
): NotificationEvent[] {
  const known = deliveryTo(claim, state);
  if (known?.status === 'sent' || (known?.status === 'sending' && !isDead(known))) return [];
  return [{ type: 'NotificationStarted', data: claim }];
}

/** It has arrived. That is said though somebody else has taken over meanwhile: nobody needs to send it again. */
export const noteSent = (sent: Attempt, state: Notification): NotificationEvent[] =>
  deliveryTo(sent, state)?.status === 'sent' ? [] : [{ type: 'NotificationSent', data: sent }];

/** Only the one who is sending may give up. */
export function noteFailed(
  { sender, ...failed }: Attempt & { sender: string; reason: string },
  state: Notification,
): NotificationEvent[] {
  const known = deliveryTo(failed, state);
  const isTheirs = known?.status === 'sending' && known.sender === sender;
  return isTheirs ? [{ type: 'NotificationFailed', data: failed }] : [];
}

/** Who is reminded of a day: whoever has not attended yet. Nobody is called absent whose day is not known. */
export const isReminded = (state: DayState | undefined): boolean => state === 'not yet';

/** A member is reminded once a day at most, of however many challenges they are absent: this names the one time. */
export const reminderSlot = (memberId: string, day: Day) => `${memberId}-${day}`;

/**
 * By which channels a reminder reaches somebody now. In quiet hours by none: it is about a day that is over when they end.
 * @param at seconds since the epoch
 */
export function reminderChannels(preferences: Preferences, at: number, zone: TimeZone): MemberChannel[] {
  return preferences.reminders && !isQuiet(preferences, at, zone) ? channelsOf(preferences) : [];
}

/** By which channels a motivation reaches somebody now. In quiet hours it waits for them in the inbox. */
export function motivationChannels(preferences: Preferences, at: number, zone: TimeZone): MemberChannel[] {
  if (!preferences.motivation) return [];
  return isQuiet(preferences, at, zone) ? ['inbox'] : channelsOf(preferences);
}

const channelsOf = ({ channels, email }: Preferences): MemberChannel[] =>
  [...new Set(channels)].filter((channel) => channel !== 'email' || email !== null);
