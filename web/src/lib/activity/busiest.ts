/** More than these at once are no peak. */
const MOST_PEAKS = 3;

/** Places of the largest count; none where nothing was counted, or where so many share it that it says nothing. */
export function busiest(counts: readonly number[]): number[] {
  const most = Math.max(0, ...counts);
  const places = counts.flatMap((count, place) => (count > 0 && count === most ? [place] : []));
  return places.length > MOST_PEAKS ? [] : places;
}
