import { loadStatisticsWords } from '#lib/i18n/statistics-words.ts';
import type { LayoutLoad } from './$types.d.ts';

export const load: LayoutLoad = async ({ parent }) => ({
  statisticsWords: await loadStatisticsWords((await parent()).language),
});
