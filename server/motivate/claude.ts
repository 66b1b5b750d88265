import Anthropic, { APIError } from '@anthropic-ai/sdk';
import {
  failureOf,
  FOLLOWING_NOBODY,
  MODEL_TIMEOUT_MS,
  ModelRefused,
  type LanguageModel,
  type ModelSettings,
} from './llm.ts';

/** Claude, by Anthropic's Messages API. Waiting and asking again are ours, so that there is one schedule. */
export function claude({ apiKey, model, url }: Omit<ModelSettings, 'provider'>): LanguageModel['write'] {
  const client = new Anthropic({
    ...{ apiKey, authToken: null, baseURL: url },
    ...{ maxRetries: 0, timeout: MODEL_TIMEOUT_MS, fetchOptions: FOLLOWING_NOBODY },
  });
  return async ({ system, prompt, maxTokens }, signal) => {
    const answer = await client.messages
      .create(
        {
          model,
          max_tokens: maxTokens,
          system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
          messages: [{ role: 'user', content: prompt }],
        },
        { signal },
      )
      .catch((error: unknown) => {
        signal.throwIfAborted();
        throw failureOf(error instanceof APIError ? error : {}, Date.now(), error);
      });
    const { usage } = answer;
    const tokens = {
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      output: usage.output_tokens,
    };
    if (answer.stop_reason !== 'end_turn')
      throw new ModelRefused(`The model stopped by "${answer.stop_reason ?? 'nothing'}".`, tokens);
    const text = answer.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
    return { text: text.trim(), tokens };
  };
}
