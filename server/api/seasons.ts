import {
  countParticipants,
  excusedDays,
  participantIn,
  type ChallengeSummary,
} from '../../projections/attendance-book-queries.ts';
import { openForJoining } from '../../projections/joining.ts';
import type { SeasonView } from './season-views.ts';
import type { Services } from './services.ts';

/** A challenge as who asks sees it. @param memberId who asks; null: nobody in particular */
export function seasonOf(services: Services, challenge: ChallengeSummary, memberId: string | null): SeasonView {
  const { id, title, timeZone, season, rule, bounds, today, repositories } = challenge;
  const model = services.model('attendance-book');
  const own = memberId === null ? undefined : participantIn(model, id, memberId);
  return {
    ...{ id, title, timeZone, kind: season.kind, ...bounds, today },
    commitsPerDay: rule.commitsPerDay,
    excludedWeekdays: rule.excludedWeekdays,
    excusedDays: rule.excusedDays,
    counts: repositories.length > 0 ? 'repositories' : 'members',
    state: stateOf(challenge),
    joining: openForJoining(services.model('joining')).includes(id),
    members: countParticipants(model, id),
    own: own && memberId !== null ? { from: own.from, excused: excusedDays(model, challenge, memberId) } : null,
  };
}

function stateOf({ closed, bounds, today }: ChallengeSummary): SeasonView['state'] {
  if (closed) return 'closed';
  if (today < bounds.start) return 'coming';
  return today > bounds.end ? 'ended' : 'running';
}
