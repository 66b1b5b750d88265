import { TRPCError } from '@trpc/server';
import type { DayState } from '../../domain/attendance.ts';
import { rateOf } from '../../domain/attendance.ts';
import { daysBetween, type Day } from '../../domain/calendar.ts';
import {
  findChallenge,
  listChallenges,
  readBook,
  type Book,
  type ChallengeSummary,
} from '../../projections/attendance-book-queries.ts';
import { countByMember } from '../../projections/commit-activity.ts';
import { listMembers } from '../../projections/members.ts';
import { fieldError } from './errors.ts';
import { isAdmin } from '../identity/caller.ts';
import type { Services } from './services.ts';
import type { Context } from './trpc.ts';
import type { BookView, ChallengeView, StateLetters } from './views.ts';

const LETTERS: Record<DayState, string> = {
  present: 'p',
  absent: 'a',
  excused: 'e',
  'not yet': 'n',
  unknown: 'u',
  outside: 'o',
};
export const lettersOf = (states: readonly DayState[]): StateLetters => states.map((state) => LETTERS[state]).join('');

const nowSeconds = (services: Services) => Math.floor(services.now() / 1000);

/** The challenge asked for, else the default one; null where there is none yet. @throws NOT_FOUND for an unknown id */
export function challengeFor(services: Services, id?: string): ChallengeSummary | null {
  const model = services.model('attendance-book');
  const wanted = id ?? services.defaultChallenge();
  if (wanted === null) return null;
  const found = findChallenge(model, wanted, nowSeconds(services));
  if (found) return found;
  if (id === undefined) return null;
  throw new TRPCError({ code: 'NOT_FOUND', message: `There is no challenge "${id}".` });
}

/** @throws NOT_FOUND where there is no challenge at all */
export function requireChallenge(services: Services, id?: string): ChallengeSummary {
  const challenge = challengeFor(services, id);
  if (challenge) return challenge;
  throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no challenge yet. Start Almanac in a git repository.' });
}

export const allChallenges = (services: Services): ChallengeView[] =>
  listChallenges(services.model('attendance-book'), nowSeconds(services)).map(challengeView);

/** Days begun so far, today included, of a season or a part of it. */
export const elapsedDays = ({ start, end }: { start: Day; end: Day }, today: Day): number =>
  Math.max(0, daysBetween(start, today < end ? today : end) + 1);

export const challengeView = ({
  id,
  title,
  timeZone,
  season,
  rule,
  bounds,
  today,
}: ChallengeSummary): ChallengeView => ({
  id,
  title,
  timeZone,
  kind: season.kind,
  ...bounds,
  elapsed: elapsedDays(bounds, today),
  commitsPerDay: rule.commitsPerDay,
});

/** What of the commits a challenge counts. */
export const scopeOf = ({ timeZone, repositories }: ChallengeSummary) => ({ zone: timeZone, repositories });

export type Range = { from?: Day; to?: Day };

/** A book and the answers made of it, as long as nothing they were made of has changed. */
type Remembered = { key: string; book: Book; answers: Map<string, object> };
const MOST_REMEMBERED = 16;
const remembered = new WeakMap<Services, Map<string, Remembered>>();

/**
 * The book of a challenge. It is the same object until an event is folded in or the day turns,
 * so that what is computed and written out from it can be kept with it (`answer`).
 */
function remember(services: Services, challenge: ChallengeSummary, range: Range): Remembered {
  const books = remembered.get(services) ?? new Map<string, Remembered>();
  remembered.set(services, books);
  const place = JSON.stringify([challenge.id, range.from, range.to]);
  const positions = (['attendance-book', 'commit-activity', 'members'] as const).map(
    // A file that took another's place is at the same position with, perhaps, other rows.
    (name) => `${services.model(name).generation}:${services.model(name).position ?? ''}`,
  );
  const key = [challenge.today, ...positions].join(' ');
  const known = books.get(place);
  // What was asked for last stands last: the first is forgotten, and what everybody looks at stays.
  books.delete(place);
  const current =
    known?.key === key
      ? known
      : { key, book: readBook(services.model('attendance-book'), challenge, range), answers: new Map() };
  if (books.size >= MOST_REMEMBERED) books.delete(books.keys().next().value ?? place);
  books.set(place, current);
  return current;
}

export const bookOf = (services: Services, challenge: ChallengeSummary, range: Range = {}): Book =>
  remember(services, challenge, range).book;

