import type { BookMember } from '../../../../server/api/views.ts';

export const sorts = ['rank', 'name', 'streak', 'longest', 'commits'] as const;
export type Sort = (typeof sorts)[number];

/** The figure a phone has room for beside the rate: the one sorted by. The member's own page tells the others. */
export const onPhone = (sort: Sort): Sort => (sort === 'longest' || sort === 'commits' ? sort : 'streak');

/** How a reader wants the book laid out; all of it stands in the address of the page. */
export type BookQuery = {
  challenge: string | undefined;
  /** A moment of the past, as it was asked for. */
  asOf: string | undefined;
  sort: Sort;
  newestFirst: boolean;
  /** Rows of members with commits. */
  rows: number;
  /** Members without a commit in the season are shown too. */
  idle: boolean;
};

/** As many rows as a phone lays out at once without a pause. */
export const ROWS = 100;

export function readBookQuery(parameters: URLSearchParams): BookQuery {
  const rows = Number(parameters.get('rows'));
  return {
    challenge: parameters.get('challenge') ?? undefined,
    asOf: parameters.get('as_of') ?? undefined,
    sort: sorts.find((sort) => sort === parameters.get('sort')) ?? 'rank',
    newestFirst: parameters.get('days') === 'newest',
    rows: Number.isInteger(rows) && rows > ROWS ? rows : ROWS,
    idle: parameters.get('idle') === 'shown',
  };
}

/** The address of the main page with some of it changed; what is as usual is left out. */
export function bookAddress(query: BookQuery, change: Partial<BookQuery> = {}): string {
  const wanted = { ...query, ...change };
  const parameters = new URLSearchParams();
  if (wanted.challenge !== undefined) parameters.set('challenge', wanted.challenge);
  if (wanted.asOf !== undefined) parameters.set('as_of', wanted.asOf);
  if (wanted.sort !== 'rank') parameters.set('sort', wanted.sort);
  if (wanted.newestFirst) parameters.set('days', 'newest');
  if (wanted.rows > ROWS) parameters.set('rows', String(wanted.rows));
  if (wanted.idle) parameters.set('idle', 'shown');
  const text = parameters.toString();
  return text === '' ? '/' : `/?${text}`;
}

const isIdle = (member: BookMember) => member.commits === 0 && member.attended === 0;

const ORDERS: Record<Sort, (a: BookMember, b: BookMember) => number> = {
  rank: () => 0,
  name: (a, b) => a.name.localeCompare(b.name, 'ko'),
  streak: (a, b) => (b.currentStreak?.days ?? 0) - (a.currentStreak?.days ?? 0),
  longest: (a, b) => (b.longestStreak?.days ?? 0) - (a.longestStreak?.days ?? 0),
  commits: (a, b) => b.commits - a.commits,
};

/**
 * The rows to show. Equal members keep the order of the book (by rank, then name); members without a commit stand last
 * and are folded away unless they are asked for, or nobody has committed yet.
 */
export function arrangeBook(
  members: readonly BookMember[],
  query: BookQuery,
): { rows: BookMember[]; more: number; idle: number; folded: boolean } {
  const active = members.filter((member) => !isIdle(member)).toSorted(ORDERS[query.sort]);
  const idle = members.filter(isIdle).toSorted(ORDERS[query.sort]);
  const folded = active.length > 0 && !query.idle;
  const all = folded ? active : [...active, ...idle];
  return { rows: all.slice(0, query.rows), more: Math.max(0, all.length - query.rows), idle: idle.length, folded };
}
