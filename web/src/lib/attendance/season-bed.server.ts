import type { BookView } from '../../../../server/api/views.ts';

/** The season as a bed of stems: shapes in a box of its days × 100, which the picture stretches to the width of the page. */
export type SeasonBed = {
  /** A stem a day, as tall as the day's rate. */
  stems: string;
  /** Seeds: days nobody attended or counted, and days still to come. */
  seeds: string;
  /** Days a source could not be read. */
  unknown: string;
  /** Today's stem, drawn apart: it still grows. */
  today: string;
  /** Where today's stem ends, 0 at the top and 100 on the ground; null when today is not in the season. */
  tip: number | null;
  /** Where a stem ends that everybody attended. */
  full: number;
  /** Percent of the tallest stem. */
  tallest: number;
};

/** Stems have round tips, which take the room above. */
const FULL = 6;
/** In a large repository a few of many come; they are seen all the same. */
const LOWEST = 3;

/** The bed of a book. */
export function seasonBed(book: Pick<BookView, 'dates' | 'daily' | 'today' | 'members'>): SeasonBed {
  const { dates, daily, today, members } = book;
  const rates = daily.map(({ rate }) => rate ?? 0);
  const tallest = Math.max(0, ...rates);
  const top = (rate: number) => Math.round((100 - Math.max(LOWEST, (rate / 100) * (100 - FULL))) * 10) / 10;
  const isUnknown = (index: number) => members.some(({ states }) => states[index] === 'u');

  const bed: SeasonBed = {
    stems: '',
    seeds: '',
    unknown: '',
    today: '',
    tip: null,
    full: FULL,
    tallest: Math.round(tallest),
  };
  dates.forEach((date, index) => {
    const rate = rates[index] ?? 0;
    const shape = rate > 0 ? `M${index + 0.5} 100V${top(rate)}` : `M${index + 0.5} 100v0`;
    if (date === today) Object.assign(bed, { today: shape, tip: top(rate) });
    else if (rate > 0) bed.stems += shape;
    else if (isUnknown(index)) bed.unknown += shape;
    else bed.seeds += shape;
  });
  return bed;
}
