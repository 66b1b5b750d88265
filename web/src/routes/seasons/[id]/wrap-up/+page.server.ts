import { hourBars } from '#lib/activity/hour-bars.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch, params }) => {
  depends('almanac:attendance', 'almanac:commits', 'almanac:members');
  const wrapUp = await asked(almanac(fetch).wrapUp.of.query({ challenge: params.id }), 'challenge');
  return { wrapUp, bars: hourBars(wrapUp.hours) };
};
