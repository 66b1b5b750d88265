import { daysBetween, type Day } from '../../domain/calendar.ts';
import { isReminded, reminderChannels, reminderSlot } from '../../domain/notification.ts';
import {
  findChallenge,
  readBook,
  type ChallengeSummary,
  type MemberAttendance,
} from '../../projections/attendance-book-queries.ts';
import { inParallel } from '../in-parallel.ts';
import type { Channel, Outgoing } from './channel.ts';
import type { Channels } from './channels.ts';
import { arrangedBy, canRead, deliverToInbox, recipientOf, type PostParts, type Recipient } from './post.ts';
import type { Sending, Sent } from './sending.ts';
import { messageTitle, organiserText, reminderText, type DayOfSeason } from './texts.ts';

export type RemindParts = PostParts & {
  readonly sending: Sending;
  readonly channels: Channels;
  /** Resolves when what was written before can be read. @throws {ReadModelsBehind} */
  readonly settled: () => Promise<void>;
  /** Where people read on; null: nobody said what address this server is reached by. */
  readonly publicUrl: string | null;
};

/** Some of it did not arrive, and why is in the history; what did is not sent again. */
export class NotAllDelivered extends Error {
  override readonly name = 'NotAllDelivered';
}

const AT_A_TIME = 4;
const KIND = 'reminder';

/**
 * The reminder of an evening: tells the organiser who has not attended yet, and each of them. Whoever was told already is not told
 * again, so it may be called as often as one likes and goes on wherever it was broken off. What is told is read at that moment: who
 * commits meanwhile is left out.
 * @param asked.day a day in the challenge's zone; of one that is over, or not begun, nobody is reminded
 * @returns what was done, for the history of jobs
 * @throws {NotAllDelivered} @throws {StoreUnavailable} @throws {ReadModelsBehind} and what the signal was aborted with
 */
export async function remind(
  parts: RemindParts,
  asked: { readonly challengeId: string; readonly day: Day },
  signal: AbortSignal,
): Promise<string> {
  await parts.settled();
  const now = freshly(() => eveningOf(parts, asked), parts.now);
  const evening = now();
  if (!evening) return 'nobody to remind: the day is not today, is off, or is outside of the season';
  const told = { organiser: 0, members: 0, failed: 0 };
  const count = (whom: 'organiser' | 'members') => (sent: Sent) => {
    if (sent === 'sent') told[whom] += 1;
    if (sent === 'failed') told.failed += 1;
  };
  // One after the other a channel that fails would hold up the others for as long as it is tried.
  const work = [
    ...parts.channels.organiser.map(
      (target) => async () => count('organiser')(await tellOrganiser(parts, { ...asked, now }, target, signal)),
    ),
    ...evening.absent.map(
      ({ id }) =>
        async () =>
          count('members')(await remindMember(parts, { ...asked, now }, id, signal)),
    ),
  ];
  await inParallel(work, (one) => one(), { most: AT_A_TIME, stopAt: () => false, signal });
  const outcome = `organiser told by ${told.organiser} channels, ${told.members} of ${evening.absent.length} reminded`;
  if (told.failed > 0) throw new NotAllDelivered(`${told.failed} messages could not be sent; ${outcome}`);
  return outcome;
}

type Evening = {
  readonly challenge: ChallengeSummary;
  readonly about: DayOfSeason;
  readonly absent: readonly MemberAttendance[];
};

/** What is asked about, and how the evening stands at the moment. */
type Asked = { readonly challengeId: string; readonly day: Day; readonly now: () => Evening | null };

/** Reading a book takes milliseconds, and hundreds may be reminded: what was read this second is read for all of them. */
function freshly<Reading>(read: () => Reading, now: () => number): () => Reading {
  let last: { at: number; reading: Reading } | null = null;
  return () => {
    if (last === null || now() - last.at >= FRESH_MS || now() < last.at) last = { at: now(), reading: read() };
    return last.reading;
  };
}
const FRESH_MS = 1_000;

