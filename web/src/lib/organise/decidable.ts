import type { ReasonsView } from '../../../../server/api/reasons-views.ts';
import type { SeasonView } from '../../../../server/api/season-views.ts';

export type DayVerdict = 'present' | 'absent' | 'excused';
type Facts = Pick<ReasonsView, 'date' | 'state' | 'markedAt' | 'decisions'>;

/** The last thing an organiser decided about the day; taking an excuse back leaves it as it was before. */
const decided = ({ decisions }: Facts): 'present' | 'absent' | 'excused' | null => {
  const corrected = decisions.findLast(({ kind }) => kind === 'corrected')?.verdict;
  if (corrected === 'present' || corrected === 'absent') return corrected;
  const last = decisions.findLast(({ kind }) => kind === 'excused' || kind === 'withdrawn');
  return last?.kind === 'excused' ? 'excused' : null;
};

/** The day is excused, be it a day to come, which counts for nothing yet. */
export const isExcused = (day: Facts): boolean => day.markedAt === null && decided(day) === 'excused';

/**
 * What an organiser can decide about a day: a verdict that stands already says nothing new, a day to come has no verdict, and only
 * a day that nobody decided and no commit attended can be excused (`excuseDay`).
 */
export function decidable(day: Facts, { today, excusedDays }: Pick<SeasonView, 'today' | 'excusedDays'>): DayVerdict[] {
  const now = decided(day);
  const verdicts: DayVerdict[] = [];
  if (day.date <= today && now !== 'present') verdicts.push('present');
  if (day.date <= today && now !== 'absent') verdicts.push('absent');
  if (excusedDays > 0 && now === null && day.markedAt === null) verdicts.push('excused');
  return verdicts;
}
