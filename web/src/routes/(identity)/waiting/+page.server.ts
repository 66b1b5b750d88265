import { redirect } from '@sveltejs/kit';
import { almanac, asked } from '#lib/api.server.ts';
import type { PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch, locals: { caller } }) => {
  depends('almanac:caller');
  if (caller && caller.kind !== 'waiting') redirect(303, '/');
  return { account: await asked(almanac(fetch).account.get.query(), 'member') };
};