/** How today stands; null where it is another day by now, and where it counts for nobody. */
function eveningOf({ model, now }: PostParts, { challengeId, day }: { challengeId: string; day: Day }): Evening | null {
  const book = model('attendance-book');
  const challenge = findChallenge(book, challengeId, now() / 1000);
  if (!challenge || challenge.closed || challenge.today !== day) return null;
  const { members } = readBook(book, challenge, { from: day, to: day });
  const people = members.filter(({ id }) => recipientOf({ model }, id) !== null);
  const of = (wanted: string) => people.filter(({ states }) => states[0] === wanted);
  const absent = people.filter(({ states }) => isReminded(states[0]));
  const unknown = of('unknown');
  const present = of('present').length;
  if (present + absent.length + unknown.length === 0) return null;
  const about: DayOfSeason = {
    title: challenge.title,
    day,
    number: daysBetween(challenge.bounds.start, day) + 1,
    days: challenge.bounds.days,
    present,
    excused: of('excused').length,
    absent: absent.map(({ name }) => name),
    unknown: unknown.map(({ name }) => name),
  };
  return { challenge, about, absent };
}

function tellOrganiser(
  parts: RemindParts,
  asked: Asked,
  { channel, to, recipient }: Channels['organiser'][number],
  signal: AbortSignal,
): Promise<Sent> {
  const message = (): Outgoing | null => {
    const evening = asked.now();
    return evening && { ...organiserText(evening.about), ...addressed(parts, `/days/${asked.day}`) };
  };
  const slot = `${asked.challengeId}-${asked.day}`;
  return parts.sending.send({ kind: KIND, slot, channel, to, recipient, message }, signal);
}

const addressed = ({ publicUrl }: RemindParts, path: string): { url?: string } =>
  publicUrl === null ? {} : { url: `${publicUrl}${path}` };

/** @returns `sent` where anything has reached them, now or before */
async function remindMember(parts: RemindParts, asked: Asked, memberId: string, signal: AbortSignal): Promise<Sent> {
  signal.throwIfAborted();
  const found = reminderNow(parts, asked, memberId);
  if (!found) return 'not needed';
  const { channels, text } = found;
  if (channels.includes('inbox')) {
    const letter = { memberId, kind: 'reminder' as const, challengeId: asked.challengeId, text };
    // A member is reminded once a day, of however many challenges.
    await deliverToInbox(parts, { ...letter, about: [asked.day], day: asked.day });
  }
  const { email } = parts.channels;
  const mailed =
    channels.includes('email') && email ? await mail(parts, asked, { memberId, email }, signal) : 'not needed';
  return mailed === 'not needed' && channels.includes('inbox') ? 'sent' : mailed;
}

async function mail(
  parts: RemindParts,
  asked: Asked,
  { memberId, email }: { memberId: string; email: Channel },
  signal: AbortSignal,
): Promise<Sent> {
  const message = (): Outgoing | null => {
    const found = reminderNow(parts, asked, memberId);
    if (!found?.channels.includes('email')) return null;
    const title = messageTitle('reminder', found.language, found.season);
    return { title, text: found.text, ...addressed(parts, '/inbox') };
  };
  const to = arrangedBy(parts, memberId).email ?? '';
  const slot = reminderSlot(memberId, asked.day);
  return parts.sending.send({ kind: KIND, slot, channel: email, to, recipient: memberId, message }, signal);
}

/** What a member is to be told now, and how; null where they have attended meanwhile, or want none at this hour. */
function reminderNow(parts: RemindParts, asked: Asked, memberId: string) {
  const evening = asked.now();
  const person = recipientOf(parts, memberId);
  if (!evening || !person || !isStillAbsent(evening, person) || !canRead(parts, memberId)) return null;
  const preferences = arrangedBy(parts, memberId);
  const channels = reminderChannels(preferences, parts.now() / 1000, evening.challenge.timeZone);
  if (channels.length === 0) return null;
  const { language } = preferences;
  const text = reminderText(language, { ...evening.about, name: person.name });
  return { channels, language, text, season: evening.challenge.title };
}

const isStillAbsent = ({ absent }: Evening, { id }: Recipient): boolean => absent.some((one) => one.id === id);
