import { almanac, asked } from '#lib/api.server.ts';
import type { AccessView } from '../../../../server/api/views.ts';

/** Everybody known: who may come in, waits or is invited, then those of whom there are only commits (`none`). */
export async function peopleOf(fetch: typeof globalThis.fetch): Promise<AccessView[]> {
  const { users } = almanac(fetch);
  const [access, byCommits] = await Promise.all([
    asked(users.access.query(), 'member'),
    asked(users.byCommits.query(), 'member'),
  ]);
  return [...access, ...byCommits];
}
