import { notDone, outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch, url, parent }) => {
  depends('almanac:messages');
  const { messages } = almanac(fetch);
  const [channels, history] = await Promise.all([
    asked(messages.channels.query(), 'member'),
    asked(messages.history.query({ limit: 50 }), 'member'),
  ]);
  const { challenges } = await parent();
  if (!challenges || challenges.length === 0) return { channels, history, drafts: null };
  const challenge = url.searchParams.get('challenge') || undefined;
  const week = url.searchParams.get('week') || undefined;
  const wanted = { ...(challenge !== undefined && { challenge }), ...(week !== undefined && { week }) };
  return { channels, history, drafts: await asked(messages.drafts.query(wanted), 'challenge') };
};

async function draftOf(request: Request) {
  const form = await request.formData();
  const place = { challenge: textOf(form, 'challenge'), week: textOf(form, 'week'), member: textOf(form, 'member') };
  return { place, of: textOf(form, 'name'), text: textOf(form, 'text') };
}

export const actions: Actions = {
  edit: async ({ fetch, request }) => {
    const { place, of, text } = await draftOf(request);
    return outcomeOf({ form: 'edit', of }, almanac(fetch).messages.edit.mutate({ ...place, text }));
  },

  /** What stands in the form is what goes, also where it was not saved before. */
  send: async ({ fetch, request }) => {
    const { place, of, text } = await draftOf(request);
    const { messages } = almanac(fetch);
    const sending = messages.edit.mutate({ ...place, text }).then(() => messages.approve.mutate(place));
    return outcomeOf({ form: 'send', of }, sending);
  },

  discard: async ({ fetch, request }) => {
    const { place, of } = await draftOf(request);
    return outcomeOf({ form: 'discard', of }, almanac(fetch).messages.discard.mutate(place));
  },

  sendAll: async ({ fetch, request }) => {
    const { place } = await draftOf(request);
    const { challenge, week } = place;
    return outcomeOf({ form: 'sendAll' }, almanac(fetch).messages.sendNow.mutate({ challenge, week }));
  },

  automatic: async ({ fetch, request }) => {
    const form = await request.formData();
    const automatic = form.get('automatic') === 'true';
    const asking = almanac(fetch).messages.arrange.mutate({ challenge: textOf(form, 'challenge'), automatic });
    return outcomeOf({ form: automatic ? 'automatic' : 'waiting' }, asking);
  },

  announce: async ({ fetch, request }) => {
    const form = await request.formData();
    const text = textOf(form, 'text').trim();
    const given = { given: { text } };
    if (text === '' || !form.has('sure')) return notDone({ form: 'announce' }, { status: 400, field: null }, given);
    const asking = almanac(fetch).messages.announce.mutate({ challenge: textOf(form, 'challenge'), text });
    return outcomeOf({ form: 'announce' }, asking, given);
  },

  test: async ({ fetch, request }) => {
    const channel = textOf(await request.formData(), 'channel');
    return outcomeOf({ form: 'test', of: channel }, almanac(fetch).messages.test.mutate({ channel }));
  },
};
