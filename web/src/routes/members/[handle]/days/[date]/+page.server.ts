import { error } from '@sveltejs/kit';
import { almanac, asked } from '#lib/api.server.ts';
import { isPlainDay } from '#lib/calendar/plain-day.ts';
import type { PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch, params, url }) => {
  depends('almanac:attendance', 'almanac:commits', 'almanac:members');
  const { handle, date } = params;
  if (!isPlainDay(date)) error(404, 'There is no such day in the calendar', { missing: 'date' });
  const challenge = url.searchParams.get('challenge') ?? undefined;
  const missing = challenge === undefined ? 'book' : 'challenge';
  const why = await asked(almanac(fetch).reasons.why.query({ handle, date, challenge }), missing);
  return { why, chosen: challenge };
};
