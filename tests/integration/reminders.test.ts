import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { challengeStream } from '../../domain/challenge.ts';
import { memberStream } from '../../domain/member.ts';
import { notificationHistory } from '../../projections/messages-queries.ts';
import { DeliveryFailed } from '../../server/notify/channel.ts';
import { NotAllDelivered } from '../../server/notify/remind.ts';
import { messagesRig, SEASON, type MessagesRig } from '../support/messages-rig.ts';

const TODAY = '2025-03-20';
const slot = { challengeId: SEASON, day: TODAY };
const { signal } = new AbortController();
const down = new DeliveryFailed('The webhook answered with 503.', { retryable: true });

let rig: MessagesRig;
beforeEach(async () => {
  rig = await messagesRig();
  await rig.member('kim', { name: '김정원' });
  await rig.member('lee', { name: '이민준' });
  await rig.member('ada', { name: 'Ada' });
  await rig.attended('ada', TODAY);
});
afterEach(() => rig[Symbol.asyncDispose]());

const history = async () => {
  await rig.settled();
  return notificationHistory(rig.model('messages'), { limit: 99 }).map(({ channel, recipient, status, reason }) => ({
    ...{ channel, recipient, status, reason },
  }));
};

describe('the reminder of an evening', () => {
  test('tells the organiser who has not attended yet, and each of them', async () => {
    expect(await rig.open().remind(slot, signal)).toBe('organiser told by 1 channels, 2 of 2 reminded');
    expect(rig.webhook.sent).toMatchObject([
      {
        title: '정원사들 3월 20일 출석 (11/100일째)',
        text: '출석 1명 · 아직 2명\n아직 출석하지 않은 사람: 김정원, 이민준',
        url: 'https://almanac.example.org/days/2025-03-20',
      },
    ]);
    expect(await rig.inbox('kim')).toEqual([expect.stringContaining('김정원님, 3월 20일 출석이 아직')]);
    expect(await rig.inbox('ada')).toEqual([]);
    expect(await history()).toEqual([{ channel: 'webhook', recipient: 'organiser', status: 'sent', reason: null }]);
  });

  test('says briefly that everybody attended', async () => {
    await rig.attended('kim', TODAY);
    await rig.attended('lee', TODAY);
    await rig.open().remind(slot, signal);
    expect(rig.webhook.sent.map(({ text }) => text)).toEqual(['오늘은 3명 모두 출석했습니다. 🌱']);
  });

  test('calls nobody absent whose commits could not be read, and does not remind them', async () => {
    await rig.say('collection-lee', {
      type: 'CollectionFailed',
      data: { source: 'github', sourceId: 'lee', at: '2025-03-20T12:30:00Z', reason: 'unavailable', message: 'no' },
    });
    await rig.open().remind(slot, signal);
    expect(rig.webhook.sent[0]?.text).toBe(
      '출석 1명 · 아직 1명 · 확인 못 함 1명\n아직 출석하지 않은 사람: 김정원\n커밋을 읽지 못해 알 수 없는 사람: 이민준',
    );
    expect(await rig.inbox('lee')).toEqual([]);
  });

  test('is about today and no other day', async () => {
    rig.setClock('2025-03-20T15:00:00Z');
    expect(await rig.open().remind(slot, signal)).toContain('nobody to remind');
    expect(rig.webhook.sent).toEqual([]);
    expect(await rig.inbox('kim')).toEqual([]);
  });

  test('is not of a season that is closed', async () => {
    await rig.say(challengeStream(SEASON), { type: 'ChallengeClosed', data: { challengeId: SEASON } });
    expect(await rig.open().remind(slot, signal)).toContain('nobody to remind');
  });

  test('leaves out who attends before their turn comes', async () => {
    const messages = rig.open();
    await rig.attended('lee', TODAY);
    await messages.remind(slot, signal);
    expect(await rig.inbox('lee')).toEqual([]);
  });

  test('reaches nobody who cannot sign in, wants none, or sleeps', async () => {
    const at = '2025-03-19T00:00:00Z';
    await rig.say(memberStream('kim'), { type: 'MemberDeactivated', data: { memberId: 'kim', by: 'local', at } });
    await rig.arranged('lee', { quietFrom: '21:00', quietTo: '08:00' });
    await rig.member('wim');
    await rig.arranged('wim', { reminders: false });
    await rig.open().remind(slot, signal);
    expect(rig.webhook.sent[0]?.text).toBe('출석 1명 · 아직 2명\n아직 출석하지 않은 사람: wim, 이민준');
    for (const who of ['kim', 'lee', 'wim']) expect(await rig.inbox(who)).toEqual([]);
  });

  test('goes by e-mail to who chose that, and once a day', async () => {
    await rig.arranged('kim', { channels: ['email'], email: 'kim@example.org', language: 'en' });
    const messages = rig.open();
    await messages.remind(slot, signal);
    await messages.remind(slot, signal);
    expect(rig.email.sent).toMatchObject([
      { to: 'kim@example.org', text: expect.stringContaining('on March 20') as string },
    ]);
    expect(await rig.inbox('kim')).toEqual([]);
    expect(rig.filesWith('kim@example.org')).toEqual([]);
  });

  test('reaches a member of two seasons once a day', async () => {
    const data = { challengeId: 'foresters', title: '숲', timeZone: 'Asia/Seoul' };
    const season = { kind: 'fixed' as const, start: '2025-03-10', days: 100 };
    const rule = { commitsPerDay: 1, excludedWeekdays: [], excusedDays: 0 };
    await rig.say(
      challengeStream('foresters'),
      { type: 'ChallengeOpened', data: { ...data, season, rule } },
      { type: 'MemberJoined', data: { challengeId: 'foresters', memberId: 'kim' } },
    );
    await rig.arranged('kim', { channels: ['inbox', 'email'], email: 'kim@example.org' });
    const messages = rig.open();
    await Promise.all([messages.remind(slot, signal), messages.remind({ ...slot, challengeId: 'foresters' }, signal)]);
    expect(await rig.inbox('kim')).toHaveLength(1);
    expect(rig.email.sent).toHaveLength(1);
    expect(rig.webhook.sent).toHaveLength(2);
  });
});

