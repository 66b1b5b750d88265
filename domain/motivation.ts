import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';
import { actorSchema } from './member.ts';

/** `2025-W12` */
export const weekSchema = z
  .string()
  .regex(/^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$/, { error: 'expected a week such as 2025-W12' });
/** Characters a motivation has at least and at most. */
export const MOTIVATION_LENGTH = { least: 20, most: 500 } as const;

const place = { challengeId: z.string(), memberId: z.string(), week: z.string() };
const decided = { ...place, by: actorSchema, at: instantSchema };
const text = z.string().min(1);

export const motivationEvents = {
  MotivationDrafted: defineEvent(
    z.object({
      ...place,
      text,
      /** What the model was asked; null: nobody was. */
      prompt: z.string().nullable(),
      /** `template`, or provider and model: `claude/claude-haiku-5-5`. */
      writer: z.string(),
      /** Why a template wrote it though a model was asked; null: none was, or it wrote this. */
      fallback: z.string().nullable(),
      /** What asking took; null: nobody was asked, or nobody knows. */
      tokens: z.object({ input: z.int().min(0), output: z.int().min(0) }).nullable(),
      at: instantSchema,
    }),
    { personal: ['text', 'prompt'], keptSealed: ['text', 'prompt'] },
  ),
  MotivationEdited: defineEvent(z.object({ ...decided, text }), { personal: ['text'], keptSealed: ['text'] }),
  MotivationApproved: defineEvent(z.object(decided)),
  MotivationSent: defineEvent(z.object({ ...place, at: instantSchema })),
  MotivationDiscarded: defineEvent(z.object(decided)),
  /** Whether drafts of a challenge are sent without anybody looking at them first. */
  MotivationArranged: defineEvent(
    z.object({ challengeId: z.string(), automatic: z.boolean(), by: actorSchema, at: instantSchema }),
  ),
};
type Every = EventsOf<typeof motivationEvents>;
export type MotivationEvent = Exclude<Every, { type: 'MotivationArranged' }>;
export type MotivationArranged = Extract<Every, { type: 'MotivationArranged' }>;

/** A year of a member in a challenge; a rolling book goes on for ever. */
export const motivationStream = ({ challengeId, memberId, week }: Place) =>
  `motivation-${challengeId}-${memberId}-${week.slice(0, 4)}`;
export const arrangementStream = (challengeId: string) => `motivation-${challengeId}`;

export type Place = { readonly challengeId: string; readonly memberId: string; readonly week: string };

export type Draft = { readonly status: 'draft' | 'approved' | 'sent' | 'discarded'; readonly text: string };
/** By week. */
export type Motivations = ReadonlyMap<string, Draft>;

export const motivations = {
  initial: new Map() as Motivations,
  evolve(state: Motivations, { type, data }: MotivationEvent): Motivations {
    const known = state.get(data.week);
    if (type === 'MotivationDrafted') return new Map(state).set(data.week, { status: 'draft', text: data.text });
    if (!known) return state;
    if (type === 'MotivationEdited') return new Map(state).set(data.week, { ...known, text: data.text });
    return new Map(state).set(data.week, { ...known, status: STATUS_AFTER[type] });
  },
};
const STATUS_AFTER = {
  MotivationApproved: 'approved',
  MotivationSent: 'sent',
  MotivationDiscarded: 'discarded',
} as const;

export class MotivationRefused extends Error {
  override readonly name = 'MotivationRefused';
}

type Drafted = Extract<MotivationEvent, { type: 'MotivationDrafted' }>['data'];

/** One draft a member and week, whatever became of it. */
export const draftMotivation = (draft: Drafted, state: Motivations): MotivationEvent[] =>
  state.has(draft.week) ? [] : [{ type: 'MotivationDrafted', data: draft }];

type Decision = Place & { readonly by: string; readonly at: string };

/** @throws {MotivationRefused} when it is no draft (any more), or too long */
export function editMotivation(edit: Decision & { text: string }, state: Motivations): MotivationEvent[] {
  const text = edit.text.trim();
  const draft = requireDraft(edit, state);
  if (text === '' || text.length > MOTIVATION_LENGTH.most)
    throw new MotivationRefused(`A message has 1 to ${MOTIVATION_LENGTH.most} characters.`);
  return draft.text === text ? [] : [{ type: 'MotivationEdited', data: { ...edit, text } }];
}

/** Approved means it may go: whoever finds it so sends it. @throws {MotivationRefused} when there is none, or it was discarded */
export function approveMotivation(decision: Decision, state: Motivations): MotivationEvent[] {
  const status = state.get(decision.week)?.status;
  if (status === 'approved' || status === 'sent') return [];
  requireDraft(decision, state);
  return [{ type: 'MotivationApproved', data: decision }];
}

/** @throws {MotivationRefused} when it is under way or has arrived: nothing takes it back */
export function discardMotivation(decision: Decision, state: Motivations): MotivationEvent[] {
  if (state.get(decision.week)?.status === 'discarded') return [];
  requireDraft(decision, state);
  return [{ type: 'MotivationDiscarded', data: decision }];
}

/** It was let go, and the one it is for wants none (any more): nobody sends it. */
export const withdrawUnwanted = (decision: Decision, state: Motivations): MotivationEvent[] =>
  state.get(decision.week)?.status === 'approved' ? [{ type: 'MotivationDiscarded', data: decision }] : [];

/** Said after it has arrived. */
export const noteMotivationSent = (sent: Place & { at: string }, state: Motivations): MotivationEvent[] =>
  state.get(sent.week)?.status === 'approved' ? [{ type: 'MotivationSent', data: sent }] : [];

function requireDraft({ week }: Place, state: Motivations): Draft {
  const draft = state.get(week);
  if (draft?.status === 'draft') return draft;
  throw new MotivationRefused(
    draft ? `The message of ${week} is ${draft.status} already.` : `There is no draft of ${week}.`,
  );
}

/** `by`: who said so last, and lets go whatever goes by itself. */
export type Arrangement = { readonly automatic: boolean; readonly by: string | null };
export const arrangement = {
  initial: { automatic: false, by: null } as Arrangement,
  evolve: (_state: Arrangement, { data: { automatic, by } }: MotivationArranged): Arrangement => ({ automatic, by }),
};

export const arrangeMotivation = (
  wish: MotivationArranged['data'],
  { automatic }: Arrangement,
): MotivationArranged[] => (automatic === wish.automatic ? [] : [{ type: 'MotivationArranged', data: wish }]);
