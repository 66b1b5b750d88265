import { error } from '@sveltejs/kit';
import { pastNotice } from '#lib/as-of/past-notice.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import { isPlainDay } from '#lib/calendar/plain-day.ts';
import type { PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch, locals, params, url }) => {
  depends('almanac:attendance', 'almanac:commits', 'almanac:members');
  if (!isPlainDay(params.date)) error(404, 'There is no such day in the calendar', { missing: 'date' });
  const challenge = url.searchParams.get('challenge') ?? undefined;
  const as_of = url.searchParams.get('as_of') ?? undefined;
  const api = almanac(fetch);
  const book = await asked(api.attendance.book.query({ challenge, as_of }), 'challenge');
  if (book === null || book.members.length === 0) error(404, 'There is no book yet', { missing: 'book' });
  const { start, end } = book.challenge;
  const day = await asked(api.attendance.day.query({ date: params.date, challenge, as_of }), 'day', { start, end });
  const past = pastNotice(url, book.challenge.timeZone, locals.language);
  return { day, today: book.today, chosen: challenge, past };
};
