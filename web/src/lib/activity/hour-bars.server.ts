import { scaleBand, scaleLinear } from 'd3-scale';

/** A bar in a box of 24 × 100. */
export type HourBar = { hour: number; commits: number; x: number; y: number; width: number; height: number };

/** An hour without a commit keeps a line on the ground, so that it is seen to be counted. */
const GROUND = 1.2;

const round = (value: number) => Math.round(value * 1000) / 1000;

/** Commits by hour as bars. `hours`: one count an hour. */
export function hourBars(hours: readonly number[]): HourBar[] {
  const x = scaleBand(
    hours.map((_, hour) => hour),
    [0, hours.length],
  ).padding(0.28);
  const length = scaleLinear([0, Math.max(1, ...hours)], [0, 100]);
  return hours.map((commits, hour) => {
    const height = round(Math.max(GROUND, length(commits)));
    return { hour, commits, x: round(x(hour) ?? hour), y: round(100 - height), width: round(x.bandwidth()), height };
  });
}
