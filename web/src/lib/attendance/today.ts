import type { BookMember, BookView, DayState } from '../../../../server/api/views.ts';
import { stateAt } from './strip-paths.ts';

export type TodayGroup = {
  state: DayState;
  count: number;
  people: { handle: string; name: string; commits: number }[];
};
/** The day the board is about: today, or the last day once the season is over. Null before it begins. */
export type TodayBoard = { date: string; isToday: boolean; groups: TodayGroup[] } | null;

/** Names on the board; the rest is a number. */
const NAMED = 60;
const ORDER: DayState[] = ['present', 'not yet', 'absent', 'excused', 'unknown'];

/** `ofLast`: commits of the season's last day by handle, wanted once it is over. */
export function todayBoard(book: BookView, ofLast: ReadonlyMap<string, number> = new Map()): TodayBoard {
  const { today, dates, members } = book;
  const last = dates.at(-1);
  if (last === undefined || today < (dates[0] ?? today)) return null;
  const isToday = today <= last;
  const date = isToday ? today : last;
  const index = dates.indexOf(date);
  const commitsOf = (one: BookMember) => (isToday ? one.commitsToday : (ofLast.get(one.handle) ?? 0));
  const byState = Map.groupBy(members, (member) => stateAt(member.states, index));
  const groups = ORDER.flatMap((state) => {
    const people = byState.get(state) ?? [];
    // That nobody has come yet is worth saying only while somebody still can.
    const waiting = state === 'present' && isToday && !byState.has('unknown');
    return people.length === 0 && !waiting ? [] : [groupOf(state, people, commitsOf)];
  });
  return { date, isToday, groups };
}

const groupOf = (state: DayState, people: BookMember[], commitsOf: (one: BookMember) => number): TodayGroup => ({
  state,
  count: people.length,
  people: people.slice(0, NAMED).map((one) => ({ handle: one.handle, name: one.name, commits: commitsOf(one) })),
});

/** The longest streak of the season and who holds it. */
export function longestStreak(members: readonly BookMember[]): { days: number; holders: string[] } | null {
  const days = Math.max(0, ...members.map(({ longestStreak: streak }) => streak?.days ?? 0));
  if (days === 0) return null;
  return { days, holders: members.filter((one) => one.longestStreak?.days === days).map(({ name }) => name) };
}
