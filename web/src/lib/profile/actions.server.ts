import type { RequestEvent } from '@sveltejs/kit';
import { notDone, outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac } from '#lib/api.server.ts';
import { isPlainDay } from '#lib/calendar/plain-day.ts';
import { isGoalKind, markOf } from './goal-form.ts';

/** What a member's page asks the API to do. Whose things it is about, the page's own address says. */
type Event = Pick<RequestEvent<{ handle: string }>, 'fetch' | 'request' | 'params' | 'url'>;

const seasonOf = ({ url }: Event) => {
  const challenge = url.searchParams.get('challenge');
  return challenge === null ? {} : { challenge };
};

async function setGoal(event: Event) {
  const form = await event.request.formData();
  const given = {
    ...{ kind: textOf(form, 'kind'), target: textOf(form, 'target').trim() },
    ...{ text: textOf(form, 'text').trim(), due: textOf(form, 'due') },
  };
  const wrong = (field: string) => notDone({ form: 'setGoal' }, { status: 400, field }, { given });
  const { kind, due } = given;
  if (!isGoalKind(kind)) return wrong('kind');
  const target = kind === 'other' || given.target === '' ? null : Number(given.target);
  if (target !== null && !(Number.isInteger(target) && target >= 0 && target <= 1_000_000)) return wrong('target');
  if (due !== '' && !isPlainDay(due)) return wrong('due');
  const wish = {
    kind,
    target,
    text: given.text === '' ? null : given.text.slice(0, 200),
    due: due === '' ? null : due,
  };
  const { handle } = event.params;
  const setting = almanac(event.fetch).goals.set.mutate({ ...wish, ...seasonOf(event), handle });
  return outcomeOf({ form: 'setGoal' }, setting, { given });
}

const idIn = async ({ request }: Event) => textOf(await request.formData(), 'id');

async function giveCheer({ fetch, request, params }: Event) {
  const form = await request.formData();
  const text = textOf(form, 'text');
  const wish = { handle: params.handle, text: text.slice(0, 1_000), emoji: markOf(textOf(form, 'emoji')) };
  return outcomeOf({ form: 'giveCheer' }, almanac(fetch).cheers.give.mutate(wish), { cheer: text });
}

/** The forms of a member's page. */
export const profileActions = {
  setGoal,
  giveCheer,
  dropGoal: async (event: Event) => {
    const about = { id: await idIn(event), handle: event.params.handle };
    return outcomeOf({ form: 'dropGoal' }, almanac(event.fetch).goals.drop.mutate(about));
  },
  reachGoal: async (event: Event) => {
    const about = { id: await idIn(event), handle: event.params.handle };
    return outcomeOf({ form: 'reachGoal' }, almanac(event.fetch).goals.reach.mutate(about));
  },
  withdrawCheer: async (event: Event) =>
    outcomeOf({ form: 'withdrawCheer' }, almanac(event.fetch).cheers.withdraw.mutate({ id: await idIn(event) })),
  publish: async (event: Event) => {
    const name = textOf(await event.request.formData(), 'name').slice(0, 200);
    const { handle } = event.params;
    return outcomeOf(
      { form: 'publish' },
      almanac(event.fetch).profiles.publish.mutate({ name, handle, ...seasonOf(event) }),
    );
  },
  unpublish: ({ fetch, params }: Event) =>
    outcomeOf({ form: 'unpublish' }, almanac(fetch).profiles.unpublish.mutate({ handle: params.handle })),
};
