import { notDone, outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

const PAGE = 30;

export const load: PageServerLoad = async ({ depends, fetch, url }) => {
  depends('almanac:messages');
  const { inbox } = almanac(fetch);
  const given = url.searchParams.get('before') ?? '';
  const before = /^\d{1,15}$/.test(given) ? Number(given) : undefined;
  const [list, arranged] = await Promise.all([
    asked(inbox.list.query({ limit: PAGE + 1, ...(before !== undefined && { before }) }), 'member'),
    asked(inbox.preferences.query(), 'member'),
  ]);
  const messages = list.messages.slice(0, PAGE);
  const older = list.messages.length > PAGE ? (messages.at(-1)?.position ?? null) : null;
  return { ...list, messages, older, first: before === undefined, arranged };
};

export const actions: Actions = {
  open: async ({ fetch, request }) => {
    const through = textOf(await request.formData(), 'through');
    return outcomeOf({ form: 'open' }, almanac(fetch).inbox.open.mutate({ through }));
  },

  arrange: async ({ fetch, request }) => {
    const form = await request.formData();
    const language = textOf(form, 'language');
    if (language !== 'ko' && language !== 'en') return notDone({ form: 'arrange' }, { status: 400, field: null });
    const isChannel = (one: unknown) => one === 'inbox' || one === 'email';
    const wish = {
      reminders: form.has('reminders'),
      motivation: form.has('motivation'),
      channels: form.getAll('channels').filter(isChannel),
      email: textOf(form, 'email') || null,
      quietFrom: textOf(form, 'quietFrom') || null,
      quietTo: textOf(form, 'quietTo') || null,
      language: language as 'ko' | 'en',
    };
    return outcomeOf({ form: 'arrange' }, almanac(fetch).inbox.arrange.mutate(wish), { given: wish });
  },
};
