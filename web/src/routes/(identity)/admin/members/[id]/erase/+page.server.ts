import { error, redirect } from '@sveltejs/kit';
import { outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { peopleOf } from '#lib/admin/people.server.ts';
import { almanac } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ fetch, locals: { caller }, params }) => {
  const person = (await peopleOf(fetch)).find(({ id }) => id === params.id);
  if (!person) error(404, { status: 404, message: 'There is no such member', missing: 'member' });
  // One's own is erased on one's own page.
  if (person.id === caller?.member?.id) redirect(303, '/account/erase');
  return { person };
};

export const actions: Actions = {
  erase: async ({ fetch, params, request }) => {
    const confirm = textOf(await request.formData(), 'confirm');
    const asking = almanac(fetch).users.erase.mutate({ id: params.id, confirm });
    const outcome = await outcomeOf({ form: 'erase' }, asking, { confirm });
    if ('done' in outcome) redirect(303, '/admin/members?erased');
    return outcome;
  },
};
