import { READING_MARGIN_S } from '../../../domain/book.ts';
import { addDays, dayOf, startOfDay, type TimeZone } from '../../../domain/calendar.ts';
import { seasonBounds, type Season } from '../../../domain/challenge.ts';

/** A season somebody takes part in, as far as it says what is to be read. */
export type OpenSeason = { readonly season: Season; readonly timeZone: TimeZone };

/**
 * From when on commits are asked for, seconds since the epoch: from the first day of the earliest of the seasons, since what is pushed
 * late was committed then; without a season from yesterday on. Each with a margin, as `since` of GitHub goes by the committer's date.
 * @param now seconds since the epoch @param timeZone where there is no season
 */
export function neededSince(seasons: readonly OpenSeason[], now: number, timeZone: TimeZone): number {
  const starts = seasons.map(({ season, timeZone: zone }) =>
    startOfDay(seasonBounds(season, dayOf(now, zone), null).start, zone),
  );
  const yesterday = startOfDay(addDays(dayOf(now, timeZone), -1), timeZone);
  return Math.max(0, Math.min(yesterday, ...starts) - READING_MARGIN_S);
}

/** Pushes of the last moments may have company within the same second: such a repository is looked at again the next time. */
const SETTLED_S = 60;

/** Whether what GitHub says of when it was last pushed to can be relied on. @param askedAt by GitHub's clock; both in seconds */
export const isSettled = (pushedAt: number, askedAt: number): boolean => pushedAt < askedAt - SETTLED_S;

/** A whole list is asked for at least so often: what became private on a later page does not change the first. */
const LIST_EVERY_S = 24 * 3_600;

export type Asked = {
  readonly etag: string | null;
  readonly wanted: string;
  readonly since: number;
  readonly listedAt: number;
};

/**
 * The tag to ask with whether anything is new; null: everything is to be listed, as something else is wanted than was asked for before.
 * @param now seconds since the epoch
 */
export function tagToAskWith(
  before: Asked | null,
  { wanted, since, now }: { wanted: string; since: number; now: number },
): string | null {
  if (before === null || before.wanted !== wanted || since < before.since) return null;
  return now - before.listedAt < LIST_EVERY_S ? before.etag : null;
}

/**
 * Whether a repository is to be read: somebody has pushed to it since, or commits are wanted that were not looked for.
 * What was not pushed to since then holds none that are wanted.
 */
export function isToBeRead(
  { pushedAt, since }: { readonly pushedAt: number; readonly since: number },
  before: { readonly pushedAt: number; readonly since: number } | undefined,
): boolean {
  if (pushedAt < since) return false;
  return before?.pushedAt !== pushedAt || since < before.since;
}
