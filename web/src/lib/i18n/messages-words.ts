import { page } from '$app/state';
import type { Language } from './language.ts';
import type { MessagesWords } from './messages.ko.ts';

/** Only the pages about messages load these, and in the reader's language only. */
export async function loadMessagesWords(language: Language): Promise<MessagesWords> {
  return language === 'ko' ? (await import('./messages.ko.ts')).messages : (await import('./messages.en.ts')).messages;
}

/** Reactive: read them where they are used. */
export function messagesWords(): MessagesWords {
  if (page.data.messagesWords) return page.data.messagesWords;
  throw new Error('The words of messages are asked for outside of their pages');
}
