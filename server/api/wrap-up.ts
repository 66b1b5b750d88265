import { z } from 'zod';
import { badgeIds } from '../../domain/badges.ts';
import type { Book, ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { activity, countByMember } from '../../projections/commit-activity.ts';
import { answer, challengeView, dailyRates, overallRate, requireChallenge, scopeOf } from './book.ts';
import type { WrapUpMember, WrapUpView } from './community-views.ts';
import { challengeId } from './input.ts';
import { badgesFrom, factsOfAll } from './member-facts.ts';
import type { Services } from './services.ts';
import { readProcedure, router } from './trpc.ts';

/** How many of the longest streaks are named. */
const STREAKS_NAMED = 5;

export const wrapUpRouter = router({
  of: readProcedure
    .meta({ description: 'What a season came to: final when it is over, so far before.' })
    .input(z.strictObject({ challenge: challengeId.optional() }))
    .query(({ ctx: { services }, input }): WrapUpView => {
      const challenge = requireChallenge(services, input.challenge);
      return answer(services, challenge, {}, 'wrap-up', (book) => compose(services, challenge, book));
    }),
});

function compose(services: Services, challenge: ChallengeSummary, book: Book): WrapUpView {
  const { bounds, today, season, closed } = challenge;
  const scope = { ...scopeOf(challenge), from: bounds.start, to: bounds.end };
  const model = services.model('commit-activity');
  const commits = countByMember(model, scope);
  const facts = factsOfAll(services, challenge);
  const ranking = book.members.map((member, index): WrapUpMember => {
    const own = facts[index];
    return {
      ...{ handle: member.handle, name: member.name, rank: member.rank, rate: member.rate },
      ...{ attended: member.attended, countable: member.countable, commits: commits.get(member.id) ?? 0 },
      longestStreak: member.longest,
      badges: own ? badgesFrom(own) : [],
    };
  });
  const having = (id: string) => ranking.filter(({ badges }) => badges.some((badge) => badge.id === id)).length;
  return {
    ...{ challenge: challengeView(challenge), today, over: closed || (season.kind === 'fixed' && today > bounds.end) },
    totals: totalsOf(book, ranking, having('finisher')),
    ...{ ranking, streaks: longestOf(ranking), bestDay: bestDayOf(book, today) },
    hours: activity(
      model,
      scope,
      book.members.map(({ id }) => id),
    ).hours,
    badges: badgeIds.flatMap((id) => (having(id) > 0 ? [{ id, members: having(id) }] : [])),
  };
}

function totalsOf(book: Book, ranking: readonly WrapUpMember[], finished: number): WrapUpView['totals'] {
  const present = book.members.reduce((sum, { attended }) => sum + attended, 0);
  const absent = book.members.reduce((sum, { attended, countable }) => sum + countable - attended, 0);
  return {
    ...{ members: ranking.length, finished, present, absent },
    unknown: book.members.reduce((sum, { unknown }) => sum + unknown, 0),
    rate: overallRate(book, { attended: present, absent }),
    commits: ranking.reduce((sum, one) => sum + one.commits, 0),
  };
}

const longestOf = (ranking: readonly WrapUpMember[]): WrapUpView['streaks'] =>
  ranking
    .flatMap(({ handle, name, longestStreak }) => (longestStreak ? [{ handle, name, ...longestStreak }] : []))
    .toSorted((a, b) => b.days - a.days)
    .slice(0, STREAKS_NAMED);

/** Of equal rates the day with most people on it, then the first. */
function bestDayOf(book: Book, today: string): WrapUpView['bestDay'] {
  let found: WrapUpView['bestDay'] = null;
  for (const { date, rate, present } of dailyRates(book, today)) {
    if (rate === null || present === 0) continue;
    if (!found || rate > found.rate || (rate === found.rate && present > found.present))
      found = { date, rate, present };
  }
  return found;
}
