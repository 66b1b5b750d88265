import { outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch }) => {
  depends('almanac:status', 'almanac:events');
  return { parked: await asked(almanac(fetch).subscribers.parked.query(), 'challenge') };
};

/** Which one a form is about. */
async function parkedOf(request: Request) {
  const form = await request.formData();
  return { subscriber: textOf(form, 'subscriber'), position: textOf(form, 'id') };
}

export const actions: Actions = {
  replay: async ({ fetch, request }) => {
    const { subscriber, position } = await parkedOf(request);
    return outcomeOf({ form: 'replay' }, almanac(fetch).subscribers.replay.mutate({ subscriber, position }));
  },

  replayAll: ({ fetch }) => outcomeOf({ form: 'replay' }, almanac(fetch).subscribers.replay.mutate({})),

  discard: async ({ fetch, request }) => {
    const { subscriber, position } = await parkedOf(request);
    return outcomeOf({ form: 'discard' }, almanac(fetch).subscribers.discard.mutate({ subscriber, position }));
  },
};
