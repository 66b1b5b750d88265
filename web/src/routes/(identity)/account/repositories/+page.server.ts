import { faultOf } from '#lib/api.server.ts';
import { outcomeOf, textOf } from '#lib/account/outcome.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import type { RepositoryChoice } from '../../../../../../server/api/views.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

export const load: PageServerLoad = async ({ fetch, url }) => {
  const { account } = almanac(fetch);
  const [own, choices] = await Promise.all([
    asked(account.get.query(), 'member'),
    reachable(account.reachable.query()),
  ]);
  const ids = Object.fromEntries(own.repositories.map(({ githubId, repositoryId }) => [githubId, repositoryId]));
  return { scopes: own.scopes, choices, repositoryIds: ids, wanted: url.searchParams.get('q') ?? '' };
};

/** What GitHub shows; `none` when it is not connected any more, `away` while it does not answer. */
async function reachable(asking: Promise<RepositoryChoice[] | null>): Promise<RepositoryChoice[] | 'none' | 'away'> {
  try {
    return (await asking) ?? 'none';
  } catch (thrown) {
    return faultOf(thrown).status === 404 ? 'none' : 'away';
  }
}

export const actions: Actions = {
  connect: async ({ fetch, request }) => {
    const form = await request.formData();
    const asking = almanac(fetch).account.connectRepositories.mutate({ githubIds: [Number(form.get('id'))] });
    return outcomeOf({ form: 'connect', of: textOf(form, 'name') }, asking);
  },

  disconnect: async ({ fetch, request }) => {
    const form = await request.formData();
    const asking = almanac(fetch).account.disconnectRepository.mutate({ repositoryId: textOf(form, 'id') });
    return outcomeOf({ form: 'disconnect', of: textOf(form, 'name') }, asking);
  },
};
