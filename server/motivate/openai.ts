import OpenAI, { APIError } from 'openai';
import {
  failureOf,
  FOLLOWING_NOBODY,
  MODEL_TIMEOUT_MS,
  ModelRefused,
  type LanguageModel,
  type ModelSettings,
} from './llm.ts';

/** OpenAI's chat completions, and whoever answers as it does. Waiting and asking again are ours, so that there is one schedule. */
export function openai({ apiKey, model, url }: Omit<ModelSettings, 'provider'>): LanguageModel['write'] {
  const client = new OpenAI({
    ...{ apiKey, baseURL: url, organization: null, project: null },
    ...{ maxRetries: 0, timeout: MODEL_TIMEOUT_MS, fetchOptions: FOLLOWING_NOBODY },
  });
  return async ({ system, prompt, maxTokens }, signal) => {
    const answer = await client.chat.completions
      .create(
        {
          model,
          max_completion_tokens: maxTokens,
          messages: [
            { role: 'system', content: system },
            { role: 'user', content: prompt },
          ],
        },
        { signal },
      )
      .catch((error: unknown) => {
        signal.throwIfAborted();
        throw failureOf(error instanceof APIError ? error : {}, Date.now(), error);
      });
    const { usage } = answer;
    const tokens = usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : null;
    const [choice] = answer.choices;
    if (choice?.message.refusal) throw new ModelRefused('The model refused.', tokens);
    if (choice?.finish_reason !== 'stop')
      throw new ModelRefused(`The model stopped by "${choice?.finish_reason ?? 'nothing'}".`, tokens);
    return { text: (choice.message.content ?? '').trim(), tokens };
  };
}
