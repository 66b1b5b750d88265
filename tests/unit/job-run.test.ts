import { describe, expect, test } from 'vitest';
import { claimSlot, failSlot, finishSlot, jobRun, jobStream, type JobEvent } from '../../domain/job-run.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(jobRun);

const slot = { name: 'reminder', slot: '2025-03-10' };
const claim = (by: string, at: string) => ({ ...slot, by, at });
const started = (by: string, at: string): JobEvent => ({ type: 'JobStarted', data: { ...slot, by, at } });
const failed = (at: string): JobEvent => ({ type: 'JobFailed', data: { ...slot, at, reason: 'no network' } });
const finished = (at: string): JobEvent => ({ type: 'JobFinished', data: { ...slot, at, outcome: '3 reminded' } });
const limits = { attempts: 3, staleBefore: '2025-03-10T12:30:00Z' };
const [T1, T2, T3] = ['2025-03-10T13:00:00Z', '2025-03-10T13:05:00Z', '2025-03-10T13:10:00Z'];

describe('claiming a slot', () => {
  test('the first who comes runs it', () =>
    given([])
      .when((state) => claimSlot(claim('a', T1), limits, state))
      .then([started('a', T1)]));
  test('while it runs nobody else does, whoever asks', () => {
    for (const by of ['a', 'b'])
      given([started('a', T1)])
        .when((state) => claimSlot(claim(by, T2), limits, state))
        .thenNothing();
  });
  test('after a failure it is run again', () =>
    given([started('a', T1), failed(T2)])
      .when((state) => claimSlot(claim('b', T3), limits, state))
      .then([started('b', T3)]));
  test('but not more often than allowed', () => {
    const thrice = [1, 2, 3].flatMap(() => [started('a', T1), failed(T2)]);
    given(thrice)
      .when((state) => claimSlot(claim('b', T3), limits, state))
      .thenNothing();
    given(thrice)
      .when((state) => claimSlot(claim('b', T3), { ...limits, attempts: 4 }, state))
      .then([started('b', T3)]);
  });
  test('what is finished is never run again', () =>
    given([started('a', T1), finished(T2)])
      .when((state) => claimSlot(claim('b', T3), { attempts: 99, staleBefore: T3 }, state))
      .thenNothing());
  test('a run whose machine is taken for dead is taken over, within the attempts', () => {
    const long = [started('a', '2025-03-10T12:29:59Z')];
    given(long)
      .when((state) => claimSlot(claim('b', T1), limits, state))
      .then([started('b', T1)]);
    given(long)
      .when((state) => claimSlot(claim('b', T1), { ...limits, attempts: 1 }, state))
      .thenNothing();
  });
  test('an instant with parts of a second is compared as an instant, not as text', () => {
    const history = [started('a', '2025-03-10T12:30:00.500Z')];
    given(history)
      .when((state) => claimSlot(claim('b', T1), limits, state))
      .thenNothing();
  });
});

describe('ending a run', () => {
  const end = { ...claim('a', T2), outcome: '3 reminded' };
  const failure = { ...claim('a', T2), reason: 'no network' };

  test('who runs it says that it finished', () =>
    given([started('a', T1)])
      .when((state) => finishSlot(end, state))
      .then([finished(T2)]));
  test('or that it failed', () =>
    given([started('a', T1)])
      .when((state) => failSlot(failure, state))
      .then([failed(T2)]));
  test('nobody else has a say: not one who was taken over, nor after the end', () => {
    for (const history of [
      [],
      [started('b', T1)],
      [started('a', T1), started('b', T2)],
      [started('a', T1), finished(T2)],
      [started('a', T1), failed(T2)],
    ]) {
      given(history)
        .when((state) => finishSlot(end, state))
        .thenNothing();
      given(history)
        .when((state) => failSlot(failure, state))
        .thenNothing();
    }
  });
});

test('attempts are counted over failures and takings-over', () => {
  const history = [started('a', T1), failed(T2), started('b', T2), started('c', T3)];
  expect(fold(jobRun, history)).toEqual({ status: 'running', by: 'c', since: T3, attempts: 3 });
  expect(fold(jobRun, [...history, failed(T3)])).toEqual({ status: 'failed', reason: 'no network', attempts: 3 });
  expect(fold(jobRun, [...history, finished(T3)])).toEqual({ status: 'finished', attempts: 3 });
});

test('an end without a beginning is no run', () => {
  expect(fold(jobRun, [finished(T1)])).toEqual({ status: 'finished', attempts: 0 });
});

test('a slot has a stream of its own', () =>
  expect(jobStream('reminder', '2025-03-10')).toBe('job-reminder-2025-03-10'));
