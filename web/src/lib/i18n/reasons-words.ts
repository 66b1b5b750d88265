import { page } from '$app/state';
import type { Language } from './language.ts';
import type { ReasonsWords } from './reasons.ko.ts';

/** Only the page about one day of a member loads these, and in the reader's language only. */
export async function loadReasonsWords(language: Language): Promise<ReasonsWords> {
  return language === 'ko' ? (await import('./reasons.ko.ts')).reasons : (await import('./reasons.en.ts')).reasons;
}

/** Reactive: read them where they are used. */
export function reasonsWords(): ReasonsWords {
  if (page.data.reasonsWords) return page.data.reasonsWords;
  throw new Error('The words of reasons are asked for outside of their page');
}
