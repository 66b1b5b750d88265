import { BlockList, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host name or address means this machine only. `name` without port; brackets of IPv6 are fine. */
export function isLoopback(name: string): boolean {
  const host = name.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return LOOPBACK.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

export type RequestFacts = {
  readonly method: string;
  /** `localhost:3000` */
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly authorization: string | undefined;
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Why a request must not be served, or null.
 *
 * A server bound to loopback trusts whoever reaches it, and any web page a person has open can make their browser reach it. So
 * there the name asked for must be this machine's (a foreign name that resolves to it is DNS rebinding), and what changes something must
 * come from our own pages. Elsewhere Bearer is exempt: a browser does not send it unasked.
 */
export function refusal(request: RequestFacts, boundToLoopback: boolean): string | null {
  const { method, host = '', origin, fetchSite, authorization } = request;
  if (boundToLoopback && !isLoopback(host.replace(/:\d+$/, ''))) {
    return `This server answers to the names of this machine (localhost), not to "${host}".`;
  }
  if (SAFE.has(method) || (!boundToLoopback && /^bearer /i.test(authorization ?? ''))) return null;
  const foreign = 'Another site cannot change anything here.';
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') return foreign;
  if (origin !== undefined && hostOf(origin) !== host) return foreign;
  return null;
}

/** `null` (sandboxed pages) and everything that is not a URL have no host. */
const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);
