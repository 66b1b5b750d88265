import { callTRPCProcedure, getTRPCErrorShape, type AnyTRPCRouter, type TRPCError } from '@trpc/server';
import { asApiError, errorHeaders } from './errors.ts';
import type { OnError } from './rest.ts';
import type { Context } from './trpc.ts';
import { SerialisedAnswer } from './serialised-answer.ts';

type Call = { readonly path: string; readonly input: unknown };
type Bytes = Uint8Array<ArrayBuffer>;
/** `result` is the call's part of the answer; `batch` is the whole answer to a batch of this one call. */
type Answered = {
  readonly status: number;
  readonly result: Bytes;
  readonly batch: Bytes;
  readonly error?: TRPCError;
};

/**
 * Plain queries over tRPC's protocol, batched or not. tRPC writes out every answer anew, which for a book of 200 members costs
 * four times what the rest of the request does; here the very same object is written out once (`SerialisedAnswer`).
 * @returns null for everything that is not plainly a query that exists, with input that can be read: tRPC itself answers that
 */
export async function answerQueries(
  router: AnyTRPCRouter,
  request: Request,
  context: Context,
  { batchLimit, onError }: { batchLimit: number; onError: OnError },
): Promise<Response | null> {
  if (request.method !== 'GET' || wantsStream(request.headers)) return null;
  const { pathname, searchParams } = new URL(request.url);
  const batched = searchParams.get('batch') === '1';
  const calls = readCalls(pathname, searchParams, batched);
  if (!calls || calls.length > batchLimit || !calls.every(({ path }) => isQuery(router, path))) return null;

  const answers = await Promise.all(
    calls.map((call, index) => answerOne(router, call, index, { request, context, onError })),
  );
  const [first] = answers;
  const status = answers.every((one) => one.status === first?.status) ? (first?.status ?? 200) : 207;
  const errors = answers.flatMap(({ error }) => error ?? []);
  const headers = { 'content-type': 'application/json', vary: 'trpc-accept, accept' };
  return new Response(bodyOf(answers, batched), { status, headers: { ...headers, ...errorHeaders(errors) } });
}

function bodyOf(answers: readonly Answered[], batched: boolean): Bytes {
  const [only, ...others] = answers;
  if (only && !batched) return only.result;
  // The common batch of one is not copied together: it is written that way.
  if (only && others.length === 0) return only.batch;
  const parts = answers.flatMap(({ result }, index) => [bytes(index === 0 ? '[' : ','), result]);
  return Buffer.concat([...parts, bytes(']')]);
}

const bytes = (text: string): Bytes => Buffer.from(text);

const wantsStream = (headers: Headers) =>
  headers.has('trpc-accept') || /jsonl|event-stream/.test(headers.get('accept') ?? '');

const isQuery = (router: AnyTRPCRouter, path: string) => {
  const procedures = router._def.procedures as Record<string, { _def: { type: string } } | undefined>;
  return Object.hasOwn(procedures, path) && procedures[path]?._def.type === 'query';
};

/** Null when anything of it cannot be read. */
function readCalls(pathname: string, search: URLSearchParams, batched: boolean): Call[] | null {
  if (search.has('connectionParams')) return null;
  const path = attempt(() => decodeURIComponent(pathname.slice('/trpc/'.length)));
  if (!path) return null;
  const text = search.get('input') ?? '';
  const input = text === '' ? { value: undefined } : attempt(() => ({ value: JSON.parse(text) as unknown }));
  if (!input) return null;
  if (!batched) return [{ path, input: input.value }];
  const { value = {} } = input;
  if (typeof value !== 'object' || value === null) return null;
  const inputs = value as Record<string, unknown>;
  return path.split(',').map((one, index) => ({ path: one, input: inputs[index] }));
}

function attempt<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof URIError) return null;
    throw error;
  }
}

async function answerOne(
  router: AnyTRPCRouter,
  { path, input }: Call,
  batchIndex: number,
  { request, context, onError }: { request: Request; context: Context; onError: OnError },
): Promise<Answered> {
  try {
    const data: unknown = await callTRPCProcedure({
      router,
      path,
      type: 'query',
      ctx: context,
      getRawInput: () => Promise.resolve(input),
      signal: request.signal,
      batchIndex,
    });
    return data === undefined
      ? textAnswer('{"result":{}}', 200)
      : { status: 200, ...formsOf(SerialisedAnswer.of(data)) };
  } catch (thrown) {
    onError(thrown, path);
    const error = asApiError(thrown);
    const config = router._def._config;
    const shape = getTRPCErrorShape({ config, error, type: 'query', path, input, ctx: context }) as ErrorShape;
    return { ...textAnswer(JSON.stringify({ error: shape }), shape.data.httpStatus), error };
  }
}

const formsOf = ({ result, batch }: SerialisedAnswer) => ({ result, batch });

const textAnswer = (text: string, status: number): Answered => ({
  status,
  result: bytes(text),
  batch: bytes(`[${text}]`),
});

type ErrorShape = { readonly data: { readonly httpStatus: number } };
