import { error, redirect } from '@sveltejs/kit';
import { outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = ({ locals: { caller } }) => {
  const member = caller?.member;
  // The person at the keyboard has no account that could be erased.
  if (!member) error(404, 'Nobody is signed in');
  return { member };
};

export const actions: Actions = {
  erase: async ({ fetch, request }) => {
    const confirm = textOf(await request.formData(), 'confirm');
    const outcome = await outcomeOf({ form: 'erase' }, almanac(fetch).account.erase.mutate({ confirm }), { confirm });
    if ('done' in outcome) redirect(303, '/sign-in?erased');
    return outcome;
  },
};
