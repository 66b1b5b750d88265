import { statisticsAddress } from '#lib/addresses.ts';

/** What a reader wants to see; all of it stands in the address of the page. */
export type StatisticsQuery = {
  challenge: string | undefined;
  /** As the address has it; what it means the API knows. */
  period: string;
  from: string;
  to: string;
  compare: boolean;
  by: 'week' | 'month' | undefined;
  rows: number;
};

/** Rows shown at first, and with each step. */
export const ROWS = 50;
/** Periods that need no name of their own. */
export const PERIODS = ['season', 'this-week', 'last-7', 'last-14', 'last-30'] as const;

export function readStatisticsQuery(parameters: URLSearchParams): StatisticsQuery {
  const rows = Number(parameters.get('rows'));
  const by = parameters.get('by');
  const text = (name: string) => parameters.get(name) ?? '';
  return {
    challenge: parameters.get('challenge') ?? undefined,
    ...{ period: text('period'), from: text('from'), to: text('to') },
    compare: parameters.has('compare'),
    by: by === 'week' || by === 'month' ? by : undefined,
    rows: Number.isInteger(rows) && rows > ROWS && rows <= 100_000 ? rows : ROWS,
  };
}

/** Everything but the challenge and the moment, as fields of an address; what is as usual is left out. */
export function fieldsOf({ period, from, to, compare, by, rows }: StatisticsQuery): [name: string, value: string][] {
  const fields: [string, string][] = [
    ['period', period === 'season' ? '' : period],
    ['from', from],
    ['to', to],
    ['compare', compare ? '1' : ''],
    ['by', by ?? ''],
    ['rows', rows > ROWS ? String(rows) : ''],
  ];
  return fields.filter(([, value]) => value !== '');
}

/** The address of the page with some of it changed. */
export function statisticsOf(query: StatisticsQuery, change: Partial<StatisticsQuery>): string {
  const [path = '', kept = ''] = statisticsAddress(query.challenge).split('?');
  const parameters = new URLSearchParams([...new URLSearchParams(kept), ...fieldsOf({ ...query, ...change })]);
  return parameters.size > 0 ? `${path}?${parameters.toString()}` : path;
}

/** Another period: where it was begun and ended does not matter any more. */
export const ofPeriod = (query: StatisticsQuery, period: string): string =>
  statisticsOf(query, { period, from: '', to: '', rows: ROWS });
