import { notDone, outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac, asked, orNull } from '#lib/api.server.ts';
import { isPlainDay } from '#lib/calendar/plain-day.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

const SHOWN = 50;

export const load: PageServerLoad = async ({ depends, fetch, parent, url }) => {
  depends('almanac:attendance', 'almanac:members');
  const api = almanac(fetch);
  const seasons = await asked(api.challenges.seasons.query(), 'challenge');
  const usual = (await parent()).status?.defaultChallenge;
  const wanted = url.searchParams.get('challenge') ?? (seasons.find(({ id }) => id === usual) ?? seasons[0])?.id;
  if (wanted === undefined) return { seasons, chosen: null };
  const [{ season, participants }, history] = await Promise.all([
    asked(api.challenges.season.query({ challenge: wanted }), 'challenge'),
    historyOf(api, wanted, url.searchParams.get('before')),
  ]);
  const handle = url.searchParams.get('handle') ?? '';
  const date = url.searchParams.get('date') ?? (season.today < season.end ? season.today : season.end);
  const member = participants.find((one) => one.handle === handle) ?? null;
  const isInside = isPlainDay(date) && season.start <= date && date <= season.end;
  const day =
    member && isInside && url.searchParams.has('date')
      ? await orNull(api.reasons.why.query({ challenge: wanted, handle, date }))
      : null;
  return { seasons, chosen: { season, participants, handle, date, member, isInside, day, history } };
};

async function historyOf(api: ReturnType<typeof almanac>, challenge: string, asText: string | null) {
  const before = asText !== null && /^\d{1,15}$/.test(asText) ? Number(asText) : undefined;
  const page = { challenge, limit: SHOWN + 1, ...(before !== undefined && { before }) };
  const { decisions } = await asked(api.corrections.list.query(page), 'challenge');
  const shown = decisions.slice(0, SHOWN);
  return { shown, before, older: decisions.length > SHOWN ? (shown.at(-1)?.position ?? null) : null };
}

async function placeOf(request: Request) {
  const form = await request.formData();
  const place = { challenge: textOf(form, 'challenge'), github_id: textOf(form, 'handle'), date: textOf(form, 'date') };
  return { place, of: textOf(form, 'name'), verdict: textOf(form, 'verdict'), reason: textOf(form, 'reason') };
}

export const actions: Actions = {
  decide: async ({ fetch, request }) => {
    const { place, of, verdict, reason } = await placeOf(request);
    const { corrections } = almanac(fetch);
    const given = { given: { verdict, reason, date: place.date } };
    if (verdict === 'excused')
      return outcomeOf({ form: 'decide', of }, corrections.excuse.mutate({ ...place, reason }), given);
    if (verdict !== 'present' && verdict !== 'absent')
      return notDone({ form: 'decide', of }, { status: 400, field: 'verdict' }, given);
    return outcomeOf({ form: 'decide', of }, corrections.correct.mutate({ ...place, verdict, reason }), given);
  },

  withdraw: async ({ fetch, request }) => {
    const { place, of } = await placeOf(request);
    const given = { given: { verdict: 'withdrawn', reason: '', date: place.date } };
    return outcomeOf({ form: 'withdraw', of }, almanac(fetch).corrections.withdrawExcuse.mutate(place), given);
  },
};
