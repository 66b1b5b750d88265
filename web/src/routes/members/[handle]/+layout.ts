import { loadProfileWords } from '#lib/i18n/profile-words.ts';
import type { LayoutLoad } from './$types.d.ts';

export const load: LayoutLoad = async ({ parent }) => ({
  profileWords: await loadProfileWords((await parent()).language),
});
