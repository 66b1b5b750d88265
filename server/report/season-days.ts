import type { DayState } from '../../domain/attendance.ts';
import type { Badge } from '../../domain/badges.ts';
import type { Day } from '../../domain/calendar.ts';

/** What a report tells of a member's days; of commits no more than when they were written. */
export type MemberSeasonDays = {
  readonly handle: string;
  readonly name: string;
  readonly title: string;
  readonly zone: string;
  /** The days reported, oldest first, and what each was for the member. */
  readonly dates: readonly Day[];
  readonly states: readonly DayState[];
  /** Seconds since the epoch, in order. */
  readonly times: readonly number[];
  /** null: they are not in the season. */
  readonly line: {
    readonly rate: number | null;
    readonly attended: number;
    readonly countable: number;
    readonly rank: number;
    readonly members: number;
    /** Days. */
    readonly current: number;
    readonly longest: number;
    readonly commits: number;
  } | null;
  readonly badges: readonly Badge[];
};
