import { describe, expect, test } from 'vitest';
import { countJobRuns, jobRuns, jobs, jobTotals, lastJobRun, runsUnderWay } from '../../projections/jobs.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const [T1, T2, T3] = ['2025-03-10T13:00:00Z', '2025-03-10T13:00:30Z', '2025-03-10T13:02:00Z'];
const started = (name: string, slot: string, at = T1, askedBy?: string): GivenEvent => ({
  type: 'JobStarted',
  data: { name, slot, at, by: 'server', ...(askedBy !== undefined && { askedBy }) },
});
const finished = (name: string, slot: string, at = T2): GivenEvent => ({
  type: 'JobFinished',
  data: { name, slot, at, outcome: 'done' },
});
const failed = (name: string, slot: string, at = T2, stopped?: true): GivenEvent => ({
  type: 'JobFailed',
  data: { name, slot, at, reason: 'no network', retryAt: T3, ...(stopped && { stopped }) },
});

describe('runs of jobs', () => {
  test('are listed the latest first, with what came of them', () => {
    const spec = projectionSpec(jobs).when(
      [
        started('backup', '2025-03-10'),
        started('toil', '2025-03-10T13'),
        finished('backup', '2025-03-10'),
        failed('toil', '2025-03-10T13'),
      ],
      { numberOfTimes: 2 },
    );
    expect(spec.query((model) => jobRuns(model, { skip: 0, limit: 9 }))).toMatchObject([
      { name: 'toil', status: 'failed', said: 'no network', retryAt: T3, attempts: 1 },
      { name: 'backup', status: 'finished', said: 'done', startedAt: T1, endedAt: T2, by: 'server', askedBy: null },
    ]);
    expect(spec.query((model) => jobRuns(model, { name: 'backup', skip: 0, limit: 9 }))).toHaveLength(1);
    expect(spec.query((model) => jobRuns(model, { skip: 1, limit: 1 }))).toMatchObject([{ name: 'backup' }]);
    expect(spec.query((model) => [countJobRuns(model), countJobRuns(model, 'toil')])).toEqual([2, 1]);
  });

  test('count attempts, but not those that a stopped server broke off', () => {
    const spec = projectionSpec(jobs).given([
      started('toil', 's'),
      failed('toil', 's'),
      started('toil', 's', T2),
      failed('toil', 's', T3, true),
      started('toil', 's', T3),
    ]);
    expect(spec.query((model) => lastJobRun(model, 'toil'))).toMatchObject({
      ...{ status: 'running', attempts: 2, startedAt: T1, attemptAt: T3, endedAt: null, said: null, retryAt: null },
    });
  });

  test('are under way until their end is said', () => {
    const spec = projectionSpec(jobs).given([
      started('a', '1'),
      started('a', '2'),
      started('b', '1'),
      finished('a', '1'),
    ]);
    expect(spec.query(runsUnderWay)).toEqual([
      { name: 'a', slot: '2' },
      { name: 'b', slot: '1' },
    ]);
  });

  test('of a season are told from those of another', () => {
    const spec = projectionSpec(jobs).given([started('r', '2025-03-10_a'), started('r', '2025-03-10_b', T2)]);
    expect(spec.query((model) => lastJobRun(model, 'r', '_a'))).toMatchObject({ slot: '2025-03-10_a' });
    expect(spec.query((model) => lastJobRun(model, 'r', '_c'))).toBeUndefined();
  });

  test('are added up for ever: how many ended how, and how long they took', () => {
    const spec = projectionSpec(jobs).when(
      [
        started('a', '1'),
        failed('a', '1'),
        started('a', '1', T2),
        finished('a', '1', T3),
        started('a', '2'),
        finished('a', '2'),
        finished('a', '2', T3),
      ],
      { numberOfTimes: 2 },
    );
    expect(spec.query(jobTotals)).toEqual([
      { name: 'a', outcome: 'failed', runs: 1, milliseconds: 30_000, lastAt: T2 },
      { name: 'a', outcome: 'finished', runs: 2, milliseconds: 120_000, lastAt: T2 },
    ]);
  });

  test('that somebody asked for stay theirs when they turn out to be somebody else', () => {
    const spec = projectionSpec(jobs)
      .given([started('a', 'now-1', T1, 'kim')])
      .when([{ type: 'MemberMerged', data: { memberId: 'kim', into: 'lee' } }], { numberOfTimes: 2 });
    expect(spec.query((model) => lastJobRun(model, 'a'))).toMatchObject({ askedBy: 'lee' });
  });
});
