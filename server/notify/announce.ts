import {
  announcement,
  announcementStream,
  announce,
  noteDelivered,
  type AnnouncementPosted,
} from '../../domain/announcement.ts';
import { dayOf } from '../../domain/calendar.ts';
import { findChallenge, readBook } from '../../projections/attendance-book-queries.ts';
import { undelivered } from '../../projections/messages-queries.ts';
import { derivedId } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import { inParallel } from '../in-parallel.ts';
import type { Channels } from './channels.ts';
import { deliverToInbox, recipientOf, type PostParts } from './post.ts';
import { NotAllDelivered } from './remind.ts';
import type { Sending } from './sending.ts';
import { messageTitle } from './texts.ts';

export type AnnounceParts = PostParts & {
  readonly sending: Sending;
  readonly channels: Channels;
  readonly settled: () => Promise<void>;
  readonly publicUrl: string | null;
};

const KIND = 'announcement';
const AT_A_TIME = 8;

/**
 * Says that something is announced, and takes it to everybody. Once it is said it is delivered, also after a crash: `resume` goes on.
 * @throws {NotAllDelivered} when a channel of the organiser's failed: everybody in the challenge has it all the same
 * @throws {StoreUnavailable} @throws {ReadModelsBehind}
 */
export async function makeAnnouncement(
  parts: AnnounceParts,
  posted: Omit<AnnouncementPosted, 'at'>,
  signal: AbortSignal,
): Promise<{ members: number }> {
  const at = new Date(parts.now()).toISOString();
  await execute(parts.store, parts.codec, {
    stream: announcementStream(posted.announcementId),
    aggregate: announcement,
    decide: (state) => announce({ ...posted, at }, state),
    commandId: derivedId('announcement', posted.announcementId),
  });
  return deliverAnnouncement(parts, { ...posted, at }, signal);
}

type Posted = Pick<AnnouncementPosted, 'announcementId' | 'challengeId' | 'text' | 'at'>;

async function deliverAnnouncement(
  parts: AnnounceParts,
  { announcementId, challengeId, text, at }: Posted,
  signal: AbortSignal,
): Promise<{ members: number }> {
  await parts.settled();
  const book = parts.model('attendance-book');
  const challenge = findChallenge(book, challengeId, parts.now() / 1000);
  const day = dayOf(Date.parse(at) / 1000, 'UTC');
  const roster = challenge ? readBook(book, challenge, { from: challenge.today, to: challenge.today }).members : [];
  // The text is gone with its author's key: what was not delivered by then is not any more.
  const people = text === '' ? [] : roster.filter(({ id }) => recipientOf(parts, id) !== null);
  await inParallel(
    people,
    async ({ id: memberId }) => {
      const letter = { memberId, kind: 'announcement' as const, challengeId, text };
      await deliverToInbox(parts, { ...letter, about: [announcementId], day });
    },
    { most: AT_A_TIME, signal },
  );
  const failed =
    challenge && text !== ''
      ? await tellOrganisers(parts, { announcementId, text, season: challenge.title }, signal)
      : 0;
  await execute(parts.store, parts.codec, {
    stream: announcementStream(announcementId),
    aggregate: announcement,
    decide: (state) =>
      noteDelivered(
        { announcementId, challengeId, members: people.length, at: new Date(parts.now()).toISOString() },
        state,
      ),
    commandId: derivedId('announcement delivered', announcementId),
  });
  if (failed > 0) throw new NotAllDelivered(`${failed} channels could not be told; ${people.length} members were.`);
  return { members: people.length };
}

async function tellOrganisers(
  { sending, channels, publicUrl }: AnnounceParts,
  { announcementId, text, season }: { announcementId: string; text: string; season: string },
  signal: AbortSignal,
): Promise<number> {
  let failed = 0;
  const message = () => ({
    title: messageTitle(KIND, 'ko', season),
    text,
    ...(publicUrl !== null && { url: `${publicUrl}/inbox` }),
  });
  await inParallel(
    channels.organiser,
    async (target) => {
      const sent = await sending.send({ kind: KIND, slot: announcementId, ...target, message }, signal);
      if (sent === 'failed') failed += 1;
    },
    { most: AT_A_TIME, stopAt: () => false, signal },
  );
  return failed;
}

/** Goes on with what was announced and is not delivered to everybody yet. @throws {StoreUnavailable} */
export async function resumeAnnouncements(parts: AnnounceParts, signal: AbortSignal): Promise<void> {
  await parts.settled();
  for (const row of undelivered(parts.model('messages'))) {
    const text = parts.codec.openKept('AnnouncementPosted.text', row.text);
    const posted = { announcementId: row.announcement_id, challengeId: row.challenge_id, text, at: row.at };
    await deliverAnnouncement(parts, posted, signal).catch((error: unknown) => {
      if (!(error instanceof NotAllDelivered)) throw error;
    });
  }
}
