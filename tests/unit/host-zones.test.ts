import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const PROBE = new URL('../support/host-zone-probe.ts', import.meta.url).pathname;
const HOSTS = { UTC: 0, 'America/New_York': 19, 'Asia/Seoul': 9 };

type Book = { timeZone: string; attended: { day: string }[]; fixed: string[]; newDay: number };
type Answer = { hostHourAtEpoch: number; says: { zones: Book[] } };
const answers = new Map<string, Answer>();

beforeAll(async () => {
  for (const host of Object.keys(HOSTS)) {
    const { stdout } = await promisify(execFile)(process.execPath, [PROBE], { env: { ...process.env, TZ: host } });
    answers.set(host, JSON.parse(stdout) as Answer);
  }
});

test('the hosts really live in different zones', () => {
  for (const [host, hour] of Object.entries(HOSTS)) expect(answers.get(host)?.hostHourAtEpoch).toBe(hour);
});

test('every host says the same of days, weeks, seasons and states', () => {
  const [first, ...others] = [...answers.values()].map(({ says }) => says);
  for (const other of others) expect(other).toEqual(first);
});

test('and it is right: commits at 23:59 and 00:00, over Feb 29, the end of a year and the days clocks move', () => {
  const zones = answers.get('America/New_York')?.says.zones ?? [];
  const bookIn = (zone: string) => zones.find(({ timeZone }) => timeZone === zone)!;
  const daysIn = (zone: string) => bookIn(zone).attended.map(({ day }) => day);
  expect(daysIn('Asia/Seoul')).toEqual([
    '1970-01-01',
    '2011-12-30',
    '2024-01-01',
    '2024-02-29',
    '2024-12-31',
    '2025-01-01',
    '2025-03-09',
    '2025-03-10',
    '2025-03-11',
    '2025-09-07',
    '2025-11-02',
  ]);
  expect(daysIn('America/New_York')).toEqual([
    '1969-12-31',
    '2011-12-30',
    '2023-12-31',
    '2024-02-28',
    '2024-02-29',
    '2024-12-31',
    '2025-03-09',
    '2025-03-10',
    '2025-09-07',
    '2025-11-02',
  ]);
  expect(daysIn('Pacific/Apia')).not.toContain('2011-12-30');
  expect(bookIn('Asia/Seoul').fixed).toEqual([
    '2025-03-08 absent',
    '2025-03-09 present',
    '2025-03-10 present',
    '2025-03-11 present',
    '2025-03-12 not yet',
    '2025-03-13 outside',
    '2025-03-14 outside',
  ]);
  expect(bookIn('America/New_York').fixed.slice(0, 4)).toEqual([
    '2025-03-08 absent',
    '2025-03-09 present',
    '2025-03-10 present',
    '2025-03-11 absent',
  ]);
  expect(bookIn('Asia/Seoul').newDay).toBe(1);
  expect(bookIn('UTC').newDay).toBe(0);
});
