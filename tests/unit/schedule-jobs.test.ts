import { describe, expect, test } from 'vitest';
import type { Job } from '../../server/schedule/job.ts';
import { backupJob, collectionJob, seasonJobs } from '../../server/schedule/jobs.ts';

const season = (change: Partial<Parameters<typeof seasonJobs>[0][number]> = {}) => ({
  ...{ id: 'gardeners', title: 'Gardeners', timeZone: 'Asia/Seoul', closed: false },
  season: { kind: 'fixed', start: '2025-03-12', days: 10 } as const,
  bounds: { start: '2025-03-12', end: '2025-03-21', days: 10 },
  today: '2025-03-15',
  ...change,
});
const told: object[] = [];
const work = {
  remind: async (about: object) => {
    told.push(about);
    return 'told';
  },
  motivate: async (about: object) => {
    told.push(about);
    return 'written';
  },
};
const jobOf = (name: string): Job => {
  const job = seasonJobs([season()], work).find((one) => one.name === name);
  if (!job) throw new Error(`There is no job ${name}.`);
  return job;
};
const at = (local: string) => Temporal.PlainDateTime.from(local).toZonedDateTime('Asia/Seoul').epochMilliseconds;
const never = new AbortController().signal;

describe('a season that is under way', () => {
  test('has a reminder at 22:00 and a motivation on Mondays at 09:00, in its zone', async () => {
    expect(seasonJobs([season({ timeZone: 'Europe/Berlin' })], work)).toMatchObject([
      { name: 'reminder', schedule: { kind: 'daily', at: '22:00', zone: 'Europe/Berlin' } },
      { name: 'motivation', schedule: { kind: 'weekly', weekday: 1, at: '09:00', zone: 'Europe/Berlin' } },
    ]);
    const slot = (period: string) => ({ slot: `${period}_gardeners`, period });
    expect(await jobOf('reminder').run(slot('2025-03-15'), never, () => undefined)).toBe('told');
    expect(await jobOf('motivation').run(slot('2025-W11'), never, () => undefined)).toBe('written');
    expect(told).toEqual([
      { challengeId: 'gardeners', day: '2025-03-15' },
      { challengeId: 'gardeners', week: '2025-W11' },
    ]);
  });

  test('is neither closed nor over, and no rolling book', () => {
    const jobs = (change: Parameters<typeof season>[0]) => seasonJobs([season(change)], work).length;
    expect(jobs({ closed: true })).toBe(0);
    expect(jobs({ season: { kind: 'rolling', days: 100 } })).toBe(0);
    expect(jobs({ today: '2025-03-21' })).toBe(2);
    expect(jobs({ today: '2025-03-22' })).toBe(0);
    // The Monday of its first week.
    expect(jobs({ today: '2025-03-10' })).toBe(2);
    expect(jobs({ today: '2025-03-09' })).toBe(0);
  });

  test('reminds on its own days, and only while the day lasts', () => {
    const { matters } = jobOf('reminder');
    expect(matters?.('2025-03-15', at('2025-03-15T22:00'))).toBe(true);
    expect(matters?.('2025-03-15', at('2025-03-15T23:59:59'))).toBe(true);
    expect(matters?.('2025-03-15', at('2025-03-16T00:00'))).toBe(false);
    expect(matters?.('2025-03-11', at('2025-03-11T22:00'))).toBe(false);
    expect(matters?.('2025-03-22', at('2025-03-22T22:00'))).toBe(false);
  });

  test('motivates within the week, in each week it has a day of', () => {
    const { matters } = jobOf('motivation');
    expect(matters?.('2025-W11', at('2025-03-10T09:00'))).toBe(true);
    expect(matters?.('2025-W11', at('2025-03-16T23:59'))).toBe(true);
    expect(matters?.('2025-W11', at('2025-03-17T00:00'))).toBe(false);
    expect(matters?.('2025-W12', at('2025-03-17T09:00'))).toBe(true);
    expect(matters?.('2025-W13', at('2025-03-24T09:00'))).toBe(false);
  });
});

test('the collection says how many were read, and of how many that failed', async () => {
  const progress: object[] = [];
  const job = collectionJob({
    collectAll: async (_signal, onProgress) => {
      onProgress?.({ done: 1, total: 3 });
      return { members: 3, failed: 1, observed: 12 };
    },
  });
  const outcome = await job.run({ slot: 's', period: 's' }, never, (one) => progress.push(one));
  expect(outcome).toBe('12 commits of 3 members; 1 could not be read');
  expect(progress).toEqual([{ done: 1, total: 3 }]);
});

test('the backup says what it has, and what did not open', async () => {
  const report = { log: '/log', vault: '/vault', events: 7, bytes: 4_096, opened: 3, unopened: 2 };
  const job = backupJob('Asia/Seoul', () => Promise.resolve(report));
  expect(await job.run({ slot: 's', period: 's' }, never, () => undefined)).toBe(
    '7 events, 4096 bytes, restored and read; 2 sealed texts do not open',
  );
});
