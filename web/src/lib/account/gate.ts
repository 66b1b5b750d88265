import type { CallerView } from '../../../../server/api/views.ts';

const IDENTITY = '/(identity)';
/** Pages (by their routes) that nobody has to sign in for. */
const OPEN = new Set([`${IDENTITY}/sign-in`, '/preferences', '/share/[token]']);
/** Pages of those who wait to be let in. */
const WAITING = new Set([...OPEN, `${IDENTITY}/waiting`, `${IDENTITY}/account/erase`]);

/** Where to sign in, to come back to `next` afterwards. */
export function signInAddress(next: string): string {
  const after = afterSignIn(next);
  return after === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ next: after }).toString()}`;
}

/** Where somebody is led who has signed in. A link never leads straight to erasing oneself. */
export const afterSignIn = (next: string): string => (ERASING.test(plainPath(next)) ? '/account' : next);

const ERASING = /^\/account\/erase(?:\/|$)/;

/** The path of an address of this site, as the router reads it. */
function plainPath(address: string): string {
  const { pathname } = new URL(address, 'http://any.invalid');
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

/**
 * Where a reader has to go instead of the page they ask for; null: nowhere.
 * @param caller null while nobody can say who they are: the page says that itself
 * @param route null for an address that is no page: that it is not there is for everybody to know
 */
export function wayFor(caller: CallerView | null, route: string | null, url: URL): string | null {
  if (caller === null || route === null) return null;
  if (caller.kind === 'nobody') return OPEN.has(route) ? null : signInAddress(url.pathname + searchOf(url));
  if (caller.kind === 'waiting') return WAITING.has(route) ? null : '/waiting';
  return null;
}

/** Without the name of a form's action, which cannot be gone to by a link. */
const searchOf = ({ search }: URL): string => (search.startsWith('?/') ? '' : search);
