import { almanac, orNull } from '#lib/api.server.ts';
import type { CallerView } from '../../../../server/api/views.ts';

const CHEERS_A_PAGE = 10;

/** What stands on a member's page besides their attendance; each part is left out where it cannot be had. */
export async function loadCommunity(
  fetch: typeof globalThis.fetch,
  about: { handle: string; challenge: string | undefined; memberId: string; url: URL },
  caller: CallerView | null,
) {
  const { handle, challenge, memberId, url } = about;
  const api = almanac(fetch);
  const page = Math.min(10_000, Math.max(1, Math.floor(Number(url.searchParams.get('cheers'))) || 1));
  const own = caller?.member?.id === memberId || caller?.kind === 'local';
  const [goals, cheers, insights, sharing, message] = await Promise.all([
    orNull(api.goals.of.query({ handle })),
    orNull(api.cheers.of.query({ handle, skip: (page - 1) * CHEERS_A_PAGE, limit: CHEERS_A_PAGE })),
    orNull(api.profiles.insights.query({ handle, ...(challenge !== undefined && { challenge }) })),
    own ? orNull(api.profiles.sharing.query({ handle })) : null,
    orNull(api.messages.latestFor.query({ handle })),
  ]);
  const at = (wanted: number) => {
    const search = new URLSearchParams(url.searchParams);
    for (const name of [...search.keys()]) if (name.startsWith('/')) search.delete(name);
    search.set('cheers', String(wanted));
    return `?${search.toString()}#cheers`;
  };
  const pages = {
    newer: page > 1 ? at(page - 1) : null,
    older: cheers && cheers.total > page * CHEERS_A_PAGE ? at(page + 1) : null,
  };
  return { goals, cheers, insights, sharing, message, pages };
}
