import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client';
import { error, redirect } from '@sveltejs/kit';
import { getRequestEvent } from '$app/server';
import { signInAddress } from '#lib/account/gate.ts';
import type { AppRouter } from '../../../server/api/router.ts';

type Season = { start: string; end: string };

/** The API as the pages ask it while they load; `fetch` is the one of the load event, which stays in the process. */
export const almanac = (fetch: typeof globalThis.fetch) =>
  createTRPCClient<AppRouter>({
    links: [httpLink({ url: '/trpc', fetch: (address, options) => fetch(address, { ...options, signal: null }) })],
  });

/** Status of a fault of the API (503 where there was no answer at all) and the field it names. What is not the API's is thrown on. */
export function faultOf(thrown: unknown): { status: number; field: string | undefined } {
  if (!(thrown instanceof TRPCClientError)) throw thrown;
  const { data } = thrown as TRPCClientError<AppRouter>;
  return { status: data?.httpStatus ?? 503, field: data?.issues?.[0]?.path };
}

/**
 * The API's answer, or the page that says what is missing: the field the API names, else `missing`.
 * Whose session has ended meanwhile goes to sign in. A fault of another kind is the page of that fault (403, 500, or 503
 * while the event store is away).
 */
export async function asked<Answer>(answer: Promise<Answer>, missing: Missing, season?: Season): Promise<Answer> {
  try {
    return await answer;
  } catch (thrown) {
    const { status, field } = faultOf(thrown);
    if (field === 'as_of') outsideThePast(status);
    if (status === 404 || status === 400) {
      const what = field === 'handle' ? 'member' : missing;
      error(404, `There is no such ${what}`, { missing: what, ...(season && { season }) });
    }
    if (status === 401) toSignIn();
    if (status === 403) error(403, 'This is for admins');
    if (status === 503) error(503, 'The event store is away');
    error(500, 'The API answered with a fault');
  }
}

/** Before anything was recorded there is no book; what is no moment of the past is now. @throws {HttpError} @throws {Redirect} */
function outsideThePast(status: number): never {
  if (status === 404) error(404, 'Nothing had been recorded yet', { missing: 'book' });
  const { pathname, searchParams } = getRequestEvent().url;
  const now = new URLSearchParams(searchParams);
  now.delete('as_of');
  redirect(303, now.size > 0 ? `${pathname}?${now.toString()}` : pathname);
}

/** @throws {Redirect} */
export function toSignIn(): never {
  const { pathname, search } = getRequestEvent().url;
  redirect(303, signInAddress(pathname + search));
}

/** What every page shows around its own content; null where it cannot be had, so that the page itself still says why. */
export async function orNull<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (thrown) {
    // The API has logged its fault; what is not the API's goes on from here.
    faultOf(thrown);
    return null;
  }
}
