import { redirect } from '@sveltejs/kit';
import { afterSignIn } from '#lib/account/gate.ts';
import { backTo } from '#lib/addresses.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

/** What the page says before anything else: how one came here. */
const SAID = ['signed-out', 'ended', 'erased'] as const;

export const load: PageServerLoad = ({ locals: { caller }, url }) => {
  const next = afterSignIn(backTo(url.searchParams.get('next'), url.origin));
  const fault = url.searchParams.get('fault');
  // Who is in already has nothing to do here, unless something went wrong on their way back from GitHub.
  if (fault === null && caller && caller.kind !== 'nobody')
    redirect(303, caller.kind === 'waiting' ? '/waiting' : next);
  const said = SAID.find((one) => url.searchParams.has(one)) ?? null;
  return { next, fault, said };
};

export const actions: Actions = {
  signOut: async ({ fetch }) => {
    await asked(almanac(fetch).auth.logout.mutate(), 'member');
    redirect(303, '/sign-in?signed-out');
  },
};
