import { redirect } from '@sveltejs/kit';
import { almanac, asked } from '#lib/api.server.ts';
import { pastNotice, statisticsLink } from '#lib/as-of/past-notice.server.ts';
import { arrangeBook, readBookQuery } from '#lib/attendance/book-query.ts';
import { dailyRates } from '#lib/attendance/daily-rate.server.ts';
import { seasonBed } from '#lib/attendance/season-bed.server.ts';
import { longestStreak, todayBoard } from '#lib/attendance/today.ts';
import { sourcesNotice } from '#lib/collection/sources-notice.server.ts';
import type { PageServerLoad } from './$types.d.ts';

/** The book, cut to what is shown: a thousand members without a commit cost the page nothing. */
export const load: PageServerLoad = async ({ depends, fetch, locals, parent, url }) => {
  depends('almanac:attendance', 'almanac:members');
  const query = readBookQuery(url.searchParams);
  const { challenge, asOf: as_of } = query;
  const api = almanac(fetch);
  const book = await asked(api.attendance.book.query({ challenge, as_of }), 'challenge');
  if (book === null && (await parent()).status?.state === 'no-repository') leadToSeasons(locals.caller);
  if (book === null) return { query, past: null, statistics: undefined, sources: null, book: null };
  const { members, sources, ...rest } = book;
  const { end } = book.challenge;
  const last = book.today > end ? await asked(api.attendance.day.query({ date: end, challenge, as_of }), 'day') : null;
  const ofLast = new Map(last?.members.map(({ handle, commitCount }) => [handle, commitCount]));
  return {
    query,
    statistics: statisticsLink(url, locals.language),
    sources: sourcesNotice({ sources, members }, locals.caller, locals.language),
    past: pastNotice(url, book.challenge.timeZone, locals.language),
    book: {
      ...rest,
      ...arrangeBook(members, query),
      board: todayBoard(book, ofLast),
      longest: longestStreak(members),
      rates: dailyRates(book),
      bed: seasonBed(book),
    },
  };
};

/** Whoever has signed in to a server that reads no repository begins with a season. */
function leadToSeasons(caller: App.Locals['caller']): void {
  if (caller?.kind === 'session') redirect(303, caller.role === 'member' ? '/seasons' : '/admin/seasons');
}
