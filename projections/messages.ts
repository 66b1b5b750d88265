import type { MessageKind } from '../domain/inbox.ts';
import { standardPreferences, type MemberChannel, type MessageLanguage } from '../domain/preferences.ts';
import type { Recorded } from '../domain/event-registry.ts';
import { defineProjection, table, type Rows } from './projection.ts';

export type InboxRow = {
  message_id: string;
  member_id: string;
  kind: MessageKind;
  challenge_id: string | null;
  /** As it is kept: sealed with the member's key. */
  text: string;
  at: string;
  position: number;
};
export type ReadingRow = { member_id: string; through: string };
export type PreferencesRow = {
  member_id: string;
  reminders: number;
  motivation: number;
  channels: MemberChannel[];
  /** As it is kept; what is kept of none opens to an empty text. */
  email: string | null;
  quiet_from: string | null;
  quiet_to: string | null;
  language: MessageLanguage;
};
export type DraftRow = {
  challenge_id: string;
  member_id: string;
  week: string;
  status: 'draft' | 'approved' | 'sent' | 'discarded';
  /** As it is kept, and of which event: the last who wrote it. */
  text: string;
  written: 'MotivationDrafted' | 'MotivationEdited';
  prompt: string | null;
  writer: string;
  fallback: string | null;
  tokens: { input: number; output: number } | null;
  at: string;
};
/** `by`: who said so last. */
export type ArrangementRow = { challenge_id: string; automatic: number; by: string };
export type NotificationRow = {
  kind: string;
  slot: string;
  channel: string;
  recipient: string;
  status: 'sending' | 'sent' | 'failed';
  reason: string | null;
  at: string;
  position: number;
};
export type AnnouncementRow = {
  announcement_id: string;
  challenge_id: string;
  member_id: string;
  text: string;
  at: string;
  /** How many have it; null: it is not delivered to everybody yet. */
  members: number | null;
};

