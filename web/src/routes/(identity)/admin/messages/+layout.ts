import { loadMessagesWords } from '#lib/i18n/messages-words.ts';
import type { LayoutLoad } from './$types.d.ts';

export const load: LayoutLoad = async ({ parent }) => ({
  messagesWords: await loadMessagesWords((await parent()).language),
});
