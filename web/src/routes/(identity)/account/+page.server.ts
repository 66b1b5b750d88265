import { redirect } from '@sveltejs/kit';
import { expiryDays, isKeyScope } from '#lib/account/key-form.ts';
import { notDone, outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch }) => {
  depends('almanac:account');
  const { account } = almanac(fetch);
  const [own, sessions, keys] = await Promise.all([
    asked(account.get.query(), 'member'),
    asked(account.sessions.query(), 'member'),
    asked(account.keys.query(), 'member'),
  ]);
  return { account: own, sessions, keys };
};

export const actions: Actions = {
  issueKey: async ({ fetch, request }) => {
    const form = await request.formData();
    const name = textOf(form, 'name');
    const scopes = form.getAll('scopes').filter(isKeyScope);
    const days = expiryDays(textOf(form, 'days'));
    const given = { given: { name, scopes, days: textOf(form, 'days') } };
    if (days === undefined) return notDone({ form: 'issueKey' }, { status: 400, field: 'days' }, given);
    const asking = almanac(fetch).account.issueKey.mutate({ name, scopes, days });
    return outcomeOf({ form: 'issueKey' }, asking, given);
  },

  revokeKey: async ({ fetch, request }) => {
    const id = textOf(await request.formData(), 'id');
    return outcomeOf({ form: 'revokeKey' }, almanac(fetch).account.revokeKey.mutate({ id }));
  },

  /** Without an id: all but the one that asks. */
  endSession: async ({ fetch, request }) => {
    const id = textOf(await request.formData(), 'id') || null;
    const { account } = almanac(fetch);
    const isOwn = (await asked(account.sessions.query(), 'member')).some((one) => one.current && one.id === id);
    const outcome = await outcomeOf({ form: 'endSession' }, account.revokeSession.mutate({ id }));
    if (isOwn && 'done' in outcome) redirect(303, '/sign-in?ended');
    return outcome;
  },

  disconnectGitHub: ({ fetch }) =>
    outcomeOf({ form: 'disconnectGitHub' }, almanac(fetch).account.disconnectGitHub.mutate()),
};
