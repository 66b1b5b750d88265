import type { Day } from '../../domain/calendar.ts';
import type { ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { commitsOfDay, countByMember } from '../../projections/commit-activity.ts';
import { bookOf, challengeView, dailyRates, indexOfDay, scopeOf } from './book.ts';
import { commitView, type Asked } from './commits.ts';
import type { DayView } from './views.ts';

/** Commits of a member that a day's page tells of; an import may have put thousands on one day. */
const MOST_COMMITS = 50;

/** Everybody's state and commits on a day, as the day's page shows it. @throws NOT_FOUND for a day outside the season */
export function dayView(asked: Asked, challenge: ChallengeSummary, day: Day): DayView {
  const { services } = asked;
  const book = bookOf(services, challenge);
  const index = indexOfDay(book, day);
  const model = services.model('commit-activity');
  const scope = scopeOf(challenge);
  const counts = countByMember(model, { ...scope, from: day, to: day });
  const commits = Map.groupBy(commitsOfDay(model, { ...scope, day, most: MOST_COMMITS }), ({ memberId }) => memberId);
  const { present = 0, countable = 0, rate = null } = dailyRates(book, challenge.today)[index] ?? {};
  return {
    date: day,
    challenge: challengeView(challenge),
    present,
    countable,
    rate,
    members: book.members.map(({ id, handle, name, states }) => ({
      handle,
      name,
      state: states[index] ?? 'outside',
      commitCount: counts.get(id) ?? 0,
      commits: (commits.get(id) ?? []).map((commit) => commitView(asked, commit, { handle, name }, challenge.timeZone)),
    })),
  };
}
