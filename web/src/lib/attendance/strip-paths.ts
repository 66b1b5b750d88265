import type { DayState, StateLetters } from '../../../../server/api/views.ts';

const STATES: Record<string, DayState> = {
  p: 'present',
  a: 'absent',
  e: 'excused',
  n: 'not yet',
  u: 'unknown',
  o: 'outside',
};

/** The state of the day at an index of `dates`; a day the letters do not reach is not counted. */
export const stateAt = (states: StateLetters, index: number): DayState => STATES[states[index] ?? 'o'] ?? 'outside';

/** How many days of each state, in the order in which a reader wants to hear them. */
export function countStates(states: StateLetters): { state: DayState; count: number }[] {
  const order: DayState[] = ['present', 'absent', 'excused', 'unknown', 'not yet'];
  const counts = new Map<DayState, number>();
  for (let index = 0; index < states.length; index++) {
    const state = stateAt(states, index);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return order.flatMap((state) => {
    const count = counts.get(state) ?? 0;
    return count > 0 ? [{ state, count }] : [];
  });
}

/** Pixels a day takes and the height of a strip. */
export type StripSize = { pitch: number; height: number };

/** As wide as the room in pixels allows: in a table 14 px a day for a month, 6 px from a hundred days on. */
export const stripSize = (days: number, height = 28, room = 600): StripSize => ({
  pitch: Math.min(14, Math.max(6, Math.floor(room / Math.max(1, days)))),
  height,
});

/** Every day counted from the left; with the newest first the last day of the season stands leftmost. */
export const placeOf = (index: number, days: number, newestFirst: boolean): number =>
  newestFirst ? days - 1 - index : index;

/** The day under a pointer at a fraction of the strip's width, kept inside the strip. */
export function indexAt(fraction: number, days: number, newestFirst: boolean): number {
  const place = Math.min(days - 1, Math.max(0, Math.floor(fraction * days)));
  return placeOf(place, days, newestFirst);
}

/**
 * The day an arrow key leads to: left and right by a day, Page Up and Page Down by a week, Home and End to the ends, as the
 * days lie on the screen. null for any other key.
 */
export function indexByKey(key: string, index: number, days: number, newestFirst: boolean): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    PageUp: -7,
    PageDown: 7,
    Home: -days,
    End: days,
  };
  const step = steps[key];
  if (step === undefined) return null;
  const place = Math.min(days - 1, Math.max(0, placeOf(index, days, newestFirst) + step));
  return placeOf(place, days, newestFirst);
}

const round = (value: number) => Math.round(value * 100) / 100;

const ring = (x: number, y: number, r: number) =>
  `M${round(x - r)} ${round(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

/** How wide a blade is drawn: a line of that width with a round tip. */
export const bladeWidth = ({ pitch }: StripSize): number => round(pitch >= 8 ? pitch * 0.55 : pitch - 2);

type Marked = Exclude<DayState, 'outside'>;
const SHAPES: Record<Marked, (middle: number, width: number, height: number) => string> = {
  /** A grass blade that stands on the ground. */
  present: (middle, width, height) => `M${middle} ${height}V${round(height * 0.12 + width / 2)}`,
  /** Stubble. */
  absent: (middle, width, height) => `M${round(middle - width / 2)} ${height - 1.25}h${width}`,
  excused: (middle, width, height) => ring(middle, height * 0.72, Math.min(2.2, width / 2)),
  /** The outline of a blade still to grow. */
  'not yet': (middle, width, height) =>
    `M${round(middle - width / 2)} ${height}V${round(height * 0.4)}h${width}V${height}`,
  unknown: (middle, _width, height) => [0.3, 0.55, 0.8].map((y) => `M${middle} ${round(height * y)}h0`).join(''),
};

/**
 * One path for each state that occurs: a strip costs the page five elements at most, whatever the length of the season.
 * Shapes differ by state (blade, stubble, ring, dashed outline, three dots), so a strip can be read without colour.
 */
export function stripPaths(
  states: StateLetters,
  days: number,
  size: StripSize,
  newestFirst = false,
): { state: Marked; d: string }[] {
  const width = bladeWidth(size);
  const parts = new Map<Marked, string>();
  for (let index = 0; index < Math.min(days, states.length); index++) {
    const state = stateAt(states, index);
    if (state === 'outside') continue;
    const middle = round((placeOf(index, days, newestFirst) + 0.5) * size.pitch);
    parts.set(state, (parts.get(state) ?? '') + SHAPES[state](middle, width, size.height));
  }
  return [...parts].map(([state, d]) => ({ state, d }));
}

/** The class its mark is drawn with. */
export const markOf = (state: DayState): string => `mark mark-${state.replace(' ', '-')}`;

/** Where a month begins on the strip: its first day of the season and the pixel it starts at. */
export function monthStarts(
  dates: readonly string[],
  pitch: number,
  newestFirst = false,
): { date: string; x: number }[] {
  return dates.flatMap((date, index) => {
    const first = index === 0 || date.slice(0, 7) !== dates[index - 1]?.slice(0, 7);
    if (!first) return [];
    // With the newest first a month starts at its right edge; its label stands at its last day, on the left.
    const last = newestFirst ? lastOfMonth(dates, index) : index;
    return [{ date, x: placeOf(last, dates.length, newestFirst) * pitch }];
  });
}

function lastOfMonth(dates: readonly string[], first: number): number {
  const month = dates[first]?.slice(0, 7);
  let last = first;
  while (dates[last + 1]?.slice(0, 7) === month) last += 1;
  return last;
}
