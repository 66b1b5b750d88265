import { dayOf } from '#lib/account/day-of.ts';
import { outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import { shownTimeZone } from '#lib/site/time-zone.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

const FLAGGED_SHOWN = 20;
/** Reading everybody takes a while: who asked for it sees how it goes on, on the page. */
const PATIENCE_MS = 3_000;

export const load: PageServerLoad = async ({ depends, fetch, parent, url }) => {
  depends('almanac:status', 'almanac:attendance', 'almanac:commits');
  const { collections } = almanac(fetch);
  const asText = url.searchParams.get('skip') ?? '';
  const skip = /^\d{1,7}$/.test(asText) ? Number(asText) : 0;
  const [list, flagged] = await Promise.all([
    asked(collections.list.query(), 'member'),
    asked(collections.flagged.query({ skip, limit: FLAGGED_SHOWN }), 'member'),
  ]);
  const zone = shownTimeZone(await parent(), null);
  const commits = flagged.commits.map((one) => ({ ...one, day: dayOf(one.authoredAt, zone) }));
  const older = skip + FLAGGED_SHOWN < flagged.total ? skip + FLAGGED_SHOWN : null;
  return { ...list, flagged: { commits, skip, older } };
};

export const actions: Actions = {
  retry: async ({ fetch, request }) => {
    const form = await request.formData();
    const asking = almanac(fetch).collections.retry.mutate({ memberId: textOf(form, 'id') });
    return outcomeOf({ form: 'retry', of: textOf(form, 'name') }, asking);
  },

  retryAll: ({ fetch }) => {
    const patience = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null));
    const reading = almanac(fetch).collections.retryAll.mutate();
    // What goes wrong after that stands in the list.
    reading.catch(() => undefined);
    return outcomeOf({ form: 'retryAll' }, Promise.race([reading, patience]));
  },
};
