import { describe, expect, test } from 'vitest';
import { messages } from '../../projections/messages.ts';
import {
  approvedDrafts,
  draftsOf,
  inboxOf,
  isAutomatic,
  lastOutcome,
  latestMotivation,
  letGoBy,
  newestIn,
  notificationHistory,
  preferencesOf,
  undelivered,
  unreadOf,
  weeksOf,
} from '../../projections/messages-queries.ts';
import { standardPreferences } from '../../domain/preferences.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const hour = (number: number) => `2025-03-10T${String(number).padStart(2, '0')}:00:00Z`;
const delivered = (memberId: string, number: number): GivenEvent => ({
  type: 'MessageDelivered',
  data: {
    ...{ memberId, messageId: `${memberId}-${number}`, kind: 'reminder', challengeId: 'gardeners' },
    ...{ text: `=text ${number}`, at: hour(number) },
  },
});
const opened = (memberId: string, number: number): GivenEvent => ({
  type: 'InboxOpened',
  data: { memberId, through: hour(number), at: hour(23) },
});
const place = (memberId: string, week = '2025-W12') => ({ challengeId: 'gardeners', memberId, week });
const drafted = (memberId: string, week?: string): GivenEvent => ({
  type: 'MotivationDrafted',
  data: {
    ...place(memberId, week),
    ...{ text: `=for ${memberId}`, prompt: '={}', writer: 'claude/some', fallback: null },
    ...{ tokens: { input: 3, output: 2 }, at: hour(1) },
  },
});
const by = { by: 'bo', at: hour(2) };
const approved = (memberId: string, week?: string): GivenEvent => ({
  type: 'MotivationApproved',
  data: { ...place(memberId, week), ...by },
});
const sent = (memberId: string, week?: string): GivenEvent => ({
  type: 'MotivationSent',
  data: { ...place(memberId, week), at: hour(3) },
});
const arranged: GivenEvent = {
  type: 'NotificationsArranged',
  data: {
    ...{ memberId: 'kim', reminders: false, motivation: true, channels: ['inbox', 'email'], email: '=k@example.org' },
    ...{ quietFrom: '22:00', quietTo: '07:00', language: 'en', at: hour(1) },
  },
};
const posted: GivenEvent = {
  type: 'AnnouncementPosted',
  data: { challengeId: 'gardeners', announcementId: 'a1', memberId: 'bo', text: '=Saturday!', by: 'bo', at: hour(4) },
};
const attempt = {
  ...{ kind: 'reminder', slot: 'kim-2025-03-10', channel: 'email', recipient: 'kim', at: hour(13) },
};
const erased = (memberId: string): GivenEvent => ({
  type: 'MemberErased',
  data: { memberId, identityIds: [], by: 'local', at: hour(20) },
});
const merged = (memberId: string, into: string): GivenEvent => ({ type: 'MemberMerged', data: { memberId, into } });
const spec = projectionSpec(messages);

describe('an inbox', () => {
  test('shows the latest first, and what is unread', () => {
    const inbox = spec
      .given([delivered('kim', 1), delivered('lee', 1), opened('kim', 1)])
      .when([delivered('kim', 2), delivered('kim', 3)], { numberOfTimes: 2 });
    const page = inbox.query((model) => inboxOf(model, 'kim', { limit: 2 }));
    expect(page.map(({ message_id, unread }) => [message_id, unread])).toEqual([
      ['kim-3', true],
      ['kim-2', true],
    ]);
    const older = inbox.query((model) => inboxOf(model, 'kim', { limit: 2, before: page[1]?.position }));
    expect(older.map(({ message_id, unread }) => [message_id, unread])).toEqual([['kim-1', false]]);
    expect(inbox.query((model) => [unreadOf(model, 'kim'), unreadOf(model, 'lee'), unreadOf(model, 'bo')])).toEqual([
      2, 1, 0,
    ]);
    expect(inbox.query((model) => [newestIn(model, 'kim'), newestIn(model, 'bo')])).toEqual([hour(3), null]);
  });
  test('is not unread again by an older page', () =>
    expect(
      spec.given([delivered('kim', 2), opened('kim', 2), opened('kim', 1)]).query((model) => unreadOf(model, 'kim')),
    ).toBe(0));
  test('goes with who turned out to be somebody else', () => {
    const inbox = spec.given([delivered('kim', 1), delivered('garden-kim', 2), opened('kim', 1)]);
    const people = inbox.when([merged('kim', 'garden-kim')], { numberOfTimes: 2 });
    expect(people.query((model) => inboxOf(model, 'garden-kim', { limit: 9 }).map((one) => one.unread))).toEqual([
      true,
      false,
    ]);
    expect(people.query((model) => inboxOf(model, 'kim', { limit: 9 }))).toEqual([]);
  });
});

