import { almanac, orNull } from '#lib/api.server.ts';
import type { LayoutServerLoad } from './$types.d.ts';

export const load: LayoutServerLoad = async ({ depends, fetch, locals }) => {
  depends('almanac:status', 'almanac:caller');
  const { language, theme, moment, caller } = locals;
  const api = almanac(fetch);
  // Who is not in is told nothing of what there is.
  const reads = caller === null || caller.role !== null;
  const [status, challenges] = reads
    ? await Promise.all([orNull(api.status.get.query()), orNull(api.challenges.list.query())])
    : [null, null];
  return { language, theme, moment, caller, status, challenges };
};
