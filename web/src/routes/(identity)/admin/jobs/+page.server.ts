import { outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

const RUNS_SHOWN = 30;

export const load: PageServerLoad = async ({ depends, fetch, url }) => {
  depends('almanac:status', 'almanac:events');
  const { jobs } = almanac(fetch);
  const name = (url.searchParams.get('name') ?? '').slice(0, 100);
  const asText = url.searchParams.get('page') ?? '1';
  const page = /^[1-9]\d{0,4}$/.test(asText) ? Number(asText) : 1;
  const wanted = { ...(name && { name }), skip: (page - 1) * RUNS_SHOWN, limit: RUNS_SHOWN };
  const [list, history] = await Promise.all([
    asked(jobs.list.query(), 'challenge'),
    asked(jobs.history.query(wanted), 'challenge'),
  ]);
  return { jobs: list, history: { ...history, name, page, pages: Math.max(1, Math.ceil(history.total / RUNS_SHOWN)) } };
};

export const actions: Actions = {
  run: async ({ fetch, request }) => {
    const form = await request.formData();
    const [name, challenge] = [textOf(form, 'name'), textOf(form, 'challenge')];
    const asking = almanac(fetch).jobs.runNow.mutate({ name, ...(challenge && { challenge }) });
    return outcomeOf({ form: 'run', of: textOf(form, 'called') }, asking);
  },

  retry: async ({ fetch, request }) => {
    const form = await request.formData();
    const asking = almanac(fetch).jobs.retry.mutate({ name: textOf(form, 'name'), slot: textOf(form, 'slot') });
    return outcomeOf({ form: 'retry', of: textOf(form, 'called') }, asking);
  },
};
