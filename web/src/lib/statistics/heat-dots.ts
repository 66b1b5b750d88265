import type { HeatCell } from '../../../../server/api/statistics-views.ts';

/** How much was attended: nothing, then five steps of a fifth each; `unknown` is no step. */
export type HeatLevel = 0 | 1 | 2 | 3 | 4 | 5 | 'unknown';

export const LEVELS = [0, 1, 2, 3, 4, 5] as const;

export const heatLevel = (cell: HeatCell): HeatLevel | null => {
  if (cell === null || cell === 'unknown') return cell;
  return Math.ceil(cell / 20) as HeatLevel;
};

/** How wide a dot is: more is larger and darker, and either is enough to read it. */
export const dotWidth = (level: HeatLevel): number => (level === 'unknown' ? 7 : [2.5, 5, 7, 9, 11, 13][level]) ?? 0;

/** Pixels between two dots: few stretch, many stand close. */
export const heatPitch = (parts: number, room = 900): number =>
  Math.min(56, Math.max(16, Math.floor(room / Math.max(1, parts))));

export const ROW_HEIGHT = 20;

/**
 * One path for each level that occurs, whose dots are lines of no length with round tips: a row costs the page a few elements,
 * whatever the number of weeks.
 */
export function heatDots(cells: readonly HeatCell[], pitch: number): { level: HeatLevel; d: string }[] {
  const paths = new Map<HeatLevel, string>();
  cells.forEach((cell, index) => {
    const level = heatLevel(cell);
    if (level === null) return;
    paths.set(level, `${paths.get(level) ?? ''}M${(index + 0.5) * pitch} ${ROW_HEIGHT / 2}h0`);
  });
  return [...paths].map(([level, d]) => ({ level, d }));
}
