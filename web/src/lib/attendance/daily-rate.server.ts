import { scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import type { BookView } from '../../../../server/api/views.ts';

/** Days an average looks back over: a whole week, so that weekends do not make waves. */
const SPAN = 7;

export type DailyRates = {
  /** Days that are over, oldest first. Today's rate would fall at midnight and rise until evening. */
  past: BookView['daily'];
  /** Shapes in a box of the season's days × 100. */
  line: string;
  area: string;
  /** A dot for each day. */
  dots: string;
  /** Line of the period before, by the place of each day in it; empty where nothing is compared. */
  before: string;
  /** Percents worth a line across, the ground first, and how far down they lie. */
  ticks: { rate: number; y: number }[];
};

const round = (value: number) => Math.round(value * 100) / 100;

/** Mean of the known rates of the days up to and including each day; null where none is known. */
export function movingAverage(rates: readonly (number | null)[], span: number): (number | null)[] {
  return rates.map((_, index) => {
    const known = rates.slice(Math.max(0, index - span + 1), index + 1).filter((rate) => rate !== null);
    return known.length === 0 ? null : known.reduce((sum, rate) => sum + rate, 0) / known.length;
  });
}

/**
 * The daily rates as shapes, made where the data is: the browser gets paths, not a charting library. A day nobody knows
 * anything of leaves a gap; a line drawn across it would claim to know.
 */
export function dailyRates(
  { daily, dates, today }: Pick<BookView, 'daily' | 'dates' | 'today'>,
  before: readonly { readonly rate: number | null }[] = [],
): DailyRates {
  const past = daily.filter(({ date }) => date < today);
  const rates = past.map(({ rate }) => rate);
  const x = scaleLinear([0, dates.length], [0, dates.length]);
  // In a large repository a few of many come on any day: the scale ends above the best of them.
  const earlier = before.map(({ rate }) => rate);
  const best = Math.max(10, ...[...rates, ...earlier].map((rate) => rate ?? 0));
  const y = scaleLinear([0, best], [100, 0]).nice(2);
  type Point = { index: number; mean: number | null };
  const points = (of: readonly (number | null)[]): Point[] =>
    movingAverage(of, SPAN).map((mean, index) => ({ index, mean: of[index] === null ? null : mean }));
  const known = ({ mean }: Point) => mean !== null;
  const across = ({ index }: Point) => x(index + 0.5);
  const up = ({ mean }: Point) => y(mean ?? 0);
  return {
    past,
    line: line<Point>(across, up).defined(known).curve(curveMonotoneX).digits(2)(points(rates)) ?? '',
    before: line<Point>(across, up).defined(known).curve(curveMonotoneX).digits(2)(points(earlier)) ?? '',
    area: area<Point>(across, 100, up).defined(known).curve(curveMonotoneX).digits(2)(points(rates)) ?? '',
    dots: rates.map((rate, index) => (rate === null ? '' : `M${x(index + 0.5)} ${round(y(rate))}v0`)).join(''),
    ticks: y.ticks(2).map((rate) => ({ rate, y: round(y(rate)) })),
  };
}
