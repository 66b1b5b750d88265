import { z } from 'zod';
import { errorOfAnswer, GitHubRefused, GitHubUnavailable } from './github-faults.ts';

export type Answer = {
  readonly data: unknown;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | number | undefined>>;
};

/** Whom to ask, and as whom. */
export type Asking = {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly token?: string;
  readonly fetch: typeof fetch;
  /** For one request and its whole answer. */
  readonly timeoutMs: number;
  /** Breaks off what is being asked. */
  readonly signal?: AbortSignal;
  /** Lets each request through: when, and whether once more. At once and once when left out. */
  readonly through?: <Result>(request: () => Promise<Result>) => Promise<Result>;
};

/** Octokit takes them for answers where they are not followed. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308]);

const nothing = (): void => undefined;
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * One request to GitHub. Nothing is tried again: who asks knows whether it matters.
 * @param route such as `GET /user`
 * @throws {TokenRevoked} @throws {GitHubRefused} @throws {GitHubUnavailable} none of which holds anything of the request
 * @throws what the signal was aborted with
 */
export async function ask(asking: Asking, route: string, parameters: Record<string, unknown> = {}): Promise<Answer> {
  const { through = (request) => request() } = asking;
  const answer = await through(() => askOnce(asking, route, parameters));
  if (answer === NOT_MODIFIED)
    throw new GitHubUnavailable('GitHub says that nothing has changed, and nobody had asked.');
  return answer;
}

/**
 * One request for what may still be as it was: GitHub counts none whose answer has not changed.
 * @param etag of the answer before; null: there was none
 * @returns null: it has not changed
 * @throws as {@link ask}
 */
export async function askIfChanged(
  asking: Asking,
  route: string,
  parameters: Record<string, unknown>,
  etag: string | null,
): Promise<Answer | null> {
  if (etag === null) return ask(asking, route, parameters);
  const { through = (request) => request() } = asking;
  const conditional = { ...parameters, headers: { 'if-none-match': etag } };
  const answer = await through(() => askOnce(asking, route, conditional));
  return answer === NOT_MODIFIED ? null : answer;
}

const NOT_MODIFIED = Symbol('not modified');

async function askOnce(
  asking: Asking,
  route: string,
  parameters: Record<string, unknown>,
): Promise<Answer | typeof NOT_MODIFIED> {
  const { baseUrl, token } = asking;
  // Most servers never ask GitHub anything: they need not wait for its client to load.
  const { Octokit } = await import('octokit');
  const octokit = new Octokit({
    baseUrl,
    ...(token !== undefined && { auth: token }),
    userAgent: 'almanac',
    request: { fetch: wholeAnswers(asking), log: SILENT },
    retry: { enabled: false },
    throttle: { enabled: false },
  });
  try {
    const answer = await octokit.request(route, parameters);
    if (REDIRECTS.has(answer.status)) throw errorOfRedirect(answer.headers.location, baseUrl);
    return answer;
  } catch (error) {
    asking.signal?.throwIfAborted();
    if (error instanceof GitHubRefused || error instanceof GitHubUnavailable) throw error;
    // To Octokit it is an error.
    if (error instanceof Error && 'status' in error && error.status === 304) return NOT_MODIFIED;
    // Octokit's errors carry the request with its secrets, and messages of the network can quote headers.
    throw withoutTheRequest(error, new URL(baseUrl).host);
  }
}

/** GitHub leads to what was renamed under its number; whoever leads elsewhere is not GitHub. */
function errorOfRedirect(location: string | undefined, baseUrl: string): Error {
  const { origin, host } = new URL(baseUrl);
  const to = URL.canParse(location ?? '', baseUrl) ? new URL(location ?? '', baseUrl).origin : null;
  return to === origin ? new GitHubRefused('moved') : new GitHubUnavailable(`${host} sends elsewhere.`);
}

/**
 * Reads each answer to its end before Octokit sees it: Octokit takes one that breaks off for an empty one. Redirects are not followed, for the
 * secrets of a request would go with it.
 */
const wholeAnswers =
  ({ fetch, timeoutMs, signal: stop }: Asking): typeof globalThis.fetch =>
  async (url, init) => {
    const late = AbortSignal.timeout(timeoutMs);
    const signal = stop ? AbortSignal.any([stop, late]) : late;
    const answer = await fetch(url, { ...init, redirect: 'manual', signal });
    const body = await answer.arrayBuffer();
    const { status, statusText, headers } = answer;
    return new Response(body.byteLength === 0 ? null : body, { status, statusText, headers });
  };

/** The parts of Octokit's RequestError that are looked at. */
const requestError = z.object({
  status: z.number(),
  response: z.object({
    headers: z.record(z.string(), z.union([z.string(), z.number()]).optional()),
    data: z.unknown(),
  }),
});
const errorBody = z.object({ message: z.string() });

function withoutTheRequest(error: unknown, host: string): Error {
  const answered = requestError.safeParse(error);
  if (!answered.success) return new GitHubUnavailable(`${host} did not answer (${wordFor(error)}).`);
  const { status, response } = answered.data;
  const body = errorBody.safeParse(response.data);
  return errorOfAnswer({ status, headers: response.headers, message: body.data?.message ?? '' }, host);
}

/** Why there was no answer, in a word: the system's code of the innermost error, such as `ECONNREFUSED`. */
function wordFor(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === 'TimeoutError') return 'timeout';
    if ('code' in at && typeof at.code === 'string' && /^[A-Z_]{2,40}$/.test(at.code)) return at.code;
  }
  return 'no connection';
}

/**
 * An answer in the form it should have.
 * @throws {GitHubUnavailable} naming the fields at fault, and nothing of what stood in them
 */
export function inForm<Form extends z.ZodType>(form: Form, data: unknown, host: string): z.output<Form> {
  const parsed = form.safeParse(data);
  if (parsed.success) return parsed.data;
  const fields = new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'everything'));
  throw new GitHubUnavailable(
    `${host} answered in a form that was not expected: ${[...fields].slice(0, 3).join(', ')}.`,
  );
}

const PAGE_SIZE = 100;
/** As far as any account goes: a list without an end is a fault. */
const MOST_PAGES = 1_000;

/**
 * Every item of a list. The pages are counted, not followed: a link could lead anywhere, and the token would go with it.
 * @throws {GitHubUnavailable} also when a page is missing: half a list is none
 */
export async function everyPage<Item extends z.ZodType>(
  asking: Asking,
  route: string,
  item: Item,
  parameters: Record<string, unknown> = {},
): Promise<z.output<Item>[]> {
  const { host } = new URL(asking.baseUrl);
  const items: z.output<Item>[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { data, headers } = await ask(asking, route, { ...parameters, per_page: PAGE_SIZE, page });
    items.push(...inForm(z.array(item), data, host));
    if (!String(headers['link'] ?? '').includes('rel="next"')) return items;
  }
  throw new GitHubUnavailable(`${host} answered with a list that has no end.`);
}
