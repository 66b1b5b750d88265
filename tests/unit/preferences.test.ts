import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arrangeNotifications,
  isQuiet,
  preferences,
  PreferencesRefused,
  standardPreferences,
  type Preferences,
} from '../../domain/preferences.ts';
import { motivationChannels, reminderChannels } from '../../domain/notification.ts';
import { decisionsOf } from '../support/decision-spec.ts';

const { given } = decisionsOf(preferences);
const at = '2025-03-10T13:00:00Z';
const wish = (change: Partial<Preferences> = {}) => ({ ...standardPreferences, ...change, memberId: 'kim', at });
const seconds = (instant: string) => Date.parse(instant) / 1000;

describe('arranging notifications', () => {
  test('says how somebody wants to be reached', () =>
    given([])
      .when((state) => arrangeNotifications(wish({ reminders: false }), state))
      .then([{ type: 'NotificationsArranged', data: wish({ reminders: false }) }]));
  test('says nothing where it is so already', () =>
    given([])
      .when((state) => arrangeNotifications(wish(), state))
      .thenNothing());
  test('the order and number of channels say nothing', () =>
    given([{ type: 'NotificationsArranged', data: wish({ channels: ['email', 'inbox'], email: 'kim@example.org' }) }])
      .when((state) =>
        arrangeNotifications(wish({ channels: ['inbox', 'email', 'inbox'], email: 'kim@example.org' }), state),
      )
      .thenNothing());
  test('e-mail needs an address', () =>
    given([])
      .when((state) => arrangeNotifications(wish({ channels: ['email'] }), state))
      .thenRefuses(PreferencesRefused));
  test.each([
    { quietFrom: '22:00', quietTo: null },
    { quietFrom: null, quietTo: '07:00' },
  ])('quiet hours have a beginning and an end', (hours) =>
    given([])
      .when((state) => arrangeNotifications(wish(hours), state))
      .thenRefuses(PreferencesRefused),
  );
});

describe('quiet hours', () => {
  const night = { ...standardPreferences, quietFrom: '22:30', quietTo: '07:00' };
  const noon = { ...standardPreferences, quietFrom: '12:00', quietTo: '13:00' };
  test.each([
    ['2025-03-10T13:29:59Z', false],
    ['2025-03-10T13:30:00Z', true],
    ['2025-03-10T15:00:00Z', true],
    ['2025-03-10T21:59:59Z', true],
    ['2025-03-10T22:00:00Z', false],
  ])('over midnight in Seoul, at %s: %s', (instant, quiet) =>
    expect(isQuiet(night, seconds(instant), 'Asia/Seoul')).toBe(quiet),
  );
  test('are those of the wall clock, in summer and in winter', () => {
    expect(isQuiet(noon, seconds('2025-01-10T11:30:00Z'), 'Europe/Berlin')).toBe(true);
    expect(isQuiet(noon, seconds('2025-07-10T10:30:00Z'), 'Europe/Berlin')).toBe(true);
    expect(isQuiet(noon, seconds('2025-07-10T11:30:00Z'), 'Europe/Berlin')).toBe(false);
  });

  const clock = fc
    .integer({ min: 0, max: 1439 })
    .map((minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`);
  const instant = fc.integer({ min: 1_700_000_000, max: 1_800_000_000 });

  test('and the hours around them make up every moment, and never meet', () =>
    fc.assert(
      fc.property(clock, clock, instant, (from, to, at) => {
        fc.pre(from !== to);
        const quiet = (quietFrom: string, quietTo: string) =>
          isQuiet({ ...standardPreferences, quietFrom, quietTo }, at, 'Asia/Seoul');
        expect(quiet(from, to)).toBe(!quiet(to, from));
      }),
    ));

  test('last as many minutes of a day as lie between them', () =>
    fc.assert(
      fc.property(clock, clock, (quietFrom, quietTo) => {
        const start = seconds('2025-03-10T15:00:00Z');
        const hours = { ...standardPreferences, quietFrom, quietTo };
        const quiet = Array.from({ length: 1440 }, (_, minute) => isQuiet(hours, start + minute * 60, 'Asia/Seoul'));
        const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
        expect(quiet.filter(Boolean)).toHaveLength((minutes(quietTo) - minutes(quietFrom) + 1440) % 1440);
      }),
      { numRuns: 20 },
    ));

  test('are kept by every reminder, and by every mail', () =>
    fc.assert(
      fc.property(clock, clock, instant, fc.subarray(['inbox', 'email'] as const), (quietFrom, quietTo, at, chosen) => {
        const arranged = { ...standardPreferences, channels: [...chosen], email: 'k@example.org', quietFrom, quietTo };
        if (!isQuiet(arranged, at, 'Asia/Seoul')) return;
        expect(reminderChannels(arranged, at, 'Asia/Seoul')).toEqual([]);
        expect(motivationChannels(arranged, at, 'Asia/Seoul')).toEqual(['inbox']);
      }),
    ));
});

describe('somebody is reached', () => {
  const now = seconds('2025-03-10T13:00:00Z');
  const both: Preferences = { ...standardPreferences, channels: ['inbox', 'email'], email: 'kim@example.org' };
  test('in the inbox, who has said nothing', () =>
    expect(reminderChannels(standardPreferences, now, 'Asia/Seoul')).toEqual(['inbox']));
  test('as they chose', () => expect(reminderChannels(both, now, 'Asia/Seoul')).toEqual(['inbox', 'email']));
  test('by no mail to nowhere', () =>
    expect(reminderChannels({ ...both, email: null }, now, 'Asia/Seoul')).toEqual(['inbox']));
  test('not at all, who wants none', () => {
    expect(reminderChannels({ ...both, reminders: false }, now, 'Asia/Seoul')).toEqual([]);
    expect(motivationChannels({ ...both, motivation: false }, now, 'Asia/Seoul')).toEqual([]);
  });
});
