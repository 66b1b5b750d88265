import { loadOrganiseWords } from '#lib/i18n/organise-words.ts';
import type { LayoutLoad } from './$types.d.ts';

export const load: LayoutLoad = async ({ parent }) => ({
  organise: await loadOrganiseWords((await parent()).language),
});
