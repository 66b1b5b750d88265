import { retryAfter } from '../notify/channel.ts';

/** What a language model is asked. */
export type Asked = {
  /** What it is to do; the same for many questions, so that a provider can remember it. */
  readonly system: string;
  /** What it is to do it with. */
  readonly prompt: string;
  /** Tokens it may write. */
  readonly maxTokens: number;
};

export type Tokens = { readonly input: number; readonly output: number };
export type Written = { readonly text: string; readonly tokens: Tokens | null };

/** A language model, whoever offers it. */
export interface LanguageModel {
  /** Provider and model: `claude/claude-haiku-5-5`. */
  readonly name: string;
  /** @throws {ModelRefused} @throws {ModelUnavailable} */
  write(asked: Asked, signal: AbortSignal): Promise<Written>;
}

/** It answered, and not with what was asked for: the same question gets no better answer. */
export class ModelRefused extends Error {
  override readonly name = 'ModelRefused';
  readonly tokens: Tokens | null;
  constructor(message: string, tokens: Tokens | null = null) {
    super(message);
    this.tokens = tokens;
  }
}

/** No answer that could be used, this time. */
export class ModelUnavailable extends Error {
  override readonly name = 'ModelUnavailable';
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  constructor(
    message: string,
    { retryable, retryAfterMs = null, cause }: { retryable: boolean; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, { cause });
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

export type Provider = 'claude' | 'openai' | 'gemini';
export type ModelSettings = {
  readonly provider: Provider;
  readonly apiKey: string;
  readonly model: string;
  /** Another address of the provider's API; null: its own. */
  readonly url: string | null;
};

/** No model takes longer for a few sentences. */
export const MODEL_TIMEOUT_MS = 60_000;

/** A redirect could lead anywhere, and the key would go with it: only `authorization` is taken off by fetch. */
export const FOLLOWING_NOBODY = { redirect: 'manual' } as const;

type ApiFailure = { readonly status?: number | undefined; readonly headers?: Headers | undefined };

/**
 * What a failure of a provider's client means. Its message is not repeated: it may quote what was asked, or the key.
 * @param status undefined where nothing (or nothing that could be read) came back
 */
export function failureOf({ status, headers }: ApiFailure, now: number, cause: unknown): ModelUnavailable {
  if (status === undefined)
    return new ModelUnavailable('The model could not be reached, or its answer was cut.', { retryable: true, cause });
  const retryable = status === 408 || status === 409 || status === 429 || status >= 500;
  return new ModelUnavailable(`The model's provider answered with ${status}.`, {
    retryable,
    retryAfterMs: retryAfter(headers?.get('retry-after') ?? null, now),
    cause,
  });
}