/** An answer computed from a book: the very same object as long as the book is the same. */
export function answer<Answer extends object>(
  services: Services,
  challenge: ChallengeSummary,
  range: Range,
  name: string,
  compute: (book: Book) => Answer,
): Answer {
  const { book, answers } = remember(services, challenge, range);
  const known = answers.get(name) as Answer | undefined;
  if (known) return known;
  const fresh = compute(book);
  answers.set(name, fresh);
  return fresh;
}

/** The book as the main page shows it: what is wrong with a repository in full to those who look after the server. */
export function bookView(
  { services, caller }: Pick<Context, 'services' | 'caller'>,
  challenge: ChallengeSummary,
): BookView {
  const whole = () => answer(services, challenge, {}, 'view', (book) => composeView(services, challenge, book));
  if (isAdmin(caller)) return whole();
  return answer(services, challenge, {}, 'view without messages', () => {
    const view = whole();
    const sources = view.sources.map((source) => ({
      ...source,
      failure: source.failure && { ...source.failure, message: '' },
    }));
    return { ...view, sources };
  });
}

function composeView(services: Services, challenge: ChallengeSummary, book: Book): BookView {
  const { bounds, today } = challenge;
  const scope = scopeOf(challenge);
  const activity = services.model('commit-activity');
  const inSeason = countByMember(activity, { ...scope, from: bounds.start, to: bounds.end });
  const ofToday = countByMember(activity, { ...scope, from: today, to: today });
  const todayIndex = daysBetween(bounds.start, today);
  const members = book.members.map(({ unknown: _unknown, isRead: _isRead, current, longest, states, ...member }) => ({
    ...member,
    states: lettersOf(states),
    commits: inSeason.get(member.id) ?? 0,
    today: states[todayIndex] ?? ('outside' as const),
    commitsToday: ofToday.get(member.id) ?? 0,
    currentStreak: current,
    longestStreak: longest,
  }));
  const daily = dailyRates(book, today);
  const present = book.members.reduce((sum, member) => sum + member.attended, 0);
  const countable = book.members.reduce((sum, member) => sum + member.countable, 0);
  const count = (state: DayState) => members.filter((member) => member.today === state).length;
  return {
    challenge: challengeView(challenge),
    today,
    dates: book.dates,
    members,
    daily,
    totals: {
      members: members.length,
      present,
      absent: countable - present,
      unknown: book.members.reduce((sum, member) => sum + member.unknown, 0),
      rate: overallRate(book, { attended: present, absent: countable - present }),
      commits: members.reduce((sum, member) => sum + member.commits, 0),
    },
    todayCounts: {
      present: count('present'),
      notYet: count('not yet'),
      unknown: count('unknown'),
      excused: count('excused'),
    },
    bots: listMembers(services.model('members')).flatMap(({ id, handle, name, bot }) =>
      bot && inSeason.has(id) ? [{ handle, name, commits: inSeason.get(id) ?? 0 }] : [],
    ),
    sources: book.sources,
  };
}

/** The rate of everybody together; null before the first complete reading. */
export const overallRate = ({ coveredThrough }: Book, tally: { attended: number; absent: number }): number | null =>
  coveredThrough === null ? null : rateOf(tally);

export type DailyRate = {
  date: Day;
  /** Null while it is unknown of anybody whether they attended. */
  rate: number | null;
  present: number;
  /** Who attended or missed the day; of today, who has not attended yet, too: its rate is that of the day so far. */
  countable: number;
};

/**
 * Rates of the days begun so far, oldest first. Of somebody nothing was ever read of, nothing can be told: they stand beside the
 * rate as long as anybody else can be read.
 */
export function dailyRates(book: Book, today: Day): DailyRate[] {
  const read = book.members.filter(({ isRead }) => isRead);
  const members = read.length > 0 ? read : book.members;
  return book.dates
    .filter((date) => date <= today)
    .map((date, index) => {
      const count = { present: 0, absent: 0, excused: 0, 'not yet': 0, unknown: 0, outside: 0 };
      for (const { states } of members) count[states[index] ?? 'outside'] += 1;
      const { present, absent, unknown } = count;
      const missing = absent + count['not yet'];
      const rate = unknown > 0 ? null : rateOf({ attended: present, absent: missing });
      return { date, rate, present, countable: present + missing };
    });
}

/** Index of a day in the book. @throws NOT_FOUND naming the season when the day is not in it */
export function indexOfDay(book: Book, date: Day): number {
  const { start, end } = book.challenge.bounds;
  if (date >= start && date <= end) return daysBetween(book.dates[0] ?? start, date);
  throw fieldError('date', `${date} is outside the season ${start} to ${end}.`, 'NOT_FOUND');
}
