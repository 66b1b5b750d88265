import { page } from '$app/state';
import type { Language } from './language.ts';
import type { ProfileWords } from './profile.ko.ts';

/** Only profiles, what is shared of them, and wrap-ups load these, and in the reader's language only. */
export async function loadProfileWords(language: Language): Promise<ProfileWords> {
  return language === 'ko' ? (await import('./profile.ko.ts')).profile : (await import('./profile.en.ts')).profile;
}

/** Reactive: read them where they are used. */
export function profileWords(): ProfileWords {
  if (page.data.profileWords) return page.data.profileWords;
  throw new Error('The words of profiles are asked for outside of their pages');
}
