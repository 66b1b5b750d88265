import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryFailed, fitted, retryAfter, type Channel } from '../../server/notify/channel.ts';
import { emailChannel, isAddress } from '../../server/notify/email.ts';
import { kakaoChannel } from '../../server/notify/kakao.ts';
import { bodyOf, dialectOf, webhookChannel } from '../../server/notify/webhook.ts';
import { REST_API_KEY, startKakao, type KakaoStandIn } from '../support/kakao/server.ts';
import { startSmtp, type SmtpServer } from '../support/smtp/server.ts';
import { startHttpSink, type HttpSink } from '../support/webhook-sink/server.ts';

const message = {
  title: '정원사들 3월 10일',
  text: '출석 24명 · 아직 2명\n김정원, 이민준',
  url: 'https://a.example.org/',
};
const { signal } = new AbortController();
const KEY = '0b7e7c1e-5b1f-5f53-8d0a-6d1b7f0a9c11';
const now = () => Date.UTC(2025, 2, 10, 13);
const failureOf = async (channel: Channel, to = '') => {
  const failure: unknown = await channel.send(message, to, KEY, signal).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof DeliveryFailed)) throw new Error(`It was no failed delivery: ${String(failure)}`);
  return { message: failure.message, retryable: failure.retryable, retryAfterMs: failure.retryAfterMs };
};

