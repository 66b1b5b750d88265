import { page } from '$app/state';
import type { IdentityWords } from './identity.ko.ts';
import type { Language } from './language.ts';

/** Only the pages about who somebody is load these, and in the reader's language only. */
export async function loadIdentityWords(language: Language): Promise<IdentityWords> {
  return language === 'ko' ? (await import('./identity.ko.ts')).identity : (await import('./identity.en.ts')).identity;
}

/** Reactive: read them where they are used. */
export function identityWords(): IdentityWords {
  if (page.data.identity) return page.data.identity;
  throw new Error('The words of identity are asked for outside of their pages');
}
