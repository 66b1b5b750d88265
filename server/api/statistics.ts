import { z } from 'zod';
import {
  lengthOf,
  monthsOf,
  parsePeriod,
  stretchBefore,
  stretchOf,
  UnreadablePeriod,
  weeksOf,
  type PeriodText,
  type Stretch,
} from '../../domain/period.ts';
import type { Book, ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { activity, countByMember } from '../../projections/commit-activity.ts';
import { asOf, servicesAsOf } from './as-of.ts';
import {
  answer,
  bookOf,
  challengeView,
  dailyRates,
  elapsedDays,
  requireChallenge,
  scopeOf,
  type Range,
} from './book.ts';
import { fieldError } from './errors.ts';
import { challengeId } from './input.ts';
import type { Services } from './services.ts';
import { heatmapOf, longestStreaks, pointsBetween, totalsOf, weekdayRates } from './statistics-figures.ts';
import type { StatisticsView } from './statistics-views.ts';
import { readProcedure, router } from './trpc.ts';

const text = z.string().max(40).optional();
/** The heatmap has a column for each of them: more than half a year of weeks is told by months. */
const MOST_WEEKS = 27;
/** Rows come in portions of so many. */
const PORTION = 50;

type Asked = { stretch: Stretch; by: 'week' | 'month'; compare: boolean };

export const statisticsRouter = router({
  of: readProcedure
    .meta({ description: 'The statistics of a season or of a period of it, as the statistics page shows them.' })
    .input(
      z.object({
        challenge: challengeId.optional(),
        /** `this-week`, `last-7`, `last-14`, `last-30`, a month `2025-03` or an ISO week `2025-W11`; or its ends. */
        period: text,
        from: text,
        to: text,
        by: z.enum(['week', 'month']).optional(),
        compare: z.boolean().default(false),
        rows: z.int().min(1).max(100_000).default(PORTION),
        ...asOf,
      }),
    )
    .query(async ({ ctx, input }) => {
      const services = await servicesAsOf(ctx, input);
      const challenge = requireChallenge(services, input.challenge);
      const stretch = requireStretch(challenge, input);
      const by = input.by ?? (weeksOf(stretch).length > MOST_WEEKS ? 'month' : 'week');
      // Whole portions: each that is asked for is kept.
      const rows = Math.ceil(input.rows / PORTION) * PORTION;
      return cut(services, challenge, { stretch, by, compare: input.compare }, rows);
    }),
});

/** @throws BAD_REQUEST for what is no period, NOT_FOUND for one that does not lie in the season, naming the field */
function requireStretch({ bounds, today }: ChallengeSummary, { period, from, to }: PeriodText): Stretch {
  try {
    const stretch = stretchOf(parsePeriod({ period, from, to }), bounds, today);
    if (stretch) return stretch;
  } catch (error) {
    if (error instanceof UnreadablePeriod) throw fieldError(error.field, error.message);
    throw error;
  }
  const field = period ? 'period' : from ? 'from' : 'to';
  throw fieldError(
    field,
    `The season is ${bounds.start} to ${bounds.end}: the period lies outside of it.`,
    'NOT_FOUND',
  );
}

/** The whole season's book is the one that every other page has, too. */
const rangeOf = ({ bounds }: ChallengeSummary, { start, end }: Stretch): Range =>
  start === bounds.start && end === bounds.end ? {} : { from: start, to: end };

/** As many rows as are shown; what is cut off is not written out. */
function cut(services: Services, challenge: ChallengeSummary, asked: Asked, rows: number): StatisticsView {
  const range = rangeOf(challenge, asked.stretch);
  const whole = answer(services, challenge, range, `statistics ${asked.by} ${asked.compare}`, (book) =>
    statistics(services, challenge, asked, book),
  );
  if (whole.members <= rows) return whole;
  const name = `statistics ${asked.by} ${asked.compare} ${rows}`;
  return answer(services, challenge, range, name, () => ({
    ...whole,
    ranking: whole.ranking.slice(0, rows),
    heatmap: { ...whole.heatmap, rows: whole.heatmap.rows.slice(0, rows) },
  }));
}

function statistics(services: Services, challenge: ChallengeSummary, asked: Asked, book: Book): StatisticsView {
  const { bounds, today } = challenge;
  const { stretch, by } = asked;
  const earlier = stretchBefore(stretch, bounds);
  const before = asked.compare && earlier ? periodBefore(services, challenge, earlier) : null;
  const scope = { ...scopeOf(challenge), from: stretch.start, to: stretch.end };
  const model = services.model('commit-activity');
  const commits = countByMember(model, scope);
  const { hours, hoursOfWeekdays } = activity(model, scope, membersOf(book));
  const totals = totalsOf(book, sumOf(book, commits));
  const begun = { start: stretch.start, end: today < stretch.end ? today : stretch.end };
  const days = lengthOf(stretch);
  const seasonBegun = { start: bounds.start, end: today < bounds.end ? today : bounds.end };
  return {
    challenge: challengeView(challenge),
    today,
    period: { ...stretch, days, elapsed: elapsedDays(stretch, today) },
    choices: { months: monthsOf(seasonBegun).map(nameOf), weeks: weeksOf(seasonBegun).map(nameOf) },
    totals,
    before: before && { ...before.stretch, days, totals: before.totals, daily: dailyRates(before.book, today) },
    comparable: earlier !== null,
    difference: pointsBetween(before?.totals.rate, totals.rate),
    ranking: rankingOf(book, commits, before?.book),
    members: book.members.length,
    daily: dailyRates(book, today),
    weekdays: weekdayRates(book),
    hours,
    hoursOfWeekdays,
    heatmap: heatmapOf(book, by, begun),
    streaks: longestStreaks(book),
  };
}

const nameOf = ({ name }: { name: string }) => name;
const sumOf = (book: Book, commits: ReadonlyMap<string, number>) =>
  book.members.reduce((total, { id }) => total + (commits.get(id) ?? 0), 0);

/** Also others are read: who takes part in another season, or in none any more. */
const membersOf = (book: Book): string[] => book.members.map(({ id }) => id);

function periodBefore(services: Services, challenge: ChallengeSummary, stretch: Stretch) {
  const book = bookOf(services, challenge, rangeOf(challenge, stretch));
  const scope = { ...scopeOf(challenge), from: stretch.start, to: stretch.end };
  return {
    stretch,
    book,
    totals: totalsOf(book, sumOf(book, countByMember(services.model('commit-activity'), scope))),
  };
}

function rankingOf(
  book: Book,
  commits: ReadonlyMap<string, number>,
  before: Book | undefined,
): StatisticsView['ranking'] {
  const rates = new Map(before?.members.map(({ id, rate }) => [id, rate]));
  return book.members.map(({ id, handle, name, rank, rate, attended, countable, unknown, longest }) => ({
    ...{ handle, name, rank, rate, attended, countable, unknown, longest },
    commits: commits.get(id) ?? 0,
    difference: pointsBetween(rates.get(id), rate),
  }));
}
