import { isLogin, isRole } from '#lib/admin/access-form.ts';
import { notDone, outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { peopleOf } from '#lib/admin/people.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ depends, fetch, url }) => {
  depends('almanac:access', 'almanac:members');
  const api = almanac(fetch);
  const [people, joinable] = await Promise.all([peopleOf(fetch), asked(api.challenges.joinable.query(), 'member')]);
  return { people, joinable, erased: url.searchParams.has('erased') };
};

/** The row a form stands in, and whom it names. */
async function rowOf(request: Request) {
  const form = await request.formData();
  const role = form.get('role');
  return { id: textOf(form, 'id'), of: textOf(form, 'name'), role: isRole(role) ? role : undefined };
}

export const actions: Actions = {
  invite: async ({ fetch, request }) => {
    const form = await request.formData();
    const login = textOf(form, 'login').trim();
    const role = form.get('role');
    const given = { given: { login } };
    if (!isLogin(login)) return notDone({ form: 'invite' }, { status: 400, field: 'malformed' }, given);
    const asking = almanac(fetch).users.create.mutate({ github_id: login, ...(isRole(role) && { role }) });
    return outcomeOf({ form: 'invite', of: login }, asking, given);
  },

  approve: async ({ fetch, request }) => {
    const { id, of, role } = await rowOf(request);
    return outcomeOf({ form: 'approve', of }, almanac(fetch).users.approve.mutate({ id, ...(role && { role }) }));
  },

  decline: async ({ fetch, request }) => {
    const { id, of } = await rowOf(request);
    return outcomeOf({ form: 'decline', of }, almanac(fetch).users.decline.mutate({ id }));
  },

  takeBack: async ({ fetch, request }) => {
    const { id, of } = await rowOf(request);
    return outcomeOf({ form: 'takeBack', of }, almanac(fetch).users.decline.mutate({ id }));
  },

  role: async ({ fetch, request }) => {
    const { id, of, role } = await rowOf(request);
    if (role === undefined) return notDone({ form: 'role', of }, { status: 400, field: null });
    return outcomeOf({ form: 'role', of }, almanac(fetch).users.update.mutate({ id, role }), { role });
  },

  deactivate: async ({ fetch, request }) => {
    const { id, of } = await rowOf(request);
    return outcomeOf({ form: 'deactivate', of }, almanac(fetch).users.update.mutate({ id, active: false }));
  },

  reactivate: async ({ fetch, request }) => {
    const { id, of } = await rowOf(request);
    return outcomeOf({ form: 'reactivate', of }, almanac(fetch).users.update.mutate({ id, active: true }));
  },

  joining: async ({ fetch, request }) => {
    const form = await request.formData();
    const open = form.get('open') === 'true';
    const asking = almanac(fetch).challenges.setJoining.mutate({ challenge: textOf(form, 'id'), open });
    return outcomeOf({ form: open ? 'open' : 'close', of: textOf(form, 'name') }, asking);
  },
};
