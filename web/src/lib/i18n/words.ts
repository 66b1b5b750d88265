import { page } from '$app/state';
import { formatsOf, type Formats } from './formats.ts';
import type { ko } from './ko.ts';
import type { Language } from './language.ts';

export type Words = typeof ko;

/** A reader loads the words of their language only. */
export async function loadWords(language: Language): Promise<Words> {
  return language === 'ko' ? (await import('./ko.ts')).ko : (await import('./en.ts')).en;
}

/** The language of the page being shown, its words and its formats. Reactive: read them where they are used. */
export const language = (): Language => page.data.language;
export function words(): Words {
  if (page.data.words) return page.data.words;
  throw new Error('The words of the page are asked for before its layout has loaded them');
}
export const formats = (): Formats => formatsOf(language());
