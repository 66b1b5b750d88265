import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { LOCAL_MEMBER } from '../../domain/access.ts';
import { ANNOUNCEMENT_LENGTH } from '../../domain/announcement.ts';
import { MOTIVATION_LENGTH, MotivationRefused, weekSchema } from '../../domain/motivation.ts';
import { memberById } from '../../projections/members.ts';
import {
  draftsOf,
  isAutomatic,
  lastOutcome,
  latestMotivation,
  notificationHistory,
  weeksOf,
  type Draft,
} from '../../projections/messages-queries.ts';
import type { NotificationRow } from '../../projections/messages.ts';
import { actorOf, isAdmin, maySeePrivate, memberOf } from '../identity/caller.ts';
import { NotAllDelivered } from '../notify/remind.ts';
import { requireChallenge } from './book.ts';
import { fieldError } from './errors.ts';
import { challengeId, handle, requireMember } from './input.ts';
import type { ChannelView, DraftsView, MotivationView, NotificationView } from './messages-views.ts';
import type { Services } from './services.ts';
import { adminProcedure, answers, readProcedure, router } from './trpc.ts';

const tags = ['messages'];
const week = weekSchema.meta({ description: 'An ISO week.', examples: ['2025-W12'] });
const place = { challenge: challengeId, week, member: z.string().min(1).max(100) };
const ROOT = '/api/admin/messages';
const ONE = `${ROOT}/drafts/{challenge}/{week}/{member}`;

const draftSchema = z
  .object({
    ...{ member: z.string(), handle: z.string(), name: z.string(), week: z.string() },
    status: z.enum(['draft', 'approved', 'sent', 'discarded']),
    text: z.string(),
    writer: z.string().meta({ description: '`template`, or provider and model.' }),
    fallback: z.string().nullable().meta({ description: 'Why the template wrote it though a model was asked.' }),
    prompt: z.string().nullable(),
    tokens: z.object({ input: z.int(), output: z.int() }).nullable(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Motivation' });
const draftsSchema = z
  .object({
    ...{ challenge: z.string(), week: z.string().nullable(), weeks: z.array(z.string()) },
    ...{ automatic: z.boolean(), writer: z.string(), drafts: z.array(draftSchema) },
  })
  .meta({ id: 'Motivations' });
const notificationSchema = z
  .object({
    ...{ kind: z.string(), slot: z.string(), channel: z.string(), recipient: z.string() },
    status: z.enum(['sending', 'sent', 'failed']),
    ...{ reason: z.string().nullable(), at: z.iso.datetime(), position: z.int() },
  })
  .meta({ id: 'Notification' });
const channelSchema = z
  .object({ name: z.string(), addresses: z.int(), last: notificationSchema.nullable() })
  .meta({ id: 'Channel' });
const sentSchema = z.object({ status: z.enum(['sent', 'failed', 'not needed']) }).meta({ id: 'Sent' });
const placeSchema = z
  .object({ challenge: z.string(), week: z.string(), member: z.string() })
  .meta({ id: 'DraftPlace' });

/** What the rule refuses, as the API says it. */
async function deciding<Answer>(work: Promise<Answer>): Promise<Answer> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof MotivationRefused) throw new TRPCError({ code: 'CONFLICT', message: error.message });
    throw error;
  }
}

