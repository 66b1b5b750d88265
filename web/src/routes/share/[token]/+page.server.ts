import { error } from '@sveltejs/kit';
import { almanac, faultOf } from '#lib/api.server.ts';
import type { PageServerLoad } from './$types.d.ts';

/** Of the public page of a profile, for everybody: it can be taken back, so nobody is to keep it for long. */
export const load: PageServerLoad = async ({ fetch, params, setHeaders }) => {
  setHeaders({ 'cache-control': 'private, max-age=0, must-revalidate', 'x-robots-tag': 'noindex' });
  try {
    return { shared: await almanac(fetch).profiles.shared.query({ token: params.token }), token: params.token };
  } catch (thrown) {
    const { status } = faultOf(thrown);
    error(status === 404 || status === 400 ? 404 : status, 'Nothing is shared here');
  }
};
