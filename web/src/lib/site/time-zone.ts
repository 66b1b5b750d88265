import type { ChallengeView, StatusView } from '../../../../server/api/views.ts';

type Known = { status: StatusView | null; challenges: ChallengeView[] | null };

/** The zone of the challenge a page shows: the one that is wanted, else the server's default. Without either: the server's own zone. */
export function shownTimeZone({ status, challenges }: Known, wanted: string | null): string {
  const zoneOf = (id: string | null | undefined) => challenges?.find((challenge) => challenge.id === id)?.timeZone;
  return zoneOf(wanted) ?? zoneOf(status?.defaultChallenge) ?? status?.timeZone ?? 'Asia/Seoul';
}
