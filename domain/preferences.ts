import { z } from 'zod';
import { localTime, type TimeZone } from './calendar.ts';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

/** `22:00`, on a wall clock of 24 hours. */
export const clockSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'expected a time such as 22:00' });
export const memberChannelSchema = z.enum(['inbox', 'email']);
export type MemberChannel = z.infer<typeof memberChannelSchema>;
export const messageLanguageSchema = z.enum(['ko', 'en']);
export type MessageLanguage = z.infer<typeof messageLanguageSchema>;

const arrangedSchema = z.object({
  memberId: z.string(),
  reminders: z.boolean(),
  motivation: z.boolean(),
  channels: z.array(memberChannelSchema),
  /** Where e-mail goes; null: nowhere. */
  email: z.string().nullable(),
  /** Between these two nobody is disturbed, also over midnight; both null: there is no such time. */
  quietFrom: clockSchema.nullable(),
  quietTo: clockSchema.nullable(),
  /** Of the texts that Almanac writes to them. */
  language: messageLanguageSchema,
  at: instantSchema,
});

export const preferenceEvents = {
  NotificationsArranged: defineEvent(arrangedSchema, { personal: ['email'], keptSealed: ['email'] }),
};
export type PreferenceEvent = EventsOf<typeof preferenceEvents>;
export type Preferences = Omit<z.infer<typeof arrangedSchema>, 'memberId' | 'at'>;

export const preferencesStream = (memberId: string) => `preferences-${memberId}`;

/** Of whoever has said nothing: everything comes to the inbox, which disturbs nobody. */
export const standardPreferences: Preferences = {
  reminders: true,
  motivation: true,
  channels: ['inbox'],
  email: null,
  quietFrom: null,
  quietTo: null,
  language: 'ko',
};

export const preferences = {
  initial: standardPreferences,
  evolve: (_state: Preferences, { data: { memberId: _memberId, at: _at, ...arranged } }: PreferenceEvent) => arranged,
};

export class PreferencesRefused extends Error {
  override readonly name = 'PreferencesRefused';
  readonly field: 'email' | 'quietTo';
  constructor(field: 'email' | 'quietTo', message: string) {
    super(message);
    this.field = field;
  }
}

/** @throws {PreferencesRefused} for e-mail to nowhere, and for quiet hours that begin without an end */
export function arrangeNotifications(
  wish: Preferences & { memberId: string; at: string },
  state: Preferences,
): PreferenceEvent[] {
  if (wish.channels.includes('email') && wish.email === null)
    throw new PreferencesRefused('email', 'Choose the address that e-mail is to go to.');
  if ((wish.quietFrom === null) !== (wish.quietTo === null))
    throw new PreferencesRefused('quietTo', 'Quiet hours need a beginning and an end, or neither.');
  const channels = [...new Set(wish.channels)].toSorted();
  const arranged = { ...wish, channels };
  const { memberId: _memberId, at: _at, ...said } = arranged;
  const isSaid = JSON.stringify(inOrder(said)) === JSON.stringify(inOrder(state));
  return isSaid ? [] : [{ type: 'NotificationsArranged', data: arranged }];
}

const inOrder = ({ reminders, motivation, channels, email, quietFrom, quietTo, language }: Preferences) => [
  ...[reminders, motivation, channels.toSorted(), email, quietFrom, quietTo, language],
];

/**
 * Whether an instant falls into somebody's quiet hours: from the first minute to before the last one, over midnight where the end is
 * earlier than the beginning. The same time twice is no time at all.
 * @param at seconds since the epoch @param zone whose wall clock it is
 */
export function isQuiet({ quietFrom, quietTo }: Preferences, at: number, zone: TimeZone): boolean {
  if (quietFrom === null || quietTo === null || quietFrom === quietTo) return false;
  const { hour, minute } = localTime(at, zone);
  const now = hour * 60 + minute;
  const [from, to] = [minutesOf(quietFrom), minutesOf(quietTo)];
  return from < to ? now >= from && now < to : now >= from || now < to;
}

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
