import { faultOfText, NAME, templateText, type PublicFacts, type TextFault } from '../../domain/motivation-text.ts';
import type { MessageLanguage } from '../../domain/preferences.ts';
import { retrying } from '../notify/retrying.ts';
import { ModelRefused, ModelUnavailable, type Asked, type LanguageModel, type Tokens } from './llm.ts';

export type Motivation = {
  /** With `{name}` in it. */
  readonly text: string;
  readonly prompt: string | null;
  readonly writer: string;
  /** Why the template wrote it though a model was asked. */
  readonly fallback: string | null;
  readonly tokens: Tokens | null;
};

type Given = {
  /** null: none is configured. */
  readonly model: LanguageModel | null;
  readonly now: () => number;
  readonly random: () => number;
  readonly backoff?: { readonly firstDelayMs: number; readonly longestDelayMs: number };
};

export type Wish = {
  readonly facts: PublicFacts;
  readonly language: MessageLanguage;
  /** Names and handles of everybody else. */
  readonly others: readonly string[];
};

/** After so many in a row that got no answer nobody else's is asked for: the rest is written by the template. */
const GIVEN_UP_AFTER = 3;
/** Room for 500 Korean characters, and for what a model thinks before. */
const MAX_TOKENS = 1_500;

/** Writes motivations of one run: by the model while it answers, else by the template. */
export class Writing {
  readonly #given: Given;
  #unanswered = 0;

  constructor(given: Given) {
    this.#given = given;
  }

  /** @throws what the signal was aborted with */
  async write(wish: Wish, signal: AbortSignal): Promise<Motivation> {
    const { model } = this.#given;
    const template = { text: templateText(wish.facts, wish.language), writer: 'template', fallback: null };
    if (model === null) return { ...template, prompt: null, tokens: null };
    if (this.#unanswered >= GIVEN_UP_AFTER)
      return { ...template, fallback: 'The model did not answer for others.', prompt: null, tokens: null };
    const asked = questionOf(wish);
    const prompt = `${asked.system}\n\n${asked.prompt}`;
    try {
      const { text, tokens } = await this.#ask(model, asked, signal);
      const fault = faultOfText(text, wish.facts, wish.others);
      if (fault === null) return { text, prompt, writer: model.name, fallback: null, tokens };
      return { ...template, fallback: FAULTS[fault], prompt, tokens };
    } catch (failure) {
      signal.throwIfAborted();
      const isOurs = failure instanceof ModelRefused || failure instanceof ModelUnavailable;
      const fallback = isOurs ? failure.message : 'The model could not be asked.';
      return { ...template, fallback, prompt, tokens: failure instanceof ModelRefused ? failure.tokens : null };
    }
  }

  async #ask(model: LanguageModel, asked: Asked, signal: AbortSignal) {
    const { now, random, backoff = { firstDelayMs: 1_000, longestDelayMs: 20_000 } } = this.#given;
    const again = (failure: unknown) =>
      failure instanceof ModelUnavailable && failure.retryable ? { afterMs: failure.retryAfterMs } : null;
    try {
      const schedule = { attempts: 3, backoff, budgetMs: 60_000, now, random, again };
      const written = await retrying(() => model.write(asked, signal), schedule, signal);
      this.#unanswered = 0;
      return written;
    } catch (failure) {
      this.#unanswered = failure instanceof ModelRefused ? 0 : this.#unanswered + 1;
      throw failure;
    }
  }
}

const FAULTS: Record<TextFault, string> = {
  length: 'The model wrote too little or too much.',
  number: 'The model wrote a number that is in no fact.',
  link: 'The model wrote a link.',
  name: 'The model named somebody else.',
  form: 'The model wrote more than plain text.',
};

/** Numbers only: nothing that anybody wrote, no name, no commit, no repository. */
const questionOf = ({ facts, language }: Wish): Asked => ({
  system: INSTRUCTIONS[language],
  prompt: JSON.stringify(facts),
  maxTokens: MAX_TOKENS,
});

const INSTRUCTIONS: Record<MessageLanguage, string> = {
  ko: `매일 커밋하는 챌린지에 참여하는 한 사람에게 월요일 아침에 보낼 응원 메시지를 한국어로 씁니다.
- 아래 JSON에 있는 사실만 씁니다. 숫자는 그 안에 있는 것만 그대로 아라비아 숫자로 쓰고, 계산하거나 지어내지 않습니다.
- 이름이 들어갈 자리에는 ${NAME}이라고 그대로 씁니다. 다른 사람의 이름은 쓰지 않습니다.
- 2~4문장, 250자 안팎의 존댓말로, 따뜻하고 구체적으로 씁니다. 나무라거나 남과 견주어 깎아내리지 않습니다.
- 링크, 해시태그, 목록, 따옴표, 머리말 없이 메시지 본문만 씁니다.`,
  en: `Write the encouraging message that one participant of a commit-every-day challenge gets on Monday morning, in English.
- Use only the facts in the JSON below. Write numbers in digits exactly as they stand there; compute and invent none.
- Where the name belongs write ${NAME} as it is. Name nobody else.
- 2 to 4 sentences, about 300 characters, warm and concrete. Never blame, never belittle by comparing.
- No links, hashtags, lists, quotation marks or preamble: only the message itself.`,
};