describe('a reminder of which nothing is doubled', () => {
  test('asked for by ten servers at once is one message', async () => {
    await rig.arranged('kim', { channels: ['inbox', 'email'], email: 'kim@example.org' });
    rig.webhook.sending = sleep(50);
    await Promise.all(Array.from({ length: 10 }, () => rig.open().remind(slot, signal)));
    expect(rig.webhook.sent).toHaveLength(1);
    expect(rig.email.sent).toHaveLength(1);
    expect(await rig.inbox('kim')).toHaveLength(1);
    expect(await rig.inbox('lee')).toHaveLength(1);
  });

  test('killed between sending and saying so is sent with the same key', async () => {
    const { append } = rig.store;
    const killed = rig.open();
    rig.store.append = function (stream, events, options) {
      if (events.some(({ type }) => type === 'NotificationSent')) return Promise.reject(new Error('killed'));
      return append.call(this, stream, events, options);
    };
    await expect(killed.remind(slot, signal)).rejects.toThrow('killed');
    rig.store.append = append;
    expect(rig.webhook.sent).toHaveLength(1);
    rig.setClock('2025-03-20T13:04:00Z');
    await rig.open().remind(slot, signal);
    expect(rig.webhook.sent).toHaveLength(2);
    expect(new Set(rig.webhook.sent.map(({ key }) => key)).size).toBe(1);
    expect(await rig.inbox('kim')).toHaveLength(1);
  });

  test('is taken over at once where nobody else can be alive', async () => {
    const started = { kind: 'reminder', slot: `${SEASON}-${TODAY}`, channel: 'webhook', recipient: 'organiser' };
    await rig.say(`notification-reminder-${SEASON}-${TODAY}`, {
      type: 'NotificationStarted',
      data: { ...started, sender: 'who was killed', at: '2025-03-20T12:59:59Z' },
    });
    await rig.open({ alone: true }).remind(slot, signal);
    expect(rig.webhook.sent).toHaveLength(1);
  });

  test('broken off by a stop goes on afterwards', async () => {
    const stopped = rig.open();
    const { send } = rig.webhook;
    const begun = Promise.withResolvers<void>();
    rig.webhook.send = (_message, _to, _key, ending) => {
      const sending = Promise.withResolvers<void>();
      ending.addEventListener('abort', () => sending.reject(new DeliveryFailed('broken off', { retryable: true })));
      begun.resolve();
      return sending.promise;
    };
    const outcome = expect(stopped.remind(slot, signal)).rejects.toThrow();
    await begun.promise;
    await stopped[Symbol.asyncDispose]();
    await outcome;
    rig.webhook.send = send;
    await rig.open().remind(slot, signal);
    expect(rig.webhook.sent).toHaveLength(1);
    expect(await rig.inbox('kim')).toHaveLength(1);
  });
});

describe('a channel that fails', () => {
  test('is tried again, keeps nobody else from being told, and is told of', async () => {
    rig.webhook.failing = down;
    const messages = rig.open();
    await expect(messages.remind(slot, signal)).rejects.toThrow(NotAllDelivered);
    expect(await rig.inbox('kim')).toHaveLength(1);
    expect(await history()).toMatchObject([{ channel: 'webhook', status: 'failed', reason: down.message }]);
    rig.webhook.failing = null;
    expect(await messages.remind(slot, signal)).toContain('organiser told by 1 channels');
    expect(rig.webhook.sent).toHaveLength(1);
    expect(await rig.inbox('kim')).toHaveLength(1);
    expect(await history()).toMatchObject([{ channel: 'webhook', status: 'sent' }]);
  });

  test('is not waited for longer than a reminder is worth', async () => {
    rig.webhook.failing = new DeliveryFailed('too often', { retryable: true, retryAfterMs: 3_600_000 });
    const begun = Date.now();
    await expect(rig.open().remind(slot, signal)).rejects.toThrow(NotAllDelivered);
    expect(Date.now() - begun).toBeLessThan(5_000);
  });
});
