import { page } from '$app/state';
import type { Language } from './language.ts';
import type { OrganiseWords } from './organise.ko.ts';

/** Only the pages of organisers and of seasons load these, and in the reader's language only. */
export async function loadOrganiseWords(language: Language): Promise<OrganiseWords> {
  return language === 'ko' ? (await import('./organise.ko.ts')).organise : (await import('./organise.en.ts')).organise;
}

/** Reactive: read them where they are used. */
export function organiseWords(): OrganiseWords {
  if (page.data.organise) return page.data.organise;
  throw new Error('The words of organisers are asked for outside of their pages');
}
