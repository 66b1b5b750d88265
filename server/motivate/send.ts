import { mondayOfWeek } from '../../domain/calendar.ts';
import {
  motivations,
  motivationStream,
  noteMotivationSent,
  withdrawUnwanted,
  type Place,
} from '../../domain/motivation.ts';
import { motivationChannels } from '../../domain/notification.ts';
import { findChallenge } from '../../projections/attendance-book-queries.ts';
import { execute, load } from '../event-store/command-handler.ts';
import type { Channel } from '../notify/channel.ts';
import type { Channels } from '../notify/channels.ts';
import { arrangedBy, deliverToInbox, recipientOf, type PostParts } from '../notify/post.ts';
import type { Sending, Sent } from '../notify/sending.ts';
import { messageTitle } from '../notify/texts.ts';

export type MotivationParts = PostParts & {
  readonly sending: Sending;
  readonly channels: Channels;
  readonly settled: () => Promise<void>;
  readonly publicUrl: string | null;
};

const KIND = 'motivation';

/**
 * Sends an approved motivation: into the inbox first, which is done once however often it is done, then by e-mail where the member
 * wishes it, then it is said. Broken off anywhere, it goes on from there.
 * @returns `not needed`: it is not approved, has arrived before, or the member wants none
 * @throws {StoreUnavailable} and what the signal was aborted with
 */
export async function sendMotivation(parts: MotivationParts, place: Place, signal: AbortSignal): Promise<Sent> {
  const { store, codec } = parts;
  // Of the log itself, so that what was decided this moment is known.
  const { state } = await load(store, codec, motivationStream(place), motivations);
  const draft = state.get(place.week);
  const challenge = findChallenge(parts.model('attendance-book'), place.challengeId, parts.now() / 1000);
  if (draft?.status !== 'approved' || draft.text === '' || !challenge) return 'not needed';
  const preferences = arrangedBy(parts, place.memberId);
  const channels = motivationChannels(preferences, parts.now() / 1000, challenge.timeZone);
  if (channels.length === 0 || recipientOf(parts, place.memberId) === null) {
    await withdraw(parts, place);
    return 'not needed';
  }
  const letter = {
    memberId: place.memberId,
    kind: 'motivation' as const,
    challengeId: place.challengeId,
    text: draft.text,
  };
  // Whoever chose e-mail alone finds it here, too: the profile shows what the inbox holds.
  await deliverToInbox(parts, { ...letter, about: [place.challengeId, place.week], day: mondayOfWeek(place.week) });
  const { email } = parts.channels;
  if (channels.includes('email') && email && preferences.email !== null) {
    const errand = { email, to: preferences.email, title: messageTitle(KIND, preferences.language, challenge.title) };
    if ((await mail(parts, place, { ...errand, text: draft.text }, signal)) === 'failed') return 'failed';
  }
  await note(parts, place);
  return 'sent';
}

type Mail = { readonly email: Channel; readonly to: string; readonly title: string; readonly text: string };

function mail(
  parts: MotivationParts,
  place: Place,
  { email, to, title, text }: Mail,
  signal: AbortSignal,
): Promise<Sent> {
  const { challengeId, memberId, week } = place;
  const url = parts.publicUrl === null ? {} : { url: `${parts.publicUrl}/inbox` };
  const errand = { kind: KIND, slot: `${challengeId}-${memberId}-${week}`, channel: email, to, recipient: memberId };
  return parts.sending.send({ ...errand, message: () => ({ title, text, ...url }) }, signal);
}

async function note({ store, codec, now }: MotivationParts, place: Place): Promise<void> {
  const at = new Date(now()).toISOString();
  await execute(store, codec, {
    stream: motivationStream(place),
    aggregate: motivations,
    decide: (state) => noteMotivationSent({ ...place, at }, state),
    commandId: `${motivationStream(place)} ${place.week} sent`,
  });
}

/** They said that they want none, or are not let in any more. */
async function withdraw({ store, codec, now }: MotivationParts, place: Place): Promise<void> {
  const at = new Date(now()).toISOString();
  await execute(store, codec, {
    stream: motivationStream(place),
    aggregate: motivations,
    decide: (state) => withdrawUnwanted({ ...place, by: place.memberId, at }, state),
    commandId: `${motivationStream(place)} ${place.week} unwanted`,
  });
}
