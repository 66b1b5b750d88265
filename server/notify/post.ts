import { isKeptOut } from '../../domain/access-status.ts';
import { deliver, inbox, inboxStream, type Message } from '../../domain/inbox.ts';
import { monthOf, type Day } from '../../domain/calendar.ts';
import type { Preferences } from '../../domain/preferences.ts';
import { accessOf } from '../../projections/access.ts';
import type { ProjectionName } from '../../projections/all.ts';
import { memberById } from '../../projections/members.ts';
import { preferencesOf } from '../../projections/messages-queries.ts';
import type { ReadModel } from '../../projections/projection.ts';
import { derivedId, type Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore } from '../event-store/event-store.ts';

export type PostParts = {
  readonly store: EventStore;
  readonly codec: Codec;
  readonly model: (name: ProjectionName) => ReadModel;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

type Letter = Pick<Message, 'memberId' | 'kind' | 'challengeId' | 'text'> & {
  /** What it is about: the same about is the same message. */
  readonly about: readonly string[];
  /** The day it is about: it is looked for in that month when it is sent again. */
  readonly day: Day;
};

/** Lays a message into a member's inbox, once. @returns whether it lay there before @throws {StoreUnavailable} */
export async function deliverToInbox({ store, codec, now }: PostParts, letter: Letter): Promise<'delivered' | 'known'> {
  const { about, day, ...message } = letter;
  const messageId = derivedId('message', message.kind, ...about, message.memberId);
  const at = new Date(now()).toISOString();
  const { events } = await execute(store, codec, {
    stream: inboxStream(message.memberId, monthOf(day)),
    aggregate: inbox,
    decide: (state) => deliver({ ...message, messageId, at }, state),
    commandId: messageId,
  });
  return events.length > 0 ? 'delivered' : 'known';
}

/** Somebody messages can be for: in person, and not turned away. */
export type Recipient = { readonly id: string; readonly name: string; readonly handle: string; readonly bot: boolean };

/** Who somebody is now; null: they are erased, a program, or were turned away. */
export function recipientOf({ model }: Pick<PostParts, 'model'>, memberId: string): Recipient | null {
  const member = memberById(model('members'), memberId);
  if (!member || member.bot) return null;
  return isKeptOut(accessOf(model('access'), member.id)?.status) ? null : member;
}

/** Whether somebody can sign in and read what lies in their inbox. */
export const canRead = ({ model }: Pick<PostParts, 'model'>, memberId: string): boolean =>
  accessOf(model('access'), memberId)?.status === 'active';

/** What a member has arranged, opened. */
export function arrangedBy({ codec, model }: Pick<PostParts, 'codec' | 'model'>, memberId: string): Preferences {
  const kept = preferencesOf(model('messages'), memberId);
  const email = kept.email === null ? '' : codec.openKept('NotificationsArranged.email', kept.email);
  return { ...kept, email: email === '' ? null : email };
}
