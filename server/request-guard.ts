import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { carriesSession } from './identity/cookies.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host name or address means this machine only. `name` without port; brackets of IPv6 are fine. */
export function isLoopback(name: string): boolean {
  const host = name.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return LOOPBACK.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

/** What a browser says of a request, and no page can make it say otherwise. */
export type RequestFacts = {
  readonly method: string;
  /** It asks for data, not for a page that is shown to people. */
  readonly isApi: boolean;
  /** `localhost:3000` */
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  /** Sec-Fetch-Site, -Mode and -Dest: who asks, how, and what for (https://www.w3.org/TR/fetch-metadata/). */
  readonly fetchSite?: string | undefined;
  readonly fetchMode?: string | undefined;
  readonly fetchDest?: string | undefined;
  readonly authorization?: string | undefined;
  /** It carries the cookies of a session. */
  readonly session: boolean;
  /** A proxy says that it hands the request on. */
  readonly forwarded: boolean;
};

export type Protection = {
  /** Whoever reaches the server is its owner. Otherwise callers show who they are. */
  readonly local: boolean;
  /** The origin of our own pages; null: whatever name was asked for. */
  readonly publicUrl: string | null;
};

export function factsOf({ method = 'GET', headers }: IncomingMessage, isApi: boolean): RequestFacts {
  const text = (name: string) => [headers[name]].flat()[0];
  return {
    method,
    isApi,
    host: headers.host,
    origin: headers.origin,
    fetchSite: text('sec-fetch-site'),
    fetchMode: text('sec-fetch-mode'),
    fetchDest: text('sec-fetch-dest'),
    authorization: headers.authorization,
    session: carriesSession(headers.cookie),
    forwarded: FORWARDED.some((name) => headers[name] !== undefined),
  };
}

/** Headers that proxies and tunnels add (RFC 7239, RFC 9110 7.6.3, and what they did before). */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Why a request must not be served, or null.
 *
 * A local server trusts whoever reaches it, and any web page a person has open can make their browser reach it. So there the name asked
 * for must be this machine's (a foreign name that resolves to it is DNS rebinding), and other sites get nothing at all: not even
 * what their pages could not read, as loading it as an image or a script brings it into their process (Spectre). They may link to a page.
 *
 * Elsewhere a browser adds the cookies of whoever is signed in to what any page makes it send (CSRF). So what changes something must come
 * from our own pages. Bearer is exempt: a browser does not send it unasked.
 */
export const refusal = (request: RequestFacts, { local, publicUrl }: Protection): string | null =>
  local ? localRefusal(request) : forgeryRefusal(request, publicUrl);

const UNCHANGED = 'Another site cannot change anything here.';

function localRefusal(request: RequestFacts): string | null {
  const { method, host = '', origin, fetchSite, forwarded } = request;
  if (forwarded)
    return 'This server is for its own machine alone, and a proxy hands on this request: set PUBLIC_URL and sign-in (docs/security.md).';
  if (!isLoopback(host.replace(/:\d+$/, '')))
    return `This server answers to the names of this machine (localhost), not to "${host}".`;
  const foreign =
    (fetchSite !== undefined && !isOwnSite(fetchSite)) || (origin !== undefined && !isOrigin(origin, null, host));
  if (!foreign || isLinkToPage(request)) return null;
  return SAFE.has(method) ? 'Another site cannot read anything here.' : UNCHANGED;
}

function forgeryRefusal(request: RequestFacts, publicUrl: string | null): string | null {
  const { method, host = '', origin, fetchSite, authorization, session } = request;
  if (SAFE.has(method) || /^bearer +\S/i.test(authorization ?? '')) return null;
  if (fetchSite !== undefined && isOwnSite(fetchSite)) return null;
  if (origin !== undefined && isOrigin(origin, publicUrl, host)) return null;
  if (fetchSite !== undefined || origin !== undefined) return UNCHANGED;
  // No browser of today: a program, or something that hides where it comes from.
  return session
    ? 'A session changes nothing without an Origin or Sec-Fetch-Site header. Programs show a Bearer.'
    : null;
}

/** `none`: the person themselves, by address bar or bookmark. */
const isOwnSite = (fetchSite: string): boolean => fetchSite === 'same-origin' || fetchSite === 'none';

const isLinkToPage = ({ method, isApi, fetchMode, fetchDest }: RequestFacts): boolean =>
  method === 'GET' && !isApi && fetchMode === 'navigate' && fetchDest === 'document';

/** Whether an Origin header names our own origin. `null` (sandboxed pages) and everything that is not a URL name none. */
function isOrigin(origin: string, publicUrl: string | null, host: string): boolean {
  if (publicUrl !== null) return origin === publicUrl;
  const { protocol, host: named } = URL.parse(origin) ?? {};
  if (!named) return false;
  // Host may name the port that goes without saying, and be written in capitals.
  return URL.parse(`${protocol}//${host}`)?.host === named;
}
