import { describe, expect, test } from 'vitest';
import { addDays } from '../../domain/calendar.ts';
import { toPdf } from '../../server/report/pdf.ts';
import { reportData } from '../../server/report/report-data.ts';

const DAYS = 500;
const dates = Array.from({ length: DAYS }, (_, index) => addDays('2024-01-01', index));
const season = {
  ...{ handle: 'kim', name: 'Kim', title: 'A long season', zone: 'UTC', badges: [], times: [] },
  ...{ dates, states: dates.map(() => 'present' as const) },
  line: {
    ...{ rate: 100, attended: DAYS, countable: DAYS, rank: 1, members: 1 },
    ...{ current: DAYS, longest: DAYS, commits: DAYS },
  },
};
const data = reportData(season, { goals: [], language: 'en', today: '2025-06-01' });

describe('a report', () => {
  test('is set while others are answered', async () => {
    await toPdf(data);
    let answered = 0;
    const answering = setInterval(() => (answered += 1), 2);
    const made = await toPdf({ ...data, made: 'another one' });
    clearInterval(answering);
    expect(Buffer.from(made.subarray(0, 5)).toString()).toBe('%PDF-');
    expect(answered).toBeGreaterThan(3);
  });

  test('is refused where too many wait for theirs, and can be had later', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 12 }, () => toPdf(data)));
    const refused = asked.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(4);
    for (const one of refused) expect(one).toMatchObject({ reason: { code: 'SERVICE_UNAVAILABLE' } });
    expect((await toPdf(data)).length).toBeGreaterThan(1_000);
  });
});
