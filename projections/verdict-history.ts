import type { Day } from '../domain/calendar.ts';
import type { ReadModel } from './projection.ts';

/** What somebody decided about a day of a member. */
export type DayDecision = {
  /** Of the event in the log: pages go on from it. */
  readonly position: number;
  readonly memberId: string;
  readonly day: Day;
  readonly kind: 'corrected' | 'excused' | 'withdrawn';
  /** Of a correction, and what it replaced. */
  readonly verdict: string | null;
  readonly previous: string | null;
  /** As it is kept; `Services.openText` opens it. */
  readonly reason: string;
  readonly actor: string | null;
  /** Milliseconds since the epoch. */
  readonly recordedAt: number;
};

/**
 * What was decided about the days of a challenge, of everybody, the latest first.
 * @param model `verdicts` @param page `before`: only what is older than this position
 */
export const dayDecisions = (
  model: ReadModel,
  challengeId: string,
  { before, limit }: { before?: number | undefined; limit: number },
): DayDecision[] =>
  model.all<DayDecision>(
    `SELECT position, member_id AS "memberId", day, kind, verdict, previous, reason, actor, recorded_at AS "recordedAt"
      FROM decisions WHERE challenge_id = ? AND kind IN ('corrected', 'excused', 'withdrawn') AND position < ?
      ORDER BY position DESC LIMIT ?`,
    challengeId,
    before ?? Number.MAX_SAFE_INTEGER,
    limit,
  );
