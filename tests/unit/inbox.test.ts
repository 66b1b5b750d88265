import { describe, test } from 'vitest';
import { announce, announcement, noteDelivered } from '../../domain/announcement.ts';
import { deliver, inbox, openInbox, type InboxEvent } from '../../domain/inbox.ts';
import { decisionsOf } from '../support/decision-spec.ts';

const at = '2025-03-10T13:00:00Z';
const message = {
  ...{ memberId: 'kim', messageId: 'm1', kind: 'reminder' as const, challengeId: 'gardeners' },
  ...{ text: 'Not yet.', at },
};
const delivered: InboxEvent = { type: 'MessageDelivered', data: message };

describe('an inbox', () => {
  const { given } = decisionsOf(inbox);
  test('a message is delivered', () =>
    given([])
      .when((state) => deliver(message, state))
      .then([delivered]));
  test('once, also when it says something else by now', () =>
    given([delivered])
      .when((state) => deliver({ ...message, text: 'Still not.', at: '2025-03-10T14:00:00Z' }, state))
      .thenNothing());
  test('is opened up to a message', () =>
    given([])
      .when((state) => openInbox({ memberId: 'kim', through: at, at }, state))
      .then([{ type: 'InboxOpened', data: { memberId: 'kim', through: at, at } }]));
  test('what was seen stays seen', () =>
    given([{ type: 'InboxOpened', data: { memberId: 'kim', through: at, at } }])
      .when((state) => openInbox({ memberId: 'kim', through: '2025-03-09T13:00:00Z', at }, state))
      .thenNothing());
});

describe('an announcement', () => {
  const { given } = decisionsOf(announcement);
  const posted = {
    ...{ challengeId: 'gardeners', announcementId: 'a1', memberId: 'bo', text: 'Saturday!', by: 'bo', at },
  };
  const delivered = { challengeId: 'gardeners', announcementId: 'a1', members: 3, at };
  test('is posted once', () =>
    given([])
      .when((state) => announce(posted, state))
      .then([{ type: 'AnnouncementPosted', data: posted }]));
  test('is delivered once', () =>
    given([{ type: 'AnnouncementPosted', data: posted }])
      .when((state) => noteDelivered(delivered, state))
      .then([{ type: 'AnnouncementDelivered', data: delivered }]));
  test('is not delivered before it is posted', () =>
    given([])
      .when((state) => noteDelivered(delivered, state))
      .thenNothing());
});
