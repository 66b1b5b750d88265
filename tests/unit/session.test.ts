import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  judgeRefresh,
  refreshSession,
  REMEMBERED_ROTATIONS,
  revokeSession,
  sessionEvents,
  sessionLife,
  startSession,
  type RefreshOutcome,
  type SessionEvent,
} from '../../domain/session.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(sessionLife);

const hash = (secret: string) => createHash('sha256').update(secret).digest('hex');
const ids = { sessionId: 's', memberId: 'kim' };
const start = Date.UTC(2026, 10, 1);
/** Seconds after the session began. */
const after = (seconds: number) => new Date(start + seconds * 1_000).toISOString();
const DAY = 86_400;

const started: SessionEvent = {
  type: 'SessionStarted',
  data: { ...ids, refreshHash: hash('a'), client: 'Firefox', at: after(0) },
};
const refreshed = (secret: string, seconds: number): SessionEvent => ({
  type: 'SessionRefreshed',
  data: { ...ids, refreshHash: hash(secret), at: after(seconds) },
});
const revoked = (reason: 'reuse' | 'expired' | 'sign-out', seconds: number, by = 'kim'): SessionEvent => ({
  type: 'SessionRevoked',
  data: { ...ids, by, reason, at: after(seconds) },
});

const refreshing = (presented: string, seconds: number) => (state: Parameters<typeof refreshSession>[1]) =>
  refreshSession({ presentedHash: hash(presented), nextHash: hash(`after ${presented}`), at: after(seconds) }, state);
const judged = (history: readonly SessionEvent[], presented: string, seconds: number): RefreshOutcome =>
  judgeRefresh({ presentedHash: hash(presented), at: after(seconds) }, fold(sessionLife, history));

describe('starting', () => {
  const input = { ...ids, refreshHash: hash('a'), client: 'Firefox', at: after(0) };
  test('a session starts once', () => {
    given([])
      .when((state) => startSession(input, state))
      .then([started]);
    given([started])
      .when((state) => startSession({ ...input, refreshHash: hash('x') }, state))
      .thenNothing();
  });
  test('one that was revoked does not start again', () =>
    given([started, revoked('sign-out', 9)])
      .when((state) => startSession(input, state))
      .thenNothing());
  test('a client names itself at any length, and 300 characters of it are kept', () => {
    const [event] = startSession({ ...input, client: '🌱'.repeat(200) }, sessionLife.initial);
    expect(event?.data).toMatchObject({ client: '🌱'.repeat(150) });
    expect(startSession({ ...input, client: `x${'🌱'.repeat(200)}` }, sessionLife.initial)).toSatisfy(
      ([one]: SessionEvent[]) => one !== undefined && sessionEvents.SessionStarted.schema.safeParse(one.data).success,
    );
  });
  test('only hashes are written, never a token', () =>
    expect(sessionEvents.SessionStarted.schema.safeParse({ ...input, refreshHash: 'a'.repeat(43) }).success).toBe(
      false,
    ));
});

describe('refreshing', () => {
  test('the current token is rotated', () => {
    given([started])
      .when(refreshing('a', 600))
      .then([refreshed('after a', 600)]);
    expect(judged([started], 'a', 600)).toBe('refreshed');
  });
  test('a token rotated away 10 seconds ago lost a race: nothing happens', () => {
    const history = [started, refreshed('b', 600)];
    given(history).when(refreshing('a', 610)).thenNothing();
    expect(judged(history, 'a', 610)).toBe('raced');
    expect(judged(history, 'a', 600)).toBe('raced');
    expect(judged(history, 'b', 610)).toBe('refreshed');
  });
  test('shown any later it is in two hands: the session is revoked', () => {
    const history = [started, refreshed('b', 600)];
    given(history)
      .when(refreshing('a', 610.001))
      .then([revoked('reuse', 610.001)]);
    expect(judged(history, 'a', 610.001)).toBe('reused');
  });
  test('a token from two rotations ago never raced, however fast they came', () => {
    const history = [started, refreshed('b', 600), refreshed('c', 601)];
    given(history)
      .when(refreshing('a', 602))
      .then([revoked('reuse', 602)]);
    expect(judged(history, 'b', 602)).toBe('raced');
  });
  test('after 30 days without a refresh it has expired', () => {
    expect(judged([started], 'a', 30 * DAY)).toBe('refreshed');
    expect(judged([started], 'a', 30 * DAY + 0.001)).toBe('expired');
    given([started])
      .when(refreshing('a', 31 * DAY))
      .then([revoked('expired', 31 * DAY)]);
  });
  test('each refresh begins the 30 days anew', () =>
    expect(judged([started, refreshed('b', 20 * DAY)], 'b', 45 * DAY)).toBe('refreshed'));
  test('a token that never was one of the session revokes nothing: whoever guesses ends nobody’s session', () => {
    given([started]).when(refreshing('guess', 600)).thenNothing();
    expect(judged([started], 'guess', 600)).toBe('unknown');
    expect(judged([], 'a', 600)).toBe('unknown');
    given([]).when(refreshing('a', 600)).thenNothing();
  });
  test('a session that is revoked is not refreshed, and not revoked again', () => {
    const history = [started, refreshed('b', 600), revoked('sign-out', 700)];
    given(history).when(refreshing('b', 701)).thenNothing();
    given(history).when(refreshing('a', 999)).thenNothing();
    expect(judged(history, 'b', 701)).toBe('revoked');
    expect(judged(history, 'guess', 701)).toBe('unknown');
  });
});

describe('a session refreshed for years', () => {
  const many = [started, ...Array.from({ length: 500 }, (_, index) => refreshed(`r${index}`, index * 600))];
  const last = 499 * 600;
  test('is decided by its newest events alone', () => {
    const newest = many.slice(-REMEMBERED_ROTATIONS);
    for (const [presented, outcome] of [
      ['r499', 'refreshed'],
      ['r498', 'raced'],
      ['r497', 'reused'],
      ['r401', 'reused'],
    ] as const) {
      expect(judged(newest, presented, last + 1), presented).toBe(outcome);
      expect(judged(many, presented, last + 1), presented).toBe(outcome);
    }
    expect(judged([...many, revoked('sign-out', last)].slice(-1), 'r499', last)).toBe('unknown');
  });
  test('remembers so many rotated tokens and no more', () => {
    expect(judged(many, 'r399', last + 60)).toBe('reused');
    expect(judged(many, 'r398', last + 60)).toBe('unknown');
  });
});

describe('revoking', () => {
  const revoking = (state: Parameters<typeof revokeSession>[1]) =>
    revokeSession({ by: 'ada', reason: 'sign-out', at: after(60) }, state);
  test('ends a session, once', () => {
    given([started])
      .when(revoking)
      .then([revoked('sign-out', 60, 'ada')]);
    given([started, revoked('reuse', 50)])
      .when(revoking)
      .thenNothing();
  });
  test('what never began does not end', () => given([]).when(revoking).thenNothing());
});

test('an event after the end changes nothing', () =>
  expect(fold(sessionLife, [started, revoked('sign-out', 60), refreshed('b', 61)])).toMatchObject({
    status: 'revoked',
    refreshHash: hash('a'),
  }));
