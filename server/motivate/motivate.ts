import { addDays, daysBetween, mondayOfWeek, type Day } from '../../domain/calendar.ts';
import {
  draftMotivation,
  motivations,
  motivationStream,
  approveMotivation,
  type Place,
} from '../../domain/motivation.ts';
import { publicFacts, withName } from '../../domain/motivation-text.ts';
import {
  findChallenge,
  readBook,
  type Book,
  type MemberAttendance,
} from '../../projections/attendance-book-queries.ts';
import { draftsOf, isAutomatic, letGoBy } from '../../projections/messages-queries.ts';
import { derivedId } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import { inParallel } from '../in-parallel.ts';
import { arrangedBy, recipientOf } from '../notify/post.ts';
import { NotAllDelivered } from '../notify/remind.ts';
import type { LanguageModel } from './llm.ts';
import { sendMotivation, type MotivationParts } from './send.ts';
import { Writing } from './write.ts';

export type MotivateParts = MotivationParts & {
  /** null: the template writes. */
  readonly languageModel: LanguageModel | null;
  readonly random: () => number;
};

const AT_A_TIME = 4;

/**
 * The messages of a Monday: a draft for everybody in a season of whom something is known, from what everybody may see of them. They
 * wait for the organiser, or go by themselves where that is arranged. Called again it writes only what is missing.
 * @param asked.week the ISO week of the Monday: `2025-W12`
 * @returns what was done, for the history of jobs
 * @throws {NotAllDelivered} @throws {StoreUnavailable} @throws {ReadModelsBehind} and what the signal was aborted with
 */
export async function motivate(
  parts: MotivateParts,
  asked: { readonly challengeId: string; readonly week: string },
  signal: AbortSignal,
): Promise<string> {
  await parts.settled();
  const found = weekOf(parts, asked);
  if (!found) return 'nothing to write: no day of the season was in the week before';
  const writing = new Writing({ model: parts.languageModel, now: parts.now, random: parts.random });
  const isDrafted = new Set(
    draftsOf(parts.model('messages'), asked.challengeId, asked.week).map((one) => one.member_id),
  );
  let drafted = 0;
  const write = async (member: MemberAttendance) => {
    if (await draft(parts, { ...asked, ...found, member, writing }, signal)) drafted += 1;
  };
  const missing = found.book.members.filter(({ id }) => !isDrafted.has(id));
  await inParallel(missing, write, { most: AT_A_TIME, signal });
  await parts.settled();
  const { sent, failed } = await sendWhatMayGo(parts, asked, signal);
  const outcome = `${drafted} drafted, ${sent} sent`;
  if (failed > 0) throw new NotAllDelivered(`${failed} messages could not be sent; ${outcome}`);
  return outcome;
}

type Week = {
  readonly book: Book;
  readonly lastWeek: { readonly from: Day; readonly to: Day };
  readonly season: Season;
};
type Season = { readonly dayOfSeason: number; readonly daysOfSeason: number };

function weekOf(
  { model, now }: MotivateParts,
  { challengeId, week }: { challengeId: string; week: string },
): Week | null {
  const monday = mondayOfWeek(week);
  const attendance = model('attendance-book');
  const challenge = findChallenge(attendance, challengeId, now() / 1000);
  if (!challenge || challenge.closed) return null;
  const { start, end, days } = challenge.bounds;
  const lastWeek = { from: addDays(monday, -7), to: addDays(monday, -1) };
  if (lastWeek.to < start || lastWeek.from > end || challenge.today < monday) return null;
  const today = challenge.today < end ? challenge.today : end;
  const season = { dayOfSeason: daysBetween(start, today) + 1, daysOfSeason: days };
  return { book: readBook(attendance, challenge), lastWeek, season };
}

type Wanted = Week & { challengeId: string; week: string; member: MemberAttendance; writing: Writing };

/** @returns whether there is a draft now that was not there before */
async function draft(
  parts: MotivateParts,
  { challengeId, week, member, book, lastWeek, season, writing }: Wanted,
  signal: AbortSignal,
): Promise<boolean> {
  const person = recipientOf(parts, member.id);
  const facts = publicFacts({ line: member, members: book.members.length, dates: book.dates, lastWeek, ...season });
  // Nothing is known of them: there is nothing to ask a model, and nothing to say.
  if (!person || !facts) return false;
  const { motivation, language } = arrangedBy(parts, member.id);
  if (!motivation) return false;
  const others = book.members.flatMap(({ id, name, handle }) => (id === member.id ? [] : [name, handle]));
  const { text, ...written } = await writing.write({ facts, language, others }, signal);
  const place = { challengeId, memberId: member.id, week };
  const at = new Date(parts.now()).toISOString();
  const { store, codec } = parts;
  const { events } = await execute(store, codec, {
    stream: motivationStream(place),
    aggregate: motivations,
    decide: (state) => draftMotivation({ ...place, text: withName(text, person.name), ...written, at }, state),
    commandId: derivedId('motivation', challengeId, member.id, week),
  });
  return events.length > 0;
}

/** Sends what was approved of a week, and where drafts go by themselves, those too. */
async function sendWhatMayGo(
  parts: MotivateParts,
  { challengeId, week }: { challengeId: string; week: string },
  signal: AbortSignal,
): Promise<{ sent: number; failed: number }> {
  const messages = parts.model('messages');
  const by = isAutomatic(messages, challengeId) ? letGoBy(messages, challengeId) : null;
  const drafts = draftsOf(messages, challengeId, week).filter(
    ({ status }) => status === 'approved' || (status === 'draft' && by !== null),
  );
  const counted = { sent: 0, failed: 0 };
  const send = async ({ member_id: memberId, status }: (typeof drafts)[number]) => {
    const place = { challengeId, memberId, week };
    if (status === 'draft' && by !== null) await approve(parts, place, by);
    const outcome = await sendMotivation(parts, place, signal);
    if (outcome === 'sent') counted.sent += 1;
    if (outcome === 'failed') counted.failed += 1;
  };
  await inParallel(drafts, send, { most: AT_A_TIME, stopAt: () => false, signal });
  return counted;
}

async function approve({ store, codec, now }: MotivateParts, place: Place, by: string): Promise<void> {
  const at = new Date(now()).toISOString();
  await execute(store, codec, {
    stream: motivationStream(place),
    aggregate: motivations,
    // The organiser may have discarded it in this moment: then it does not go.
    decide: (state) =>
      state.get(place.week)?.status === 'draft' ? approveMotivation({ ...place, by, at }, state) : [],
    commandId: derivedId('motivation goes', place.challengeId, place.memberId, place.week),
  });
}
