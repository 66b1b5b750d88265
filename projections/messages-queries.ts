import type { Preferences } from '../domain/preferences.ts';
import {
  standardRow,
  type AnnouncementRow,
  type ArrangementRow,
  type DraftRow,
  type InboxRow,
  type NotificationRow,
  type PreferencesRow,
  type ReadingRow,
} from './messages.ts';
import type { ReadModel } from './projection.ts';

/** A message of an inbox; `text` as it is kept. */
export type InboxMessage = Omit<InboxRow, 'member_id'> & { readonly unread: boolean };

const readThrough = (model: ReadModel, memberId: string): string =>
  model.get<ReadingRow>('SELECT * FROM reading WHERE member_id = ?', memberId)?.through ?? '';

/** A member's messages, the latest first. @param page.before only those before this position in the log */
export function inboxOf(
  model: ReadModel,
  memberId: string,
  { before, limit }: { before?: number | undefined; limit: number },
): InboxMessage[] {
  const through = readThrough(model, memberId);
  return model
    .all<InboxRow>(
      'SELECT * FROM inbox WHERE member_id = ? AND position < ? ORDER BY position DESC LIMIT ?',
      memberId,
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    .map(({ member_id: _owner, ...row }) => ({ ...row, unread: row.at > through }));
}

export const unreadOf = (model: ReadModel, memberId: string): number =>
  model.get<{ count: number }>(
    'SELECT count(*) AS count FROM inbox WHERE member_id = ? AND at > ?',
    memberId,
    readThrough(model, memberId),
  )?.count ?? 0;

/** The instant of the newest message; null in an empty inbox. */
export const newestIn = (model: ReadModel, memberId: string): string | null =>
  model.get<{ at: string | null }>('SELECT max(at) AS at FROM inbox WHERE member_id = ?', memberId)?.at ?? null;

type StoredPreferences = Omit<PreferencesRow, 'channels'> & { channels: string };

/** What a member has arranged, else what holds for everybody; `email` as it is kept. */
export function preferencesOf(model: ReadModel, memberId: string): Preferences {
  const stored = model.get<StoredPreferences>('SELECT * FROM preferences WHERE member_id = ?', memberId);
  const row = stored
    ? { ...stored, channels: JSON.parse(stored.channels) as PreferencesRow['channels'] }
    : standardRow(memberId);
  return {
    reminders: row.reminders === 1,
    motivation: row.motivation === 1,
    channels: row.channels,
    email: row.email,
    quietFrom: row.quiet_from,
    quietTo: row.quiet_to,
    language: row.language,
  };
}

export type Draft = DraftRow;
type StoredDraft = Omit<DraftRow, 'tokens'> & { tokens: string };
const toDraft = (row: StoredDraft): Draft => ({ ...row, tokens: JSON.parse(row.tokens) as DraftRow['tokens'] });

/** Motivations of a week of a challenge; texts as they are kept. */
export const draftsOf = (model: ReadModel, challengeId: string, week: string): Draft[] =>
  model
    .all<StoredDraft>('SELECT * FROM drafts WHERE challenge_id = ? AND week = ? ORDER BY member_id', challengeId, week)
    .map(toDraft);

/** Weeks of a challenge that have drafts, the latest first. */
export const weeksOf = (model: ReadModel, challengeId: string): string[] =>
  model
    .all<{ week: string }>('SELECT DISTINCT week FROM drafts WHERE challenge_id = ? ORDER BY week DESC', challengeId)
    .map(({ week }) => week);

/** Those that may go and have not arrived, of all challenges. */
export const approvedDrafts = (model: ReadModel): Draft[] =>
  model.all<StoredDraft>("SELECT * FROM drafts WHERE status = 'approved' ORDER BY challenge_id, week").map(toDraft);

/** The last motivation that a member was sent. */
export function latestMotivation(model: ReadModel, memberId: string): Draft | undefined {
  const row = model.get<StoredDraft>(
    "SELECT * FROM drafts WHERE member_id = ? AND status = 'sent' ORDER BY week DESC LIMIT 1",
    memberId,
  );
  return row && toDraft(row);
}

export const isAutomatic = (model: ReadModel, challengeId: string): boolean =>
  model.get<ArrangementRow>('SELECT * FROM arrangements WHERE challenge_id = ?', challengeId)?.automatic === 1;

/** Who let go whatever goes by itself. */
export const letGoBy = (model: ReadModel, challengeId: string): string | null =>
  model.get<ArrangementRow>('SELECT * FROM arrangements WHERE challenge_id = ?', challengeId)?.by ?? null;

/** What became of messages that left the house, the latest first. @param page.before only what is older than this position */
export const notificationHistory = (
  model: ReadModel,
  { before, limit }: { before?: number | undefined; limit: number },
): NotificationRow[] =>
  model.all<NotificationRow>(
    'SELECT * FROM notifications WHERE position < ? ORDER BY position DESC LIMIT ?',
    before ?? Number.MAX_SAFE_INTEGER,
    limit,
  );

/** The last outcome of a channel. */
export const lastOutcome = (model: ReadModel, channel: string): NotificationRow | undefined =>
  model.get<NotificationRow>(
    "SELECT * FROM notifications WHERE channel = ? AND status <> 'sending' ORDER BY position DESC LIMIT 1",
    channel,
  );

export const undelivered = (model: ReadModel): AnnouncementRow[] =>
  model.all<AnnouncementRow>('SELECT * FROM announcements WHERE members IS NULL ORDER BY at');
