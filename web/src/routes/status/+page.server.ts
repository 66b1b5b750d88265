import { redirect } from '@sveltejs/kit';
import { backTo } from '#lib/addresses.ts';
import { almanac, asked, orNull } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

/** A reader waits this long for the collection, then goes back to the page; it goes on by itself, and a fault after that stands in the status. */
const PATIENCE_MS = 3_000;

const EVENTS_SHOWN = 20;

export const load: PageServerLoad = async ({ depends, fetch, locals: { caller } }) => {
  depends('almanac:events');
  // The log is for those who look after the server.
  if (caller?.role === 'member') return { events: undefined };
  const latest = await orNull(almanac(fetch).events.latest.query({ limit: EVENTS_SHOWN }));
  return { events: latest?.events ?? null };
};

export const actions: Actions = {
  collect: async ({ fetch, request, url }) => {
    const form = await request.formData();
    const collected = asked(almanac(fetch).status.collectNow.mutate(), 'challenge');
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
    await Promise.race([collected, patience]);
    clearTimeout(timer);
    redirect(303, backTo(form.get('next'), url.origin));
  },
};
