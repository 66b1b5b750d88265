import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JobHistoryView, JobView } from '../../server/api/jobs-views.ts';
import { listBackups, logBackups, UNFINISHED } from '../../server/backup/backups.ts';
import { checkBackup } from '../../server/backup/check.ts';
import { startAlmanac, type Almanac } from '../support/signed-in.ts';

let almanac: Almanac;
let backups: string;
beforeAll(async () => {
  almanac = await startAlmanac();
  backups = join(almanac.server.dataDirectory, 'backups');
});
afterAll(() => almanac?.[Symbol.asyncDispose]());

const owner = () => almanac.owner.bearer;
const jobs = async () => (await almanac.query(owner(), 'jobs.list')).data as JobView[];
const backup = async () => (await jobs()).find(({ name }) => name === 'backup');
const idle = () => vi.waitFor(async () => expect((await backup())?.running).toBeNull(), 20_000);

describe('jobs', () => {
  test('are listed with the clock they go by and when they are due next', async () => {
    expect(await backup()).toMatchObject({
      name: 'backup',
      challenge: null,
      schedule: { kind: 'daily', at: '00:00', weekday: null },
      zone: 'Asia/Seoul',
      next: expect.stringMatching(/T15:00:00.000Z$/),
    });
  });

  test('run when an admin asks, and say what came of it', async () => {
    await idle();
    const answer = await almanac.ask('/api/admin/jobs/backup/run', {
      ...{ method: 'POST', headers: { ...owner(), 'content-type': 'application/json' }, body: '{}' },
    });
    expect(answer.status).toBe(201);
    const { slot } = (await answer.json()) as { slot: string };
    expect(slot).toMatch(/^now-/);
    await vi.waitFor(async () => expect((await backup())?.last).toMatchObject({ slot, status: 'finished' }), 20_000);
    expect((await backup())?.last).toMatchObject({
      askedBy: 'the-owner',
      attempts: 1,
      said: expect.stringMatching(/events, \d+ bytes, restored and read/),
    });
    const [name = ''] = listBackups(logBackups(backups));
    await checkBackup(join(logBackups(backups), name));
  });

  test('are refused while they run', async () => {
    await idle();
    const asked = await Promise.all([1, 2, 3].map(() => almanac.mutate(owner(), 'jobs.runNow', { name: 'backup' })));
    expect(asked.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    await idle();
  });

  test('that nobody knows are not found, and what has not failed is not retried', async () => {
    await idle();
    expect(await almanac.mutate(owner(), 'jobs.runNow', { name: 'coffee' })).toMatchObject({ status: 404 });
    const slot = (await backup())?.last?.slot;
    expect(await almanac.mutate(owner(), 'jobs.retry', { name: 'backup', slot })).toMatchObject({ status: 409 });
  });

  test('have a history, page by page', async () => {
    await idle();
    const answer = await almanac.ask('/api/admin/jobs/runs?name=backup&limit=1&skip=1', { headers: owner() });
    const { runs, total } = (await answer.json()) as JobHistoryView;
    expect(total).toBeGreaterThanOrEqual(2);
    expect(runs).toHaveLength(1);
    expect(existsSync(join(logBackups(backups), UNFINISHED))).toBe(false);
  });
});

test('metrics are what Prometheus takes, and tell of jobs', async () => {
  await idle();
  const answer = await almanac.ask('/metrics', { headers: owner() });
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await answer.text();
  expect(text).toMatch(/^almanac_job_runs_total\{job="backup",outcome="finished"\} [2-9]$/m);
  expect(text).toMatch(/^almanac_job_last_success_timestamp_seconds\{job="backup"\} \d+\.?\d*$/m);
  expect(text).toMatch(/^almanac_event_store_up 1$/m);
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => [name, type]));
  // As `promtool check metrics` asks: help and type for each, `_total` for counters alone, base units.
  for (const [name, type] of types) {
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.*\\.$`, 'm'));
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).toMatch(/^almanac_[a-z]+(_[a-z]+)*$/);
    expect(name).not.toMatch(/_(count|sum|bucket|info_total|milliseconds|minutes|ms)$/);
  }
  for (const line of text
    .trimEnd()
    .split('\n')
    .filter((one) => !one.startsWith('#'))) {
    expect(line).toMatch(/^[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? -?\d+(\.\d+)?(e[+-]?\d+)?$/);
    expect(types.has(line.split(/[{ ]/, 1)[0] ?? '')).toBe(true);
  }
});
