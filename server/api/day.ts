import type { Day } from '../../domain/calendar.ts';
import type { ChallengeSummary } from '../../projections/attendance-book.ts';
import { commitsOfDay } from '../../projections/commit-activity.ts';
import { listMembers } from '../../projections/members.ts';
import { bookOf, challengeView, dailyRates, indexOfDay, scopeOf } from './book.ts';
import { commitView } from './commits.ts';
import type { Services } from './services.ts';
import type { DayView } from './views.ts';

/** Everybody's state and commits on a day, as the day's page shows it. @throws NOT_FOUND for a day outside the season */
export function dayView(services: Services, challenge: ChallengeSummary, date: Day): DayView {
  const book = bookOf(services, challenge);
  const index = indexOfDay(book, date);
  const everybody = new Map(listMembers(services.model('members')).map((member) => [member.id, member]));
  const commits = Map.groupBy(
    commitsOfDay(services.model('commit-activity'), date, scopeOf(challenge)),
    (commit) => commit.memberId,
  );
  const { present = 0, countable = 0, rate: percent = null } = dailyRates(book, challenge.today)[index] ?? {};
  return {
    date,
    challenge: challengeView(challenge),
    present,
    countable,
    rate: percent,
    members: book.members.map(({ id, handle: name, states, ...member }) => ({
      handle: name,
      name: member.name,
      state: states[index] ?? 'outside',
      commits: (commits.get(id) ?? []).map((commit) =>
        commitView(commit, everybody.get(id) ?? { handle: name, name: member.name }, challenge.timeZone),
      ),
    })),
  };
}
