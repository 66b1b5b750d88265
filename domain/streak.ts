import type { DayState } from './attendance.ts';
import type { Day } from './calendar.ts';

/** Days attended in a row; `start` and `end` are the first and last of them. */
export type Streak = { days: number; start: Day; end: Day };

/** Only an absence ends a streak: excused, unknown and outside days and a today not attended yet are passed over and not counted. */
export function streaks(
  dates: readonly Day[],
  stateAt: (index: number) => DayState,
): { current: Streak | null; longest: Streak | null } {
  let current: Streak | null = null;
  let longest: Streak | null = null;
  for (let index = 0; index < dates.length; index += 1) {
    const state = stateAt(index);
    const day = dates[index];
    if (day === undefined || (state !== 'present' && state !== 'absent')) continue;
    if (state === 'absent') {
      current = null;
      continue;
    }
    current = current ? { days: current.days + 1, start: current.start, end: day } : { days: 1, start: day, end: day };
    if (!longest || current.days > longest.days) longest = current;
  }
  return { current, longest };
}
