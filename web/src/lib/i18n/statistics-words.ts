import { page } from '$app/state';
import type { Language } from './language.ts';
import type { StatisticsWords } from './statistics.ko.ts';

/** Only the statistics load these, and in the reader's language only. */
export async function loadStatisticsWords(language: Language): Promise<StatisticsWords> {
  return language === 'ko'
    ? (await import('./statistics.ko.ts')).statistics
    : (await import('./statistics.en.ts')).statistics;
}

/** Reactive: read them where they are used. */
export function statisticsWords(): StatisticsWords {
  if (page.data.statisticsWords) return page.data.statisticsWords;
  throw new Error('The words of the statistics are asked for outside of their page');
}
