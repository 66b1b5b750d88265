import { z } from 'zod';
import { monthOf } from './calendar.ts';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';
import { actorSchema } from './member.ts';

/** What may stand before a cheer: few enough to choose from at a glance. */
export const cheerMarks = ['🌱', '👏', '🔥', '💪', '🎉', '☕'] as const;
export const cheerMarkSchema = z.enum(cheerMarks);
export type CheerMark = z.infer<typeof cheerMarkSchema>;

export const LONGEST_CHEER = 300;
/** Cheers somebody may write on a day (UTC): kind words, not a flood. */
export const MOST_CHEERS_A_DAY = 30;

const cheer = { memberId: z.string(), cheerId: z.string(), to: z.string(), at: instantSchema };

export const cheerEvents = {
  /** `memberId` wrote it, and it is sealed with their key: it goes with them when they are erased. */
  CheerPosted: defineEvent(
    z.object({ ...cheer, text: z.string().min(1).max(LONGEST_CHEER), emoji: cheerMarkSchema.nullable() }),
    { personal: ['text'], keptSealed: ['text'] },
  ),
  /** `memberId` is still who wrote it; `by` took it away. */
  CheerRemoved: defineEvent(z.object({ ...cheer, by: actorSchema })),
};
export type CheerEvent = EventsOf<typeof cheerEvents>;

/** One stream a month and recipient: none grows without bound. @param at ISO instant of the cheer */
export const cheerStream = (to: string, at: string) => `cheers-${to}-${monthOf(at)}`;

type Known = { readonly memberId: string; readonly to: string; readonly at: string; readonly removed: boolean };
/** By id. */
export type Cheers = ReadonlyMap<string, Known>;

const none: Cheers = new Map();
export const cheers = {
  initial: none,
  /** The map is the fold's own from the first event on, so it grows in place. */
  evolve(state: Cheers, { type, data }: CheerEvent): Cheers {
    const { memberId, cheerId, to, at } = data;
    const known = state.get(cheerId);
    const draft = state === none ? new Map<string, Known>() : (state as Map<string, Known>);
    if (type === 'CheerPosted') return draft.set(cheerId, { memberId, to, at, removed: false });
    return known ? draft.set(cheerId, { ...known, removed: true }) : state;
  },
};

export type CheerRefusal = 'empty' | 'too-long' | 'too-many' | 'oneself' | 'unknown' | 'not-yours';

/** A cheer is not taken as it is, and the one who writes it can mend it. */
export class CheerRefused extends Error {
  override readonly name = 'CheerRefused';
  readonly reason: CheerRefusal;
  constructor(reason: CheerRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

export type CheerInput = {
  readonly memberId: string;
  readonly cheerId: string;
  readonly to: string;
  readonly text: string;
  readonly emoji: CheerMark | null;
  readonly at: string;
};

/** Characters as people count them, not the halves that JavaScript stores. */
const lengthOf = (text: string): number => [...text].length;

/** A text as it is shown: lines as written, without characters that turn others around or cannot be seen. */
const shownText = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/\r\n?/g, '\n')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (letter) => (letter === '\n' ? '\n' : ''))
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
    .toWellFormed();

/**
 * Writes a word of encouragement to another member.
 * @param today how many its author has written on this day already
 * @throws {CheerRefused}
 */
export function postCheer(input: CheerInput, today: number, state: Cheers): CheerEvent[] {
  if (state.has(input.cheerId)) return [];
  if (input.memberId === input.to) throw new CheerRefused('oneself', 'A cheer is for somebody else.');
  const text = shownText(input.text);
  if (text === '') throw new CheerRefused('empty', 'Write a word or two.');
  if (lengthOf(text) > LONGEST_CHEER || text.length > LONGEST_CHEER)
    throw new CheerRefused('too-long', `At most ${LONGEST_CHEER} characters; these are ${lengthOf(text)}.`);
  if (today >= MOST_CHEERS_A_DAY)
    throw new CheerRefused('too-many', `You have written ${MOST_CHEERS_A_DAY} cheers today: go on tomorrow.`);
  return [{ type: 'CheerPosted', data: { ...input, text } }];
}

export type Remover = {
  readonly cheerId: string;
  readonly by: string;
  /** Everybody who is the member asking, also as whom they were known before; nobody: not a member. */
  readonly asking: ReadonlySet<string>;
  readonly admin: boolean;
  readonly at: string;
};

/** Takes a cheer away: its author may, whom it was written to, and an admin. @throws {CheerRefused} */
export function removeCheer({ cheerId, by, asking, admin, at }: Remover, state: Cheers): CheerEvent[] {
  const known = state.get(cheerId);
  if (!known) throw new CheerRefused('unknown', 'There is no such cheer.');
  if (!admin && !asking.has(known.memberId) && !asking.has(known.to))
    throw new CheerRefused('not-yours', 'Only who wrote a cheer, whom it was written to, or an admin takes it away.');
  if (known.removed) return [];
  return [{ type: 'CheerRemoved', data: { memberId: known.memberId, cheerId, to: known.to, by, at } }];
}
