import { almanac, asked } from '#lib/api.server.ts';
import type { AccessView } from '../../../../server/api/views.ts';

/** Everybody known: who may come in, waits or is invited, then those of whom there are only commits (`none`). */
export async function peopleOf(fetch: typeof globalThis.fetch): Promise<AccessView[]> {
  const { users } = almanac(fetch);
  const [access, all] = await Promise.all([asked(users.access.query(), 'member'), asked(users.list.query(), 'member')]);
  const known = new Set(access.map(({ id }) => id));
  return [...access, ...all.filter(({ id }) => !known.has(id)).map(byCommits)];
}

const byCommits = ({ id, github_id: handle, github_profile_url: profile }: User): AccessView => ({
  id,
  handle,
  name: '',
  login: profile === null ? null : handle,
  role: null,
  status: 'none',
  since: '',
});

type User = { id: string; github_id: string; github_profile_url: string | null };
