import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import {
  clockSchema,
  memberChannelSchema,
  messageLanguageSchema,
  PreferencesRefused,
  standardPreferences,
} from '../../domain/preferences.ts';
import { instantSchema } from '../../domain/event.ts';
import { identitiesOf } from '../../projections/members.ts';
import { inboxOf, newestIn, preferencesOf, unreadOf } from '../../projections/messages-queries.ts';
import { memberOf, type Caller } from '../identity/caller.ts';
import { isAddress } from '../notify/email.ts';
import { fieldError } from './errors.ts';
import type { InboxView, PreferencesView } from './messages-views.ts';
import type { Services } from './services.ts';
import { personProcedure, router } from './trpc.ts';

/** @throws NOT_FOUND for the person at the keyboard, who has no inbox */
function requireInbox(caller: Caller): string {
  const memberId = memberOf(caller);
  if (memberId !== null) return memberId;
  throw new TRPCError({ code: 'NOT_FOUND', message: 'At the keyboard of this machine nobody has an inbox.' });
}

/** GitHub's no-reply addresses take no mail. */
const addressesOf = (services: Services, memberId: string): string[] =>
  identitiesOf(services.model('members'), memberId)
    .filter(({ kind, value }) => kind === 'email' && isAddress(value) && !value.endsWith('@users.noreply.github.com'))
    .map(({ value }) => value);

export const inboxRouter = router({
  list: personProcedure
    .meta({ description: "One's messages, the latest first; `before` is the position of the last one of a page." })
    .input(z.strictObject({ before: z.int().min(0).optional(), limit: z.int().min(1).max(200).default(50) }))
    .query(({ ctx: { services, caller }, input }): InboxView => {
      const memberId = memberOf(caller);
      if (memberId === null) return { member: false, messages: [], unread: 0 };
      const model = services.model('messages');
      const messages = inboxOf(model, memberId, input).map(({ message_id, challenge_id, text, ...message }) => ({
        ...message,
        id: message_id,
        challenge: challenge_id,
        text: services.openText('MessageDelivered.text', text),
      }));
      return { member: true, messages, unread: unreadOf(model, memberId) };
    }),

  unread: personProcedure
    .meta({ description: 'How many messages one has not seen.' })
    .query(({ ctx: { services, caller } }): { unread: number } => {
      const memberId = memberOf(caller);
      return { unread: memberId === null ? 0 : unreadOf(services.model('messages'), memberId) };
    }),

  open: personProcedure
    .meta({ description: 'Everything up to `through` has been seen: the time of the newest message that was shown.' })
    .input(z.strictObject({ through: instantSchema }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const memberId = requireInbox(caller);
      const newest = newestIn(services.model('messages'), memberId);
      // Nothing is seen before it is there.
      const through = newest !== null && input.through > newest ? newest : input.through;
      if (newest !== null) await services.messages.openInbox({ memberId, through });
      return { through };
    }),

  preferences: personProcedure
    .meta({ description: 'How one is reached, and the addresses e-mail may go to.' })
    .query(({ ctx: { services, caller } }): PreferencesView => {
      const memberId = memberOf(caller);
      const { email } = services.messages.channels;
      if (memberId === null) return { preferences: standardPreferences, addresses: [], email };
      const kept = preferencesOf(services.model('messages'), memberId);
      const address = kept.email === null ? '' : services.openText('NotificationsArranged.email', kept.email);
      const preferences = { ...kept, email: address === '' ? null : address };
      return { preferences, addresses: addressesOf(services, memberId), email };
    }),

  arrange: personProcedure
    .meta({ description: 'Says how one wants to be reached. E-mail goes only to an address one is known by.' })
    .input(
      z.strictObject({
        reminders: z.boolean(),
        motivation: z.boolean(),
        channels: z.array(memberChannelSchema).max(2),
        email: z.string().max(320).nullable(),
        quietFrom: clockSchema.nullable(),
        quietTo: clockSchema.nullable(),
        language: messageLanguageSchema,
      }),
    )
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const memberId = requireInbox(caller);
      if (input.email !== null && !addressesOf(services, memberId).includes(input.email))
        throw fieldError('email', 'Mail goes only to an address you are known by here.');
      try {
        await services.messages.arrangeNotifications(memberId, input);
      } catch (error) {
        if (error instanceof PreferencesRefused) throw fieldError(error.field, error.message);
        throw error;
      }
      return input;
    }),
});
