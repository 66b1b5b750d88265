import { isIP, SocketAddress } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS = 8;
/** A household or a rented machine is given a /64 at least, and may take any address in it for each request. */
const GROUPS_OF_NETWORK = 4;

/**
 * The address a request is counted under: an IPv4 address, or the /64 of an IPv6 one.
 *
 * Each proxy in front appends whom it got the request from to X-Forwarded-For; what stands before that was written by somebody else and
 * may be forged. So with n proxies of ours it is the n-th from the right that the outermost of them saw.
 * @param forwardedFor all header lines, in their order; Node joins them by commas
 * @param trustedProxies 0: nobody stands in front, the header means nothing
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trustedProxies: number,
): string {
  const seen = trustedProxies === 0 ? undefined : fromRight([forwardedFor ?? []].flat().join(), trustedProxies);
  return countedAs(seen) ?? countedAs(socketAddress) ?? 'unknown';
}

const fromRight = (list: string, place: number): string | undefined => list.split(',').at(-place)?.trim();

/** Undefined for what is no address. Some proxies write the port as well, and IPv6 in brackets then. */
function countedAs(text = ''): string | undefined {
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  if (isIP(address) === 4) return address;
  if (isIP(address) !== 6) return undefined;
  const canonical = new SocketAddress({ address: address.replace(/%.*$/, ''), family: 'ipv6' }).address;
  return MAPPED.exec(canonical)?.[1] ?? networkOf(canonical);
}

/** `2001:db8::1` → `2001:db8:0:0::/64`. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const all = [...first, ...Array<string>(Math.max(0, GROUPS - first.length - last.length)).fill('0'), ...last];
  return `${all.slice(0, GROUPS_OF_NETWORK).join(':')}::/64`;
}
