import type { MessageKind } from '../../domain/inbox.ts';
import type { Preferences } from '../../domain/preferences.ts';

/** A message that lies in one's inbox. Texts are empty once nobody may read them any more. */
export type MessageView = {
  readonly id: string;
  readonly kind: MessageKind;
  readonly challenge: string | null;
  readonly text: string;
  readonly at: string;
  readonly unread: boolean;
  /** Names it in the log: what is older than it is asked for by it. */
  readonly position: number;
};

/** `member` false: at the keyboard of this machine nobody has an inbox. */
export type InboxView = { readonly member: boolean; readonly messages: MessageView[]; readonly unread: number };

export type PreferencesView = {
  readonly preferences: Preferences;
  /** Addresses one is known by: the only ones that mail goes to. */
  readonly addresses: string[];
  /** Whether this server sends e-mail. */
  readonly email: boolean;
};

/** What has been written to a member for a week. */
export type MotivationView = {
  readonly member: string;
  readonly handle: string;
  readonly name: string;
  readonly week: string;
  readonly status: 'draft' | 'approved' | 'sent' | 'discarded';
  readonly text: string;
  /** `template`, or provider and model. */
  readonly writer: string;
  /** Why the template wrote it though a model was asked. */
  readonly fallback: string | null;
  /** What the model was asked; null: none was. */
  readonly prompt: string | null;
  readonly tokens: { readonly input: number; readonly output: number } | null;
  readonly at: string;
};

export type DraftsView = {
  readonly challenge: string;
  /** null: nothing was ever written. */
  readonly week: string | null;
  /** The latest first. */
  readonly weeks: string[];
  readonly automatic: boolean;
  /** Who writes: `template`, or provider and model. */
  readonly writer: string;
  readonly drafts: MotivationView[];
};

/** What became of a message that left the house. */
export type NotificationView = {
  readonly kind: string;
  readonly slot: string;
  readonly channel: string;
  /** `organiser`, or a member's handle. */
  readonly recipient: string;
  readonly status: 'sending' | 'sent' | 'failed';
  readonly reason: string | null;
  readonly at: string;
  readonly position: number;
};

export type ChannelView = { readonly name: string; readonly addresses: number; readonly last: NotificationView | null };
