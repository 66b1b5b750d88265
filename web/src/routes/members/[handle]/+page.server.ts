import { hourBars } from '#lib/activity/hour-bars.server.ts';
import { pastNotice } from '#lib/as-of/past-notice.server.ts';
import { almanac, asked } from '#lib/api.server.ts';
import { veiled } from '#lib/member/identity.server.ts';
import { isPlainDay } from '#lib/calendar/plain-day.ts';
import { profileActions } from '#lib/profile/actions.server.ts';
import { loadCommunity } from '#lib/profile/load.server.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

const PER_PAGE = 30;

const pageNumber = (text: string | null): number => {
  const page = Number(text ?? '1');
  return Number.isInteger(page) && page >= 1 && page <= 100_000 ? page : 1;
};

export const load: PageServerLoad = async ({ depends, fetch, locals, params, url }) => {
  depends('almanac:attendance', 'almanac:commits', 'almanac:members');
  const challenge = url.searchParams.get('challenge') ?? undefined;
  const asDay = url.searchParams.get('day') ?? '';
  const day = isPlainDay(asDay) ? asDay : undefined;
  const page = pageNumber(url.searchParams.get('page'));
  const about = { handle: params.handle, challenge, as_of: url.searchParams.get('as_of') ?? undefined };
  const api = almanac(fetch);
  // Nobody named a challenge, and there is none to take: nothing has been read yet.
  const missing = challenge === undefined ? 'book' : 'challenge';
  const [answer, commits] = await Promise.all([
    asked(api.members.profile.query(about), missing),
    asked(
      api.commits.page.query({ ...about, skip: (page - 1) * PER_PAGE, limit: PER_PAGE, from: day, to: day }),
      missing,
    ),
  ]);
  // What a page holds anybody can read: addresses leave the server veiled.
  const identities = answer.identities.map((identity) => ({ ...identity, value: veiled(identity) }));
  const profile = { ...answer, identities };
  const past = pastNotice(url, profile.challenge.timeZone, locals.language);
  // What is set and said stands beside the attendance of today, not beside that of a past moment.
  const beside = { handle: profile.member.handle, challenge, memberId: profile.member.id, url };
  const community = past || profile.member.bot ? null : await loadCommunity(fetch, beside, locals.caller);
  return { past, profile, bars: hourBars(profile.activity.hours), commits, community, day, chosen: challenge };
};

export const actions: Actions = profileActions;
