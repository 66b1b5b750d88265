import { almanac, orNull } from '#lib/api.server.ts';
import type { LayoutServerLoad } from './$types.d.ts';

export const load: LayoutServerLoad = async ({ depends, fetch, locals }) => {
  depends('almanac:status');
  const { language, theme, moment } = locals;
  const api = almanac(fetch);
  const [status, challenges] = await Promise.all([orNull(api.status.get.query()), orNull(api.challenges.list.query())]);
  return { language, theme, moment, status, challenges };
};
