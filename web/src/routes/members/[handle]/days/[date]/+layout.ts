import { loadReasonsWords } from '#lib/i18n/reasons-words.ts';
import type { LayoutLoad } from './$types.d.ts';

export const load: LayoutLoad = async ({ parent }) => ({
  reasonsWords: await loadReasonsWords((await parent()).language),
});
