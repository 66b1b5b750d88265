import { outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch }) => {
  depends('almanac:attendance', 'almanac:members');
  return { seasons: await asked(almanac(fetch).challenges.seasons.query(), 'challenge') };
};

/** The season a form is about; `challenge` is its id, `name` its title. */
async function formOf(request: Request) {
  const form = await request.formData();
  return { challenge: textOf(form, 'id'), of: textOf(form, 'name'), form };
}

export const actions: Actions = {
  join: async ({ fetch, request }) => {
    const { challenge, of, form } = await formOf(request);
    const from = textOf(form, 'from') === 'today' ? 'today' : 'start';
    return outcomeOf({ form: 'join', of }, almanac(fetch).challenges.join.mutate({ challenge, from }));
  },

  leave: async ({ fetch, request }) => {
    const { challenge, of } = await formOf(request);
    return outcomeOf({ form: 'leave', of }, almanac(fetch).challenges.leave.mutate({ challenge }));
  },

  excuse: async ({ fetch, locals, request }) => {
    const { challenge, form } = await formOf(request);
    const [date, reason] = [textOf(form, 'date'), textOf(form, 'reason')];
    const day = { challenge, github_id: locals.caller?.member?.handle ?? '', date };
    const asking = almanac(fetch).corrections.excuse.mutate({ ...day, reason });
    return outcomeOf({ form: 'excuse', of: challenge }, asking, { given: { date, reason } });
  },

  withdraw: async ({ fetch, locals, request }) => {
    const { challenge, form } = await formOf(request);
    const day = { challenge, github_id: locals.caller?.member?.handle ?? '', date: textOf(form, 'date') };
    const asking = almanac(fetch).corrections.withdrawExcuse.mutate(day);
    return outcomeOf({ form: 'withdraw', of: challenge }, asking, { given: { date: day.date, reason: '' } });
  },
};
