import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  claimDelivery,
  isReminded,
  noteFailed,
  noteSent,
  notification,
  reminderSlot,
  type NotificationEvent,
} from '../../domain/notification.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(notification);
const at = '2025-03-10T13:00:00Z';
const attempt = { kind: 'reminder', slot: 'gardeners-2025-03-10', channel: 'webhook', recipient: 'organiser', at };
const started = (sender: string): NotificationEvent => ({ type: 'NotificationStarted', data: { ...attempt, sender } });
const sent: NotificationEvent = { type: 'NotificationSent', data: attempt };
const failed: NotificationEvent = { type: 'NotificationFailed', data: { ...attempt, reason: 'no network' } };
const nobody = () => false;
const everybody = () => true;

describe('claiming a message', () => {
  const claim = (isDead: () => boolean) => (state: typeof notification.initial) =>
    claimDelivery({ ...attempt, sender: 'b' }, isDead, state);
  test('the first who comes sends it', () =>
    given([])
      .when(claim(nobody))
      .then([started('b')]));
  test('while somebody sends it nobody else does', () =>
    given([started('a')])
      .when(claim(nobody))
      .thenNothing());
  test('whose sender is dead is sent by another', () =>
    expect(claim(everybody)(fold(notification, [started('a')]))).toEqual([started('b')]));
  test('what was sent is never sent again', () =>
    given([started('a'), sent])
      .when(claim(everybody))
      .thenNothing());
  test('what could not be sent is tried again', () =>
    given([started('a'), failed])
      .when(claim(nobody))
      .then([started('b')]));
  test('another channel and another recipient are other messages', () => {
    for (const other of [{ channel: 'kakao' }, { recipient: 'kim' }])
      given([started('a'), sent])
        .when((state) => claimDelivery({ ...attempt, ...other, sender: 'b' }, nobody, state))
        .then([{ type: 'NotificationStarted', data: { ...attempt, ...other, sender: 'b' } }]);
  });
});

describe('the end of a message', () => {
  test('it has arrived', () =>
    given([started('a')])
      .when((state) => noteSent(attempt, state))
      .then([sent]));
  test('it has arrived though somebody else took over: nobody sends it again', () =>
    given([started('a'), started('b')])
      .when((state) => noteSent(attempt, state))
      .then([sent]));
  test('its sender gives up', () =>
    given([started('a')])
      .when((state) => noteFailed({ ...attempt, sender: 'a', reason: 'no network' }, state))
      .then([failed]));
  test.each([
    ['somebody who took it over', [started('a'), started('b')]],
    ['having sent it', [started('a'), sent]],
  ])('nobody gives it up for %s', (_whom, history) =>
    given(history)
      .when((state) => noteFailed({ ...attempt, sender: 'a', reason: 'no network' }, state))
      .thenNothing(),
  );
});

describe('a reminder', () => {
  test('is for who has not attended yet, and for nobody else', () => {
    expect(isReminded('not yet')).toBe(true);
    for (const state of ['present', 'absent', 'excused', 'unknown', 'outside', undefined] as const)
      expect(isReminded(state)).toBe(false);
  });

  test('reaches a member once a day, whoever sends in whatever order and dies whenever', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            sender: fc.constantFrom('a', 'b', 'c'),
            what: fc.constantFrom('claim' as const, 'send' as const, 'fail' as const),
            isDead: fc.boolean(),
          }),
          { maxLength: 40 },
        ),
        (steps) => {
          const slot = reminderSlot('kim', '2025-03-10');
          const mine = { ...attempt, slot, recipient: 'kim' };
          const history: NotificationEvent[] = [];
          for (const { sender, what, isDead } of steps) {
            const state = fold(notification, history);
            if (what === 'claim') history.push(...claimDelivery({ ...mine, sender }, () => isDead, state));
            if (what === 'send') history.push(...noteSent(mine, state));
            if (what === 'fail') history.push(...noteFailed({ ...mine, sender, reason: 'no' }, state));
          }
          const firstSent = history.findIndex(({ type }) => type === 'NotificationSent');
          if (firstSent >= 0) expect(history.slice(firstSent + 1)).toEqual([]);
        },
      ),
    ));
});
