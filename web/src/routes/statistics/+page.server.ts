import { hourBars } from '#lib/activity/hour-bars.server.ts';
import { almanac, asked, faultOf } from '#lib/api.server.ts';
import { pastNotice } from '#lib/as-of/past-notice.server.ts';
import { dailyRates } from '#lib/attendance/daily-rate.server.ts';
import { addDays } from '#lib/calendar/plain-day.ts';
import { readStatisticsQuery, type StatisticsQuery } from '#lib/statistics/statistics-query.ts';
import type { PageServerLoad } from './$types.d.ts';

const PERIOD = ['period', 'from', 'to'];

export const load: PageServerLoad = async ({ depends, fetch, locals, url }) => {
  depends('almanac:attendance', 'almanac:commits', 'almanac:members');
  const query = readStatisticsQuery(url.searchParams);
  const as_of = url.searchParams.get('as_of') ?? undefined;
  const api = almanac(fetch);
  const ask = ({ by, ...wanted }: StatisticsQuery) => api.statistics.of.query({ ...wanted, ...(by && { by }), as_of });
  const missing = query.challenge === undefined ? 'book' : 'challenge';
  let refused = false;
  const answer = await asked(
    ask(query).catch((thrown: unknown) => {
      refused = PERIOD.includes(faultOf(thrown).field ?? '');
      if (!refused) throw thrown;
      Object.assign(query, { period: '', from: '', to: '' });
      return ask(query);
    }),
    missing,
  );
  const { daily, hours, before, ...view } = answer;
  const { start, days } = view.period;
  const dates = Array.from({ length: days }, (_, index) => addDays(start, index));
  return {
    ...{ query, refused, view, dates },
    before: before && { start: before.start, end: before.end, totals: before.totals },
    rates: dailyRates({ daily, dates, today: view.today }, before?.daily),
    bars: hourBars(hours),
    past: pastNotice(url, view.challenge.timeZone, locals.language),
    asOf: as_of,
  };
};