export const messagesRouter = router({
  drafts: adminProcedure
    .meta({
      description: 'What was written to the members of a season for a week; without one the latest.',
      rest: { method: 'GET', path: `${ROOT}/drafts`, summary: 'Motivations of a week', tags, errors: [403, 404] },
    })
    .input(z.strictObject({ challenge: challengeId.optional(), week: week.optional() }))
    .output(answers(draftsSchema))
    .query(({ ctx: { services }, input }): DraftsView => {
      const { id } = requireChallenge(services, input.challenge);
      const model = services.model('messages');
      const weeks = weeksOf(model, id);
      const shown = input.week ?? weeks[0] ?? null;
      const drafts = shown === null ? [] : draftsOf(model, id, shown).map((draft) => motivationView(services, draft));
      drafts.sort((one, other) => one.name.localeCompare(other.name, 'ko'));
      const { writer } = services.messages;
      return { challenge: id, week: shown, weeks, automatic: isAutomatic(model, id), writer, drafts };
    }),

  edit: adminProcedure
    .meta({
      description: 'Changes a draft that waits. 409: it is under way, has arrived, or was discarded.',
      rest: { method: 'PUT', path: ONE, summary: 'Edit a motivation', tags, errors: [403, 409] },
    })
    .input(z.strictObject({ ...place, text: z.string().trim().min(1).max(MOTIVATION_LENGTH.most) }))
    .output(answers(placeSchema))
    .mutation(async ({ ctx: { services, caller }, input: { challenge, week, member, text } }) => {
      const decided = { challengeId: challenge, memberId: member, week, by: actorOf(caller) };
      await deciding(services.messages.edit({ ...decided, text }));
      return { challenge, week, member };
    }),

  approve: adminProcedure
    .meta({
      description: 'Lets a draft go, and sends it.',
      rest: { method: 'POST', path: `${ONE}/approve`, summary: 'Send a motivation', tags, errors: [403, 409] },
    })
    .input(z.strictObject(place))
    .output(answers(sentSchema))
    .mutation(async ({ ctx: { services, caller }, input: { challenge, week, member } }) => {
      const decided = { challengeId: challenge, memberId: member, week, by: actorOf(caller) };
      return { status: await deciding(services.messages.approve(decided)) };
    }),

  discard: adminProcedure
    .meta({
      description: 'Discards a draft that waits.',
      rest: { method: 'POST', path: `${ONE}/discard`, summary: 'Discard a motivation', tags, errors: [403, 409] },
    })
    .input(z.strictObject(place))
    .output(answers(placeSchema))
    .mutation(async ({ ctx: { services, caller }, input: { challenge, week, member } }) => {
      const decided = { challengeId: challenge, memberId: member, week, by: actorOf(caller) };
      await deciding(services.messages.discard(decided));
      return { challenge, week, member };
    }),

  sendNow: adminProcedure
    .meta({
      description: 'Lets every draft of a week go that waits, and sends what could not be sent before.',
      rest: { method: 'POST', path: `${ROOT}/send`, summary: 'Send all motivations of a week', tags, errors: [403] },
    })
    .input(z.strictObject({ challenge: challengeId, week }))
    .output(answers(z.object({ sent: z.int(), failed: z.int() }).meta({ id: 'SentCount' })))
    .mutation(async ({ ctx: { services, caller }, input: { challenge, week } }) => {
      const waiting = draftsOf(services.model('messages'), challenge, week).filter(
        ({ status }) => status === 'draft' || status === 'approved',
      );
      const counted = { sent: 0, failed: 0 };
      for (const { member_id: memberId } of waiting) {
        const decided = { challengeId: challenge, memberId, week, by: actorOf(caller) };
        // Somebody else may have discarded one of them meanwhile; the others go all the same.
        const status = await services.messages.approve(decided).catch((error: unknown) => {
          if (error instanceof MotivationRefused) return 'not needed' as const;
          throw error;
        });
        if (status !== 'not needed') counted[status] += 1;
      }
      return counted;
    }),

  arrange: adminProcedure
    .meta({
      description: 'Whether motivations of a season go without anybody looking at them first.',
      rest: {
        method: 'PUT',
        path: `${ROOT}/automatic`,
        summary: 'Let motivations go by themselves',
        tags,
        errors: [403, 404],
      },
    })
    .input(z.strictObject({ challenge: challengeId, automatic: z.boolean() }))
    .output(answers(z.object({ challenge: z.string(), automatic: z.boolean() }).meta({ id: 'MotivationRule' })))
    .mutation(async ({ ctx: { services, caller }, input: { challenge, automatic } }) => {
      const { id } = requireChallenge(services, challenge);
      await services.messages.arrangeMotivation({ challengeId: id, automatic, by: actorOf(caller) });
      return { challenge: id, automatic };
    }),

  channels: adminProcedure
    .meta({
      description: 'By what the organiser is reached, and what became of the last message there.',
      rest: { method: 'GET', path: `${ROOT}/channels`, summary: 'Channels', tags, errors: [403] },
    })
    .output(answers(z.array(channelSchema)))
    .query(({ ctx: { services } }): ChannelView[] => {
      const { organiser } = services.messages.channels;
      const names = [...new Set(organiser.map(({ name }) => name))];
      return names.map((name) => {
        const last = lastOutcome(services.model('messages'), name);
        const addresses = organiser.filter((one) => one.name === name).length;
        return { name, addresses, last: last ? notificationView(services, last) : null };
      });
    }),

  history: adminProcedure
    .meta({
      description: 'What became of messages that left the house, the latest first.',
      rest: { method: 'GET', path: `${ROOT}/history`, summary: 'History of messages', tags, errors: [403] },
    })
    .input(z.strictObject({ before: z.int().min(0).optional(), limit: z.int().min(1).max(200).default(50) }))
    .output(answers(z.array(notificationSchema)))
    .query(({ ctx: { services }, input }): NotificationView[] =>
      notificationHistory(services.model('messages'), input).map((row) => notificationView(services, row)),
    ),

  announce: adminProcedure
    .meta({
      description: "Tells everybody in a season something: in their inbox, and by the organiser's channels.",
      rest: {
        ...{ method: 'POST', path: `${ROOT}/announcements`, status: 201 },
        ...{ summary: 'Announce', tags, errors: [403, 404] },
      },
    })
    .input(z.strictObject({ challenge: challengeId, text: z.string().trim().min(1).max(ANNOUNCEMENT_LENGTH) }))
    .output(
      answers(
        z.object({ members: z.int().nullable(), complete: z.boolean() }).meta({
          id: 'Announced',
          description: '`complete` false: everybody in the season has it, and a channel of the organiser failed.',
        }),
      ),
    )
    .mutation(async ({ ctx: { services, caller }, input: { challenge, text } }) => {
      const { id } = requireChallenge(services, challenge);
      const memberId = memberOf(caller) ?? LOCAL_MEMBER;
      try {
        const by = actorOf(caller);
        const { members } = await services.messages.announce({ challengeId: id, memberId, text, by });
        return { members, complete: true };
      } catch (error) {
        if (error instanceof NotAllDelivered) return { members: null, complete: false };
        throw error;
      }
    }),

  test: adminProcedure
    .meta({
      description: "Sends a test message by one of the organiser's channels.",
      rest: { method: 'POST', path: `${ROOT}/test`, summary: 'Test a channel', tags, errors: [403, 404] },
    })
    .input(z.strictObject({ channel: z.string().min(1).max(50) }))
    .output(answers(sentSchema))
    .mutation(async ({ ctx: { services }, input }) => {
      const status = await services.messages.test(input.channel);
      if (status === null) throw fieldError('channel', `No channel "${input.channel}" is configured.`, 'NOT_FOUND');
      return { status };
    }),

  latestFor: readProcedure
    .meta({ description: 'The last motivation a member was sent: for themselves and for admins; null for others.' })
    .input(z.strictObject({ handle }))
    .query(({ ctx: { services, caller }, input }): { text: string; week: string } | null => {
      const { id } = requireMember(services, input.handle, 'handle');
      if (!maySeePrivate(caller, id) && !isAdmin(caller)) return null;
      const draft = latestMotivation(services.model('messages'), id);
      if (!draft) return null;
      return { text: services.openText(`${draft.written}.text`, draft.text), week: draft.week };
    }),
});

function motivationView(services: Services, draft: Draft): MotivationView {
  const { member_id, challenge_id: _challenge, written, text, prompt, ...rest } = draft;
  const person = memberById(services.model('members'), member_id);
  const asked = prompt === null ? '' : services.openText('MotivationDrafted.prompt', prompt);
  return {
    ...rest,
    member: member_id,
    handle: person?.handle ?? '',
    name: person?.name ?? '',
    text: services.openText(`${written}.text`, text),
    prompt: asked === '' ? null : asked,
  };
}

/** Ids of members are theirs: the organiser knows them by their handles. */
function notificationView(services: Services, row: NotificationRow): NotificationView {
  const [recipient = ''] = row.recipient.split(':');
  return { ...row, recipient: memberById(services.model('members'), recipient)?.handle ?? recipient };
}
