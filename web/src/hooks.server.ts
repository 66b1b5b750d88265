import { redirect } from '@sveltejs/kit';
import type { Handle, HandleFetch, HandleServerError } from '@sveltejs/kit/hooks';
import { almanac, orNull } from '#lib/api.server.ts';
import { compressed } from '#lib/compression.server.ts';
import { wayFor } from '#lib/account/gate.ts';
import { cookieHeader, cookieOf } from '#lib/account/passed-cookies.ts';
import { chooseLanguage, LANGUAGE_COOKIE } from '#lib/i18n/language.ts';
import { chooseTheme, THEME_COOKIE } from '#lib/site/theme.ts';

/** Language and theme are known before the first byte is sent: the page never flashes in the wrong one. */
export const handle: Handle = async ({ event, resolve }) => {
  const { cookies, locals, request } = event;
  locals.language = chooseLanguage(cookies.get(LANGUAGE_COOKIE), request.headers.get('accept-language'));
  locals.theme = chooseTheme(cookies.get(THEME_COOKIE));
  locals.caller = await orNull(almanac(event.fetch).auth.caller.query());
  const way = wayFor(locals.caller, event.route.id, event.url);
  if (way !== null) redirect(303, way);
  const reads = locals.caller === null || locals.caller.role !== null;
  // Asked before anything the page shows is read: what changes while it is read counts as later.
  locals.moment = event.isDataRequest || !reads ? null : await momentOf(event.fetch);
  const response = await resolve(event, {
    transformPageChunk: ({ html }) =>
      html
        .replace('%almanac.language%', locals.language)
        .replace('%almanac.theme%', locals.theme)
        // The page can be read without scripts: its styles and fonts come first on a slow network.
        .replaceAll(/<link href="[^"]*" rel="modulepreload"/g, '$& fetchpriority="low"'),
  });
  response.headers.append('vary', 'Accept-Language, Cookie');
  // Whoever uses this browser next must not find the page by its back button.
  if (locals.caller?.member) response.headers.set('cache-control', 'private, no-store');
  return compressed(request, response);
};

const momentOf = async (fetch: typeof globalThis.fetch) =>
  (await orNull(almanac(fetch).status.moment.query()))?.id ?? null;

const isApi = (path: string) => path.startsWith('/trpc/') || path.startsWith('/api/');

/**
 * API questions of a page are answered in this process where our own server carries the page, else (`vite dev`) over the
 * network, where the development server passes them on. They are asked as the reader: with their credentials, and what the
 * answer makes of those (a session refreshed, or ended) goes to their browser and into the questions that follow.
 */
export const handleFetch: HandleFetch = async ({ event, request, fetch }) => {
  const { origin, pathname } = new URL(request.url);
  if (origin !== event.url.origin || !isApi(pathname)) return fetch(request);
  const asReader = new Request(request);
  asReader.headers.set('origin', origin);
  asReader.headers.set('cookie', cookieHeader(event.cookies.getAll()));
  for (const name of ['authorization', 'x-request-id', 'user-agent']) {
    const value = event.request.headers.get(name);
    if (value !== null) asReader.headers.set(name, value);
  }
  const answer = await (event.platform?.req.almanac?.fetch(asReader) ?? globalThis.fetch(asReader));
  for (const line of answer.headers.getSetCookie()) {
    const { name, value, ...options } = cookieOf(line);
    event.cookies.set(name, value, options);
  }
  return answer;
};

/** What is unexpected goes to the log with the address it happened at; the reader sees only that it did. */
export const handleError: HandleServerError = ({ kind, error, event }) => {
  if (kind !== 'unknown') return;
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${JSON.stringify({ level: 'error', module: 'web', path: event.url.pathname, error: what })}\n`);
};
