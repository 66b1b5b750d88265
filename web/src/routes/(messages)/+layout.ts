import { loadIdentityWords } from '#lib/i18n/identity-words.ts';
import { loadMessagesWords } from '#lib/i18n/messages-words.ts';
import type { LayoutLoad } from './$types.d.ts';

/** What a form says when it cannot be carried out is among the words of identity. */
export const load: LayoutLoad = async ({ parent }) => {
  const { language } = await parent();
  const [identity, messagesWords] = await Promise.all([loadIdentityWords(language), loadMessagesWords(language)]);
  return { identity, messagesWords };
};
