import { listChallenges, type ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import type { ReadModel } from '../../projections/projection.ts';

/**
 * The season people mean when they name none: the one that runs and began last, else the next to begin, else the last that ended.
 * @param now seconds since the epoch @returns null where there is no season but books of repositories
 */
export function currentSeason(model: ReadModel, now: number): string | null {
  const seasons = listChallenges(model, now).filter(({ season }) => season.kind === 'fixed');
  const byStart = seasons.toSorted((a, b) => (a.bounds.start < b.bounds.start ? -1 : 1));
  const running = byStart.findLast((one) => isRunning(one) && !one.closed);
  const next = byStart.find(({ closed, bounds, today }) => !closed && bounds.start > today);
  return (running ?? next ?? byStart.at(-1))?.id ?? null;
}

const isRunning = ({ bounds, today }: ChallengeSummary): boolean => bounds.start <= today && today <= bounds.end;
