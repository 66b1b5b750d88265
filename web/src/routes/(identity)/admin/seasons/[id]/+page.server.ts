import { outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { peopleOf } from '#lib/admin/people.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import { readSeasonForm, revisionOf } from '#lib/organise/season-form.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch, params, url }) => {
  depends('almanac:attendance', 'almanac:members', 'almanac:access');
  const asking = almanac(fetch).challenges.season.query({ challenge: params.id });
  const [{ season, participants }, people] = await Promise.all([asked(asking, 'challenge'), peopleOf(fetch)]);
  const taken = new Set(participants.map(({ handle }) => handle));
  const others = people
    .filter(({ handle, status }) => status !== 'erased' && !taken.has(handle))
    .map(({ handle, name }) => ({ handle, name }));
  return { season, participants, others, opened: url.searchParams.has('opened') };
};

export const actions: Actions = {
  revise: async ({ fetch, params, request }) => {
    const given = readSeasonForm(await request.formData());
    const asking = almanac(fetch).challenges.revise.mutate({ challenge: params.id, ...revisionOf(given) });
    return outcomeOf({ form: 'revise' }, asking, { given });
  },

  enter: async ({ fetch, params, request }) => {
    const form = await request.formData();
    const [handle, from] = [textOf(form, 'handle').trim(), textOf(form, 'from').trim()];
    const wanted = { challenge: params.id, github_id: handle, ...(from !== '' && { from }) };
    const asking = almanac(fetch).challenges.enter.mutate(wanted);
    return outcomeOf({ form: 'enter', of: textOf(form, 'name') || handle }, asking, { entry: { handle, from } });
  },

  remove: async ({ fetch, params, request }) => {
    const form = await request.formData();
    const [handle, from] = [textOf(form, 'handle'), textOf(form, 'from')];
    const asking = almanac(fetch).challenges.remove.mutate({ challenge: params.id, github_id: handle });
    return outcomeOf({ form: 'remove', of: textOf(form, 'name') }, asking, { entry: { handle, from } });
  },

  joining: async ({ fetch, params, request }) => {
    const open = textOf(await request.formData(), 'open') === 'true';
    const asking = almanac(fetch).challenges.setJoining.mutate({ challenge: params.id, open });
    return outcomeOf({ form: open ? 'openJoining' : 'closeJoining' }, asking);
  },

  close: ({ fetch, params }) =>
    outcomeOf({ form: 'close' }, almanac(fetch).challenges.close.mutate({ challenge: params.id })),
};
