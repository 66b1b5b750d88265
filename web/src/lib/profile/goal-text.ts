import type { Formats } from '#lib/i18n/formats.ts';
import type { ProfileWords } from '#lib/i18n/profile.ko.ts';
import type { GoalView } from '../../../../server/api/community-views.ts';

type Said = { words: ProfileWords['goals']; formats: Pick<Formats, 'number'> };

/** What a goal is, in one line. */
export function goalText({ kind, target, text }: GoalView, { words, formats }: Said): string {
  if (kind === 'other' || target === null) return text ?? '';
  return words.what[kind](formats.number(target));
}

/** How far a goal that counts has come, 0 to 100; null where there is nothing to tell. */
export const goalPercent = ({ target, value }: Pick<GoalView, 'target' | 'value'>): number | null =>
  target === null || value === null ? null : Math.min(100, Math.floor((100 * value) / target));
