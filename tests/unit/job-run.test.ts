import { describe, expect, test } from 'vitest';
import {
  abandonSlot,
  claimSlot,
  continueSlot,
  failSlot,
  finishSlot,
  jobRun,
  jobStream,
  type JobEvent,
} from '../../domain/job-run.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(jobRun);

const slot = { name: 'reminder', slot: '2025-03-10' };
const [T1, T2, T3] = ['2025-03-10T13:00:00Z', '2025-03-10T13:05:00Z', '2025-03-10T13:10:00Z'];
const claim = (by: string, at: string) => ({ ...slot, by, at });
const started = (by: string, at: string): JobEvent => ({ type: 'JobStarted', data: { ...slot, by, at } });
const continued = (by: string, at: string): JobEvent => ({ type: 'JobContinued', data: { ...slot, by, at } });
const failed = (at: string, retryAt?: string): JobEvent => ({
  type: 'JobFailed',
  data: { ...slot, at, reason: 'no network', ...(retryAt !== undefined && { retryAt }) },
});
const stopped = (at: string): JobEvent => ({
  type: 'JobFailed',
  data: { ...slot, at, reason: 'the server was stopped', retryAt: at, stopped: true },
});
const finished = (at: string): JobEvent => ({ type: 'JobFinished', data: { ...slot, at, outcome: '3 reminded' } });
const nobodyIsDead = () => false;
const limits = { failures: 3, isDead: nobodyIsDead };

describe('claiming a slot', () => {
  test('the first who comes runs it', () =>
    given([])
      .when((state) => claimSlot(claim('a', T1), limits, state))
      .then([started('a', T1)]));
  test('while it runs nobody else does, whoever asks', () => {
    for (const by of ['a', 'b'])
      given([started('a', T1), continued('a', T2)])
        .when((state) => claimSlot({ ...claim(by, T2), askedBy: 'local' }, limits, state))
        .thenNothing();
  });
  test('after a failure it is run again, not before the time that the failure names', () => {
    const history = [started('a', T1), failed(T1, T2)];
    given(history)
      .when((state) => claimSlot(claim('b', T1), limits, state))
      .thenNothing();
    given(history)
      .when((state) => claimSlot(claim('b', T3), limits, state))
      .then([started('b', T3)]);
  });
  test('an instant with parts of a second is compared as an instant, not as text', () =>
    given([started('a', T1), failed(T1, '2025-03-10T13:05:00.500Z')])
      .when((state) => claimSlot(claim('b', T2), limits, state))
      .thenNothing());
  test('but not more often than allowed, unless somebody asks', () => {
    const thrice = [1, 2, 3].flatMap(() => [started('a', T1), failed(T2, T2)]);
    given(thrice)
      .when((state) => claimSlot(claim('b', T3), limits, state))
      .thenNothing();
    given(thrice)
      .when((state) => claimSlot(claim('b', T3), { ...limits, failures: 4 }, state))
      .then([started('b', T3)]);
    given(thrice)
      .when((state) => claimSlot({ ...claim('b', T3), askedBy: 'local' }, limits, state))
      .then([{ type: 'JobStarted', data: { ...slot, by: 'b', at: T3, askedBy: 'local' } }]);
  });
  test('a failure that names no time is repeated by nobody who is not asked to', () =>
    given([started('a', T1), failed(T2)])
      .when((state) => claimSlot(claim('b', T3), limits, state))
      .thenNothing());
  test('a server that was stopped has not used up an attempt', () => {
    const history = [1, 2, 3, 4].flatMap(() => [started('a', T1), stopped(T2)]);
    given(history)
      .when((state) => claimSlot(claim('b', T3), { ...limits, failures: 1 }, state))
      .then([started('b', T3)]);
  });
  test('what is finished is never run again, whoever asks', () =>
    given([started('a', T1), finished(T2)])
      .when((state) => claimSlot({ ...claim('b', T3), askedBy: 'local' }, { failures: 99, isDead: () => true }, state))
      .thenNothing());
  test('a run whose server is dead is taken over, however many died in it: that is no failure', () => {
    const isDead = ({ by }: { by: string }) => by === 'a';
    for (const deaths of [1, 2, 20])
      given(Array.from({ length: deaths }, () => started('a', T1)))
        .when((state) => claimSlot(claim('b', T2), { failures: 1, isDead }, state))
        .then([started('b', T2)]);
  });
  test('whoever is said to go on since one took them for dead is alive', () => {
    const seen = fold(jobRun, [started('a', T1)]);
    const isDead = (run: { beats: number }) => 'beats' in seen && run.beats === seen.beats;
    given([started('a', T1), continued('a', T2)])
      .when((state) => claimSlot(claim('b', T3), { failures: 3, isDead }, state))
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
  test('or that it failed, and when it may be tried again', () => {
    given([started('a', T1)])
      .when((state) => failSlot(failure, state))
      .then([failed(T2)]);
    given([started('a', T1)])
      .when((state) => failSlot({ ...failure, retryAt: T3 }, state))
      .then([failed(T2, T3)]);
  });
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
      given(history)
        .when((state) => continueSlot(claim('a', T2), state))
        .thenNothing();
    }
  });
  test('a dead run that nobody takes over is said to have failed; one that is alive is not', () => {
    const dead = { ...slot, at: T2, reason: 'its server is gone' };
    given([started('a', T1)])
      .when((state) => abandonSlot(dead, () => true, state))
      .then([{ type: 'JobFailed', data: dead }]);
    given([started('a', T1)])
      .when((state) => abandonSlot(dead, nobodyIsDead, state))
      .thenNothing();
    for (const history of [[], [started('a', T1), finished(T1)]])
      given(history)
        .when((state) => abandonSlot(dead, () => true, state))
        .thenNothing();
  });
});

test('who runs a slot may say that it goes on, each time anew', () => {
  const state = fold(jobRun, [started('a', T1), continued('a', T2)]);
  expect(continueSlot(claim('a', T3), state)).toEqual([continued('a', T3)]);
});

test('attempts are counted over failures and takings-over', () => {
  const history = [started('a', T1), failed(T2, T3), started('b', T2), continued('b', T2), started('c', T3)];
  expect(fold(jobRun, history)).toEqual({ status: 'running', by: 'c', since: T3, attempts: 3, failures: 1, beats: 0 });
  expect(fold(jobRun, [...history, failed(T3)])).toEqual({
    status: 'failed',
    reason: 'no network',
    attempts: 3,
    failures: 2,
    retryAt: null,
  });
  expect(fold(jobRun, [...history, finished(T3)])).toEqual({ status: 'finished', attempts: 3, failures: 1 });
});

test('an end without a beginning is no run, and nothing goes on after the end', () => {
  expect(fold(jobRun, [finished(T1)])).toEqual({ status: 'finished', attempts: 0, failures: 0 });
  expect(fold(jobRun, [started('a', T1), finished(T1), continued('a', T2)])).toEqual({
    status: 'finished',
    attempts: 1,
    failures: 0,
  });
});

test('a slot has a stream of its own', () =>
  expect(jobStream('reminder', '2025-03-10')).toBe('job-reminder-2025-03-10'));