export const messages = defineProjection({
  name: 'messages',
  version: 1,
  tables: {
    inbox: table<InboxRow>({
      key: ['message_id'],
      columns: {
        message_id: 'TEXT',
        member_id: 'TEXT',
        kind: 'TEXT',
        challenge_id: 'TEXT NULL',
        text: 'TEXT',
        at: 'TEXT',
        position: 'INTEGER',
      },
      indexes: [['member_id', 'position']],
    }),
    reading: table<ReadingRow>({ key: ['member_id'], columns: { member_id: 'TEXT', through: 'TEXT' } }),
    preferences: table<PreferencesRow>({
      key: ['member_id'],
      columns: {
        member_id: 'TEXT',
        reminders: 'INTEGER',
        motivation: 'INTEGER',
        channels: 'JSON',
        email: 'TEXT NULL',
        quiet_from: 'TEXT NULL',
        quiet_to: 'TEXT NULL',
        language: 'TEXT',
      },
    }),
    drafts: table<DraftRow>({
      key: ['challenge_id', 'week', 'member_id'],
      columns: {
        challenge_id: 'TEXT',
        member_id: 'TEXT',
        week: 'TEXT',
        status: 'TEXT',
        text: 'TEXT',
        written: 'TEXT',
        prompt: 'TEXT NULL',
        writer: 'TEXT',
        fallback: 'TEXT NULL',
        tokens: 'JSON',
        at: 'TEXT',
      },
      indexes: [['member_id'], ['status']],
    }),
    arrangements: table<ArrangementRow>({
      key: ['challenge_id'],
      columns: { challenge_id: 'TEXT', automatic: 'INTEGER', by: 'TEXT' },
    }),
    notifications: table<NotificationRow>({
      key: ['kind', 'slot', 'channel', 'recipient'],
      columns: {
        kind: 'TEXT',
        slot: 'TEXT',
        channel: 'TEXT',
        recipient: 'TEXT',
        status: 'TEXT',
        reason: 'TEXT NULL',
        at: 'TEXT',
        position: 'INTEGER',
      },
      indexes: [['position'], ['channel', 'position'], ['recipient']],
    }),
    announcements: table<AnnouncementRow>({
      key: ['announcement_id'],
      columns: {
        announcement_id: 'TEXT',
        challenge_id: 'TEXT',
        member_id: 'TEXT',
        text: 'TEXT',
        at: 'TEXT',
        members: 'INTEGER NULL',
      },
      indexes: [['challenge_id', 'at'], ['member_id']],
    }),
  },
  on: {
    MessageDelivered: ({ data, position }, { inbox }) => {
      if (inbox.get(data.messageId)) return;
      inbox.put({
        message_id: data.messageId,
        member_id: data.memberId,
        kind: data.kind,
        challenge_id: data.challengeId,
        text: data.text,
        at: data.at,
        position: Number(position),
      });
    },
    InboxOpened: ({ data }, { reading }) => {
      const through = reading.get(data.memberId)?.through ?? '';
      if (through < data.through) reading.put({ member_id: data.memberId, through: data.through });
    },
    NotificationsArranged: ({ data }, { preferences }) =>
      preferences.put({
        member_id: data.memberId,
        reminders: data.reminders ? 1 : 0,
        motivation: data.motivation ? 1 : 0,
        channels: data.channels,
        email: data.email,
        quiet_from: data.quietFrom,
        quiet_to: data.quietTo,
        language: data.language,
      }),
    MotivationDrafted: ({ data }, { drafts }) => {
      if (drafts.get(data.challengeId, data.week, data.memberId)) return;
      drafts.put({
        challenge_id: data.challengeId,
        member_id: data.memberId,
        week: data.week,
        status: 'draft',
        text: data.text,
        written: 'MotivationDrafted',
        prompt: data.prompt,
        writer: data.writer,
        fallback: data.fallback,
        tokens: data.tokens,
        at: data.at,
      });
    },
    MotivationEdited: ({ data }, { drafts }) => change(drafts, data, { text: data.text, written: 'MotivationEdited' }),
    MotivationApproved: ({ data }, { drafts }) => change(drafts, data, { status: 'approved' }),
    MotivationSent: ({ data }, { drafts }) => change(drafts, data, { status: 'sent' }),
    MotivationDiscarded: ({ data }, { drafts }) => change(drafts, data, { status: 'discarded' }),
    MotivationArranged: ({ data }, { arrangements }) =>
      arrangements.put({ challenge_id: data.challengeId, automatic: data.automatic ? 1 : 0, by: data.by }),
    NotificationStarted: (event, { notifications }) => note(event, notifications, 'sending'),
    NotificationSent: (event, { notifications }) => note(event, notifications, 'sent'),
    NotificationFailed: (event, { notifications }) => note(event, notifications, 'failed', event.data.reason),
    AnnouncementPosted: ({ data }, { announcements }) => {
      if (announcements.get(data.announcementId)) return;
      announcements.put({
        announcement_id: data.announcementId,
        challenge_id: data.challengeId,
        member_id: data.memberId,
        text: data.text,
        at: data.at,
        members: null,
      });
    },
    AnnouncementDelivered: ({ data }, { announcements }) => {
      const row = announcements.get(data.announcementId);
      if (row) announcements.put({ ...row, members: data.members });
    },
    MemberMerged: ({ data: { memberId, into } }, { inbox, reading, preferences, drafts }) => {
      inbox.replace('member_id', memberId, into);
      const read = reading.get(memberId);
      if (read && (reading.get(into)?.through ?? '') < read.through) reading.put({ ...read, member_id: into });
      reading.delete(memberId);
      const arranged = preferences.get(memberId);
      if (arranged && !preferences.get(into)) preferences.put({ ...arranged, member_id: into });
      preferences.delete(memberId);
      // What waits was written about half a person; what was sent they have read.
      for (const draft of drafts.where('member_id', memberId)) {
        if (draft.status === 'sent' && !drafts.get(draft.challenge_id, draft.week, into))
          drafts.put({ ...draft, member_id: into });
        drafts.delete(draft.challenge_id, draft.week, memberId);
      }
    },
    MemberErased: ({ data: { memberId } }, { inbox, reading, preferences, drafts, notifications, announcements }) => {
      for (const { message_id } of inbox.where('member_id', memberId)) inbox.delete(message_id);
      reading.delete(memberId);
      preferences.delete(memberId);
      for (const { challenge_id, week } of drafts.where('member_id', memberId))
        drafts.delete(challenge_id, week, memberId);
      for (const { kind, slot, channel, recipient } of notifications.where('recipient', memberId))
        notifications.delete(kind, slot, channel, recipient);
      for (const row of announcements.where('member_id', memberId)) announcements.put({ ...row, text: '' });
    },
  },
});

type Place = { challengeId: string; week: string; memberId: string };

function change(drafts: Rows<DraftRow>, { challengeId, week, memberId }: Place, changed: Partial<DraftRow>): void {
  const draft = drafts.get(challengeId, week, memberId);
  if (draft) drafts.put({ ...draft, ...changed });
}

type Told = Recorded<'NotificationStarted' | 'NotificationSent' | 'NotificationFailed'>;

function note(
  { data, position }: Told,
  notifications: Rows<NotificationRow>,
  status: NotificationRow['status'],
  reason: string | null = null,
): void {
  const { kind, slot, channel, recipient, at } = data;
  notifications.put({ kind, slot, channel, recipient, status, reason, at, position: Number(position) });
}

export const standardRow = (member_id: string): PreferencesRow => ({
  member_id,
  reminders: 1,
  motivation: 1,
  channels: [...standardPreferences.channels],
  email: null,
  quiet_from: null,
  quiet_to: null,
  language: standardPreferences.language,
});
