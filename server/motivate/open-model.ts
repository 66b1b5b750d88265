import type { LanguageModel, ModelSettings } from './llm.ts';

/** The model the settings name; its client is loaded when it is first asked. */
export function openModel({ provider, ...settings }: ModelSettings): LanguageModel {
  const name = `${provider}/${settings.model}`;
  const load = async (): Promise<LanguageModel['write']> => {
    const address = { ...settings, url: settings.url ?? ADDRESSES[provider] };
    return provider === 'claude'
      ? (await import('./claude.ts')).claude(address)
      : (await import('./openai.ts')).openai(address);
  };
  let write: Promise<LanguageModel['write']> | null = null;
  return { name, write: async (asked, signal) => (await (write ??= load()))(asked, signal) };
}

/** Said here, so that no variable of the clients' own sends a key elsewhere. Gemini: https://ai.google.dev/gemini-api/docs/openai */
const ADDRESSES = {
  claude: 'https://api.anthropic.com',
  openai: 'https://api.openai.com/v1',
  gemini: 'https://generativelanguage.googleapis.com/v1beta/openai',
} as const;
