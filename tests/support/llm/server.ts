import { startHttpSink, type HttpSink, type Posted } from '../webhook-sink/server.ts';

/** What was asked, whichever provider's words it was asked in. */
export type Question = { readonly model: string; readonly system: string; readonly prompt: string };

export type ModelStandIn = HttpSink & {
  readonly questions: Question[];
  /** What it writes; it may be given in each turn. */
  reply: (question: Question) => string;
  /** How it ends: all is said, cut by the limit, or refused. */
  ending: 'end' | 'limit' | 'refusal';
};

type Body = {
  model: string;
  system?: { text: string }[];
  messages: { role: string; content: string }[];
};

/** Claude's Messages API at `/v1/messages` and OpenAI's chat completions at `/chat/completions`. */
export async function startModel(): Promise<ModelStandIn> {
  const questions: Question[] = [];
  const standIn: Pick<ModelStandIn, 'reply' | 'ending'> = { reply: () => '', ending: 'end' };
  const sink = await startHttpSink((posted) => {
    const body = JSON.parse(posted.body) as Body;
    const of = (role: string) => body.messages.find((message) => message.role === role)?.content ?? '';
    const system = body.system?.map(({ text }) => text).join('') ?? of('system');
    const question = { model: body.model, system, prompt: of('user') };
    questions.push(question);
    const text = standIn.reply(question);
    return ok(posted, body.model, text, standIn.ending);
  });
  return Object.assign(standIn, sink, { questions });
}

function ok({ path }: Posted, model: string, text: string, ending: ModelStandIn['ending']) {
  const answer = path === '/v1/messages' ? claude(model, text, ending) : openai(model, text, ending);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
}

const claude = (model: string, text: string, ending: ModelStandIn['ending']) => ({
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model, stop_sequence: null },
  content: ending === 'refusal' ? [] : [{ type: 'text', text }],
  stop_reason: { end: 'end_turn', limit: 'max_tokens', refusal: 'refusal' }[ending],
  usage: { input_tokens: 100, cache_read_input_tokens: 200, cache_creation_input_tokens: 10, output_tokens: 60 },
});

const openai = (model: string, text: string, ending: ModelStandIn['ending']) => ({
  ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model },
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: ending === 'refusal' ? null : text,
        refusal: ending === 'refusal' ? 'No.' : null,
      },
      finish_reason: ending === 'limit' ? 'length' : 'stop',
    },
  ],
  usage: { prompt_tokens: 310, completion_tokens: 60, total_tokens: 370 },
});
