import { loadIdentityWords } from '#lib/i18n/identity-words.ts';
import type { LayoutLoad } from './$types.d.ts';

export const load: LayoutLoad = async ({ parent }) => ({
  identity: await loadIdentityWords((await parent()).language),
});
