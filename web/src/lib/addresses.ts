import { resolve } from '$app/paths';
import { page } from '$app/state';

/** A challenge other than the one the server shows by itself; it stays in the address from page to page. */
export type Chosen = string | undefined;

const inChallenge = (challenge: Chosen, more: Record<string, string> = {}): string => {
  const parameters = new URLSearchParams(more);
  if (challenge !== undefined) parameters.set('challenge', challenge);
  // Who looks at the past walks about in it.
  const past = page.url.searchParams.get('as_of');
  if (past !== null) parameters.set('as_of', past);
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
};

export const homeAddress = (challenge?: Chosen): string => resolve('/') + inChallenge(challenge);

export const dayAddress = (date: string, challenge?: Chosen): string =>
  resolve('/days/[date]', { date }) + inChallenge(challenge);

export const memberAddress = (handle: string, challenge?: Chosen, more: Record<string, string> = {}): string =>
  resolve('/members/[handle]', { handle }) + inChallenge(challenge, more);

/** Why a day of a member counts or does not. */
export const reasonAddress = (handle: string, date: string, challenge?: Chosen): string =>
  resolve('/members/[handle]/days/[date]', { handle, date }) + inChallenge(challenge);

export const statisticsAddress = (challenge?: Chosen): string => resolve('/statistics') + inChallenge(challenge);

/** An address of this site that a form may send its reader back to; anything else leads home. */
export function backTo(text: unknown, origin: string): string {
  if (typeof text !== 'string' || !URL.canParse(text, origin)) return '/';
  const url = new URL(text, origin);
  // `/.//evil.example` becomes `//evil.example`, which is another site.
  return url.origin === origin && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : '/';
}
