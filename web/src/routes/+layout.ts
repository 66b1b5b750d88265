import { loadWords } from '#lib/i18n/words.ts';
import type { LayoutLoad } from './$types.d.ts';

export const load: LayoutLoad = async ({ data }) => ({ ...data, words: await loadWords(data.language) });