describe('preferences', () => {
  test('are those everybody has until somebody arranges theirs', () => {
    const given = spec.given([arranged]);
    expect(given.query((model) => preferencesOf(model, 'lee'))).toEqual(standardPreferences);
    expect(given.query((model) => preferencesOf(model, 'kim'))).toEqual({
      ...{ reminders: false, motivation: true, channels: ['inbox', 'email'], email: '=k@example.org' },
      ...{ quietFrom: '22:00', quietTo: '07:00', language: 'en' },
    });
  });
  test('go with who turned out to be somebody else, who has none of their own', () =>
    expect(
      spec.given([arranged, merged('kim', 'garden-kim')]).query((model) => preferencesOf(model, 'garden-kim').language),
    ).toBe('en'));
});

describe('motivations', () => {
  test('wait, are edited, go and arrive', () => {
    const given = spec.given([
      drafted('kim'),
      drafted('lee'),
      { type: 'MotivationEdited', data: { ...place('kim'), ...by, text: '=better' } },
      approved('kim'),
    ]);
    const rows = given.query((model) => draftsOf(model, 'gardeners', '2025-W12'));
    expect(
      rows.map(({ member_id, status, text, written, tokens }) => [member_id, status, text, written, tokens]),
    ).toEqual([
      ['kim', 'approved', '=better', 'MotivationEdited', { input: 3, output: 2 }],
      ['lee', 'draft', '=for lee', 'MotivationDrafted', { input: 3, output: 2 }],
    ]);
    expect(given.query((model) => approvedDrafts(model).map(({ member_id }) => member_id))).toEqual(['kim']);
    expect(given.query((model) => latestMotivation(model, 'kim'))).toBeUndefined();
    const arrived = given.when([sent('kim'), drafted('kim', '2025-W13')], { numberOfTimes: 2 });
    expect(arrived.query((model) => latestMotivation(model, 'kim')?.week)).toBe('2025-W12');
    expect(arrived.query((model) => weeksOf(model, 'gardeners'))).toEqual(['2025-W13', '2025-W12']);
  });
  test('go by themselves where somebody says so', () => {
    const given = spec.given([
      { type: 'MotivationArranged', data: { challengeId: 'gardeners', automatic: true, ...by } },
    ]);
    expect(given.query((model) => [isAutomatic(model, 'gardeners'), isAutomatic(model, 'foresters')])).toEqual([
      true,
      false,
    ]);
    expect(given.query((model) => letGoBy(model, 'gardeners'))).toBe('bo');
  });
  test('of who turned out to be somebody else: what was sent is theirs, what waits is gone', () => {
    const given = spec.given([drafted('kim'), approved('kim'), sent('kim'), drafted('kim', '2025-W13')]);
    const people = given.when([merged('kim', 'garden-kim')], { numberOfTimes: 2 });
    expect(people.query((model) => latestMotivation(model, 'garden-kim')?.week)).toBe('2025-W12');
    expect(people.query((model) => draftsOf(model, 'gardeners', '2025-W13'))).toEqual([]);
  });
});

describe('what left the house', () => {
  const history: GivenEvent[] = [
    { type: 'NotificationStarted', data: { ...attempt, sender: 's' } },
    { type: 'NotificationFailed', data: { ...attempt, reason: 'The mail server answered with 450.' } },
    { type: 'NotificationStarted', data: { ...attempt, channel: 'webhook', recipient: 'organiser', sender: 's' } },
  ];
  test('is told by its last state, the latest first', () => {
    const rows = spec.given(history).query((model) => notificationHistory(model, { limit: 9 }));
    expect(rows.map(({ channel, status, reason }) => [channel, status, reason])).toEqual([
      ['webhook', 'sending', null],
      ['email', 'failed', 'The mail server answered with 450.'],
    ]);
  });
  test('has a last outcome for each channel', () => {
    const outcome = (channel: string) => spec.given(history).query((model) => lastOutcome(model, channel)?.status);
    expect([outcome('email'), outcome('webhook')]).toEqual(['failed', undefined]);
  });
});

test('an announcement is undelivered until everybody has it', () => {
  const given = spec.given([posted]);
  expect(given.query((model) => undelivered(model).map((one) => one.text))).toEqual(['=Saturday!']);
  const data = { challengeId: 'gardeners', announcementId: 'a1', members: 3, at: hour(5) };
  expect(given.when([{ type: 'AnnouncementDelivered', data }]).query((model) => undelivered(model))).toEqual([]);
});

test('nothing is left of somebody erased', () => {
  const given = spec.given([
    ...[delivered('bo', 1), opened('bo', 1), drafted('bo'), posted],
    { ...arranged, data: { ...arranged.data, memberId: 'bo' } } as GivenEvent,
    { type: 'NotificationSent', data: { ...attempt, recipient: 'bo' } },
    delivered('kim', 1),
  ]);
  const rows = given.when([erased('bo')], { numberOfTimes: 2 }).rows();
  expect(JSON.stringify({ ...rows, announcements: [] })).not.toContain('"bo"');
  expect(rows['announcements']).toMatchObject([{ member_id: 'bo', text: '' }]);
  expect(rows['inbox']).toHaveLength(1);
});