describe('a webhook', () => {
  let sink: HttpSink;
  let channel: Channel;
  beforeEach(async () => {
    sink = await startHttpSink();
    channel = webhookChannel({ url: `${sink.url}/services/T0/s3cret`, now });
  });
  afterEach(() => sink[Symbol.asyncDispose]());

  test('is told by JSON that Slack and Discord both read, with a key to tell it by', async () => {
    await channel.send(message, '', KEY, signal);
    const [posted] = sink.posted;
    expect(posted?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': KEY });
    const text = '정원사들 3월 10일\n출석 24명 · 아직 2명\n김정원, 이민준\nhttps://a.example.org/';
    expect(JSON.parse(posted?.body ?? '')).toMatchObject({ text, content: text, allowed_mentions: { parse: [] } });
  });
  test('that is asked too often says how long to wait', async () => {
    sink.faults.push({ status: 429, headers: { 'retry-after': '30' } });
    expect(await failureOf(channel)).toMatchObject({ retryable: true, retryAfterMs: 30_000 });
  });
  test.each([
    [500, true],
    [503, true],
    [400, false],
    [403, false],
    [404, false],
    [410, false],
  ])('that answers with %i may be told again: %s', async (status, retryable) => {
    sink.faults.push({ status, body: 'invalid_token s3cret' });
    expect(await failureOf(channel)).toEqual({
      message: `The webhook answered with ${status}.`,
      retryable,
      retryAfterMs: null,
    });
  });
  test('leads nowhere else', async () => {
    sink.faults.push({ status: 307, headers: { location: `${sink.url}/elsewhere` } });
    expect(await failureOf(channel)).toMatchObject({ retryable: false });
    expect(sink.posted).toHaveLength(1);
  });
  test('that cuts the connection may be told again, and its address is not told', async () => {
    sink.faults.push('cut');
    const failure = await failureOf(channel);
    expect(failure.retryable).toBe(true);
    expect(failure.message).not.toContain('s3cret');
  });
});

describe('a message to a webhook', () => {
  test.each([
    ['https://hooks.slack.com/services/T/B/x', 'slack'],
    ['https://discord.com/api/webhooks/1/x', 'discord'],
    ['https://canary.discord.com/api/webhooks/1/x', 'discord'],
    ['https://notdiscord.com/api/webhooks/1/x', 'either'],
    ['https://hooks.slack.com.evil.org/', 'either'],
  ])('to %s is written for %s', (url, dialect) => expect(dialectOf(url)).toBe(dialect));
  const nasty = { title: 'Day', text: '<!channel> <@U1> @everyone [here](https://evil.org) **bold** & ```' };
  test('calls nobody at Slack', () => {
    const { text, link_names, mrkdwn } = bodyOf('slack', nasty);
    expect({ link_names, mrkdwn }).toEqual({ link_names: false, mrkdwn: false });
    expect(text).toContain('&lt;!channel&gt; &lt;@U1&gt;');
    expect(text).not.toMatch(/[<>]/);
  });
  test('calls nobody at Discord, and links nowhere', () => {
    const { content, allowed_mentions } = bodyOf('discord', nasty);
    expect(allowed_mentions).toEqual({ parse: [] });
    expect(content).toContain(String.raw`\[here\]\(https\://evil.org\)`);
  });
  test.each([
    ['slack', 'text', 4_000],
    ['discord', 'content', 2_000],
  ] as const)('to %s fits, also after escaping', (dialect, field, most) => {
    const body = bodyOf(dialect, { ...message, text: '&*'.repeat(5_000) });
    expect(String(body[field]).length).toBeLessThanOrEqual(most);
    expect(String(body[field])).toMatch(/…\nhttps:\/\/a\.example\.org\/$/);
  });
});

describe('e-mail', () => {
  let smtp: SmtpServer;
  let channel: Channel;
  beforeEach(async () => {
    smtp = await startSmtp();
    channel = emailChannel({ smtpUrl: smtp.url, from: 'Almanac <almanac@example.org>', isLocal: true });
  });
  afterEach(() => smtp[Symbol.asyncDispose]());

  test('arrives, under an id that is the same each time', async () => {
    await channel.send(message, 'kim@example.org', KEY, signal);
    await channel.send(message, 'kim@example.org', KEY, signal);
    expect(smtp.mails.map(({ to, from, headers }) => [from, to, headers.get('message-id')])).toEqual(
      Array.from({ length: 2 }, () => ['almanac@example.org', ['kim@example.org'], `<${KEY}@example.org>`]),
    );
    expect(smtp.mails[0]?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(smtp.mails[0]?.headers.get('content-type')).toMatch(/^text\/plain/);
  });
  test.each([
    ['421 at the greeting', { at: 'greeting', reply: '421 4.3.2 try later' }, true],
    ['450 for the recipient', { at: 'RCPT', reply: '450 4.2.1 mailbox busy kim@example.org' }, true],
    ['550 for the recipient', { at: 'RCPT', reply: '550 5.1.1 no such user kim@example.org' }, false],
    ['554 for the message', { at: 'message', reply: '554 5.7.1 spam' }, false],
    ['452 for the message', { at: 'message', reply: '452 4.3.1 full' }, true],
    ['a connection cut at the greeting', { at: 'greeting', reply: 'cut' }, true],
    ['a connection cut in the middle', { at: 'DATA', reply: 'cut' }, true],
    ['a connection cut when all was said', { at: 'after message', reply: 'cut' }, true],
  ] as const)('that meets %s may be sent again: %#', async (_what, fault, retryable) => {
    smtp.faults.push(fault);
    const failure = await failureOf(channel, 'kim@example.org');
    expect(failure.retryable).toBe(retryable);
    expect(failure.message).not.toContain('kim@example.org');
  });
  test('to a server that is not there may be sent again', async () => {
    const nowhere = emailChannel({ smtpUrl: 'smtp://127.0.0.1:1', from: 'a@example.org', isLocal: true });
    expect(await failureOf(nowhere, 'kim@example.org')).toMatchObject({ retryable: true });
  });
  test('is not sent unencrypted to a server elsewhere', async () => {
    const away = emailChannel({ smtpUrl: smtp.url, from: 'a@example.org', isLocal: false });
    await failureOf(away, 'kim@example.org');
    expect(smtp.mails).toEqual([]);
  });
  test('cannot be given another header or recipient', async () => {
    const title = 'Day\r\nBcc: victim@example.org\r\n\r\nBody';
    await channel.send({ ...message, title }, 'kim@example.org', KEY, signal);
    const [mail] = smtp.mails;
    expect(mail?.to).toEqual(['kim@example.org']);
    expect(mail?.headers.has('bcc')).toBe(false);
    expect(mail?.headers.get('subject')).toContain('Bcc: victim@example.org');
    for (const to of [
      'kim@example.org\r\nBcc: v@example.org',
      'kim@example.org, v@example.org',
      'Kim <k@example.org>',
      '',
    ])
      expect(await failureOf(channel, to)).toMatchObject({ retryable: false });
    expect(smtp.mails).toHaveLength(1);
  });
  test.each(['kim@example.org', 'kim+garden@mail.example.co.kr', '김@example.org'])('knows the address %s', (one) =>
    expect(isAddress(one)).toBe(true),
  );
});

describe('KakaoTalk', () => {
  let kakao: KakaoStandIn;
  let kept: string | null;
  const channelWith = (accessToken: string | null, refreshToken: string | null = null): Channel =>
    kakaoChannel({
      ...{ accessToken, apiUrl: kakao.url, authUrl: kakao.url, now },
      renewal: refreshToken === null ? null : { restApiKey: REST_API_KEY, refreshToken },
      kept: { get: () => kept, put: (token) => (kept = token) },
    });
  beforeEach(async () => {
    kakao = await startKakao();
    kept = null;
  });
  afterEach(() => kakao[Symbol.asyncDispose]());

  test('is told by a token that does', async () => {
    kakao.accessTokens.add('fresh');
    await channelWith('fresh').send(message, '', KEY, signal);
    expect(kakao.sent).toEqual(['정원사들 3월 10일\n출석 24명 · 아직 2명\n김정원, 이민준']);
  });
  test('is told no more than fits', async () => {
    kakao.accessTokens.add('fresh');
    await channelWith('fresh').send({ ...message, text: '김정원, '.repeat(90) }, '', KEY, signal);
    expect(kakao.sent[0]).toHaveLength(200);
  });
  test('renews a token that has run out', async () => {
    kakao.refreshTokens.add('refresh');
    const channel = channelWith('expired', 'refresh');
    await channel.send(message, '', KEY, signal);
    await channel.send(message, '', KEY, signal);
    expect(kakao.sent).toHaveLength(2);
    expect(kakao.posted.filter(({ path }) => path === '/oauth/token')).toHaveLength(1);
  });
  test('keeps the refresh token it is given instead, and uses it from then on', async () => {
    kakao.refreshTokens.add('refresh');
    kakao.rotates = true;
    await channelWith(null, 'refresh').send(message, '', KEY, signal);
    expect(kept).toBe('refresh-1');
    await channelWith(null, 'refresh').send(message, '', KEY, signal);
    expect(kakao.sent).toHaveLength(2);
  });
  test('takes the one of the settings where the kept one is of no use any more', async () => {
    kakao.refreshTokens.add('set anew');
    kept = 'stale';
    await channelWith(null, 'set anew').send(message, '', KEY, signal);
    expect(kakao.sent).toHaveLength(1);
  });
  test.each([
    ['that nothing renews', 'expired', null],
    ['that is not renewed', 'expired', 'wrong'],
  ])('says what to do about a token %s', async (_what, access, refresh) => {
    expect(await failureOf(channelWith(access, refresh))).toMatchObject({
      retryable: false,
      message: expect.stringContaining('KAKAO_REFRESH_TOKEN') as string,
    });
  });
  test('that is in trouble is told again', async () => {
    kakao.accessTokens.add('fresh');
    kakao.faults.push({ status: 503 });
    expect(await failureOf(channelWith('fresh'))).toMatchObject({ retryable: true });
  });
});

test.each([
  ['30', 30_000],
  ['0.5', 500],
  ['Mon, 10 Mar 2025 13:01:00 GMT', 60_000],
  ['Mon, 10 Mar 2025 12:00:00 GMT', 0],
  ['soon', null],
  ['', null],
  [null, null],
])('Retry-After %j is a wait of %j ms', (header, wait) => expect(retryAfter(header, now())).toBe(wait));

test('a text is cut between characters as people see them', () => {
  const family = '👨‍👩‍👧‍👦';
  expect(fitted(`가나다${family}${family}`, 16)).toBe(`가나다${family}…`);
  expect(fitted('가나다', 3)).toBe('가나다');
});
