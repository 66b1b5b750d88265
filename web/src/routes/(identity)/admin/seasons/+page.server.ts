import { redirect } from '@sveltejs/kit';
import { dayOf } from '#lib/account/day-of.ts';
import { outcomeOf } from '#lib/account/outcome.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import { openingOf, readSeasonForm } from '#lib/organise/season-form.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch, parent }) => {
  depends('almanac:attendance', 'almanac:members');
  const seasons = await asked(almanac(fetch).challenges.seasons.query(), 'challenge');
  const zone = (await parent()).status?.timeZone ?? 'Asia/Seoul';
  const today = dayOf(new Date().toISOString(), zone);
  return { seasons, zone, today, zones: ['UTC', ...Intl.supportedValuesOf('timeZone')] };
};

export const actions: Actions = {
  open: async ({ fetch, request }) => {
    const given = readSeasonForm(await request.formData());
    const asking = almanac(fetch).challenges.open.mutate(openingOf(given));
    const outcome = await outcomeOf({ form: 'open' }, asking, { given });
    if ('done' in outcome && outcome.done) redirect(303, `/admin/seasons/${outcome.done.challenge}?opened`);
    return outcome;
  },
};
