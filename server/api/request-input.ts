import { TRPCError } from '@trpc/server';
import { fieldError } from './errors.ts';
import type { JsonSchema, Operation } from './operations.ts';

/** Largest request body the API reads. */
const BODY_LIMIT = 1024 * 1024;

type Reader = (texts: readonly string[]) => unknown;
export type QueryReaders = ReadonlyMap<string, Reader>;

/** How each field of an operation's path and query is read from text: decided once, from the schema the document shows. */
export function queryReaders({ input, fields }: Operation): QueryReaders {
  return new Map(
    [...fields].flatMap(([name, where]) =>
      where === 'body' || !input ? [] : [[name, readerOf(input.properties?.[name], input)] as const],
    ),
  );
}

/** Repeated keys are a list; a list where one value is meant goes on as a list, so that the schema names the field. */
function readerOf(schema: JsonSchema | boolean | undefined, root: JsonSchema): Reader {
  const kinds = kindsOf(schema, root);
  const list = alternatives(schema, root).find(({ type }) => type === 'array');
  const items = list && !Array.isArray(list.items) ? kindsOf(list.items, root) : kinds;
  return (texts) => {
    if (list) return texts.map((text) => valueOf(text, items));
    return texts.length === 1 ? valueOf(texts[0] ?? '', kinds) : texts;
  };
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Strict: what is not exactly a number or `true`/`false` stays text, and the schema refuses it by name. */
function valueOf(text: string, kinds: ReadonlySet<string>): unknown {
  if (kinds.has('string')) return text;
  if ((kinds.has('number') || kinds.has('integer')) && JSON_NUMBER.test(text)) return Number(text);
  if (kinds.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

const kindsOf = (schema: JsonSchema | boolean | undefined, root: JsonSchema): Set<string> =>
  new Set(
    alternatives(schema, root).flatMap(({ type, enum: values, const: value }) => {
      if (type) return type;
      return [...(values ?? []), ...(value === undefined ? [] : [value])].map((known) => typeof known);
    }),
  );

/** A schema as the list of those it may be: references followed, unions opened. */
function alternatives(schema: JsonSchema | boolean | undefined, root: JsonSchema): JsonSchema[] {
  if (typeof schema !== 'object') return [];
  if (schema.$ref) return alternatives(root.$defs?.[schema.$ref.slice('#/$defs/'.length)], root);
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  return several ? several.flatMap((one) => alternatives(one, root)) : [schema];
}

/**
 * The input of a procedure, put together from path, query and JSON body. Reading happens when the procedure asks, after its
 * middleware: a body is not looked at before the caller is known.
 * @throws {TRPCError} 400, 413, 415
 */
export async function readInput(
  request: Request,
  url: URL,
  operation: Operation,
  parameters: ReadonlyMap<string, string>,
  readers: QueryReaders,
): Promise<unknown> {
  if (!operation.input) return undefined;
  const given = new Map<string, unknown>();
  const hasBody = [...operation.fields.values()].includes('body');
  if (hasBody) {
    const body = await readJson(request);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw fieldError('', 'The body must be a JSON object.');
    }
    for (const [name, value] of Object.entries(body)) given.set(name, value);
  }
  for (const name of new Set(url.searchParams.keys())) {
    if (operation.fields.get(name) === 'body') throw fieldError(name, 'This belongs in the body, not in the query.');
    const texts = url.searchParams.getAll(name);
    given.set(name, readers.get(name)?.(texts) ?? texts.at(-1));
  }
  // Last: what the path says cannot be overruled by a query or body of the same name.
  for (const [name, text] of parameters) given.set(name, readers.get(name)?.([text]) ?? text);
  return Object.fromEntries(given);
}

/** No body at all counts as an empty object: the schema says which fields are missing. */
async function readJson(request: Request): Promise<unknown> {
  if (!request.headers.has('transfer-encoding') && Number(request.headers.get('content-length') ?? 0) === 0) return {};
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new TRPCError({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'The body must be JSON, sent with Content-Type: application/json.',
    });
  }
  const bytes = await readBody(request);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'The body is not valid UTF-8.', cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'The body is not valid JSON.', cause });
  }
}

/**
 * A body of at most `BODY_LIMIT` bytes; a longer one is refused by its declared length, or as soon as it has grown too long.
 * @throws {TRPCError} 413, and 499 when the caller leaves before all is sent
 */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > BODY_LIMIT) throw tooLarge();
  try {
    // Node holds a declared length to its word; only a chunked body can grow.
    const measured = declared !== null && !request.headers.has('transfer-encoding');
    return measured ? new Uint8Array(await request.arrayBuffer()) : await readGrowing(request);
  } catch (cause) {
    if (cause instanceof TRPCError) throw cause;
    throw new TRPCError({ code: 'CLIENT_CLOSED_REQUEST', message: 'The body broke off.', cause });
  }
}

async function readGrowing({ body }: Request): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > BODY_LIMIT) throw tooLarge();
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const tooLarge = () =>
  new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: `The body is larger than the ${BODY_LIMIT} bytes accepted.` });
