import type { Season } from '../domain/challenge.ts';
import type { ReadModel } from './projection.ts';

export type Participation = { readonly memberId: string; readonly season: Season; readonly timeZone: string };

type Row = { member_id: string; season: string; time_zone: string };

/**
 * Who takes part in the seasons that are open and count every commit of their members, whatever repository it is in. Where repositories
 * are followed, those are read instead.
 * @param model of `attendance-book`
 */
export const openParticipations = (model: ReadModel): Participation[] =>
  model
    .all<Row>(
      `SELECT roster.member_id, season, time_zone FROM roster JOIN challenges USING (challenge_id)
        WHERE present = 1 AND closed_at IS NULL AND repositories = '[]'`,
    )
    .map(({ member_id, season, time_zone }) => ({
      memberId: member_id,
      season: JSON.parse(season) as Season,
      timeZone: time_zone,
    }));
