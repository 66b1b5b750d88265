import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHttpSink, type HttpSink } from '../support/webhook-sink/server.ts';
import { startSmtp, type SmtpServer } from '../support/smtp/server.ts';
import { startAlmanac, type Almanac, type Person } from '../support/signed-in.ts';
import { GitRepository } from '../support/git-repository.ts';

let repository: GitRepository;
let sink: HttpSink;
let smtp: SmtpServer;
let almanac: Almanac;
let kim: Person;
let lee: Person;
let challenge: string;
const standard = {
  ...{ reminders: true, motivation: true, channels: ['inbox'], email: null },
  ...{ quietFrom: null, quietTo: null, language: 'ko' },
};

beforeAll(async () => {
  repository = await GitRepository.create();
  await repository.commit({
    author: 'Kim <kim@example.org>',
    message: 'Plant a tree',
    at: '2025-03-10T09:00:00+09:00',
  });
  sink = await startHttpSink();
  smtp = await startSmtp();
  almanac = await startAlmanac({
    repositories: [repository.path],
    env: {
      NOTIFY_WEBHOOK_URL: `${sink.url}/hook`,
      SMTP_URL: smtp.url,
      MAIL_FROM: 'Almanac <almanac@example.org>',
      NOTIFY_EMAIL: 'organiser@example.org',
    },
  });
  const { github, mutate, owner } = almanac;
  for (const login of ['kim', 'lee']) {
    github.addUser({ login, emails: [{ email: `${login}@example.org`, verified: true, primary: true }] });
    const { id } = await almanac.signIn(login);
    await mutate(owner.bearer, 'users.approve', { id });
  }
  kim = await almanac.signIn('kim');
  lee = await almanac.signIn('lee');
  await mutate(owner.bearer, 'status.collectNow');
  const listed = (await almanac.query(owner.bearer, 'challenges.list')).data as { id: string }[];
  challenge = listed[0]?.id ?? '';
});
afterAll(async () => {
  await almanac?.[Symbol.asyncDispose]();
  await smtp?.[Symbol.asyncDispose]();
  await sink?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

const inboxOf = async (person: Person) =>
  (await almanac.query(person.bearer, 'inbox.list', {})).data as {
    member: boolean;
    unread: number;
    messages: { text: string; at: string; unread: boolean }[];
  };

describe('an announcement', () => {
  test('reaches everybody in the season and the channels of the organiser', async () => {
    const asked = { challenge, text: '토요일에 만나요.' };
    expect((await almanac.mutate(almanac.owner.bearer, 'messages.announce', asked)).data).toEqual({
      ...{ members: 1, complete: true },
    });
    expect(await inboxOf(kim)).toMatchObject({
      member: true,
      unread: 1,
      messages: [{ text: asked.text, unread: true }],
    });
    expect(JSON.parse(sink.posted.at(-1)?.body ?? '')).toMatchObject({
      text: expect.stringContaining(asked.text) as string,
    });
    expect(smtp.mails.map(({ to }) => to)).toEqual([['organiser@example.org']]);
  });

  test('is read by whom it was for, and by nobody else', async () => {
    const [message] = (await inboxOf(kim)).messages;
    expect(await inboxOf(lee)).toMatchObject({ unread: 0, messages: [] });
    await almanac.mutate(lee.bearer, 'inbox.open', { through: '2099-01-01T00:00:00Z' });
    expect((await inboxOf(kim)).unread).toBe(1);
    await almanac.mutate(kim.bearer, 'inbox.open', { through: message?.at });
    expect(await inboxOf(kim)).toMatchObject({ unread: 0, messages: [{ unread: false }] });
    expect((await almanac.query(kim.bearer, 'inbox.unread')).data).toEqual({ unread: 0 });
  });

  test('of a moment to come opens nothing that is not there yet', async () => {
    await almanac.mutate(kim.bearer, 'inbox.open', { through: '2099-01-01T00:00:00Z' });
    await almanac.mutate(almanac.owner.bearer, 'messages.announce', { challenge, text: '하나 더.' });
    expect((await inboxOf(kim)).unread).toBe(1);
  });
});

describe('preferences', () => {
  test('offer the addresses somebody is known by, and take no other', async () => {
    expect((await almanac.query(kim.bearer, 'inbox.preferences')).data).toEqual({
      ...{ preferences: standard, addresses: ['kim@example.org'], email: true },
    });
    const wish = { ...standard, channels: ['email', 'inbox'], quietFrom: '23:00', quietTo: '07:00' };
    const refused = await almanac.mutate(kim.bearer, 'inbox.arrange', { ...wish, email: 'lee@example.org' });
    expect([refused.status, refused.code]).toEqual([400, 'BAD_REQUEST']);
    const without = await almanac.mutate(kim.bearer, 'inbox.arrange', wish);
    expect(without.status).toBe(400);
    await almanac.mutate(kim.bearer, 'inbox.arrange', { ...wish, email: 'kim@example.org' });
    expect((await almanac.query(kim.bearer, 'inbox.preferences')).data).toMatchObject({
      preferences: { channels: ['email', 'inbox'], email: 'kim@example.org', quietFrom: '23:00' },
    });
  });
});

describe('the organiser', () => {
  test('tests a channel, and sees what became of it', async () => {
    sink.faults.push({ status: 404 });
    const { bearer } = almanac.owner;
    expect((await almanac.mutate(bearer, 'messages.test', { channel: 'webhook' })).data).toEqual({ status: 'failed' });
    expect((await almanac.query(bearer, 'messages.channels')).data).toMatchObject([
      { name: 'webhook', addresses: 1, last: { status: 'failed', reason: 'The webhook answered with 404.' } },
      { name: 'email', addresses: 1, last: { status: 'sent' } },
    ]);
    expect((await almanac.mutate(bearer, 'messages.test', { channel: 'webhook' })).data).toEqual({ status: 'sent' });
    expect((await almanac.mutate(bearer, 'messages.test', { channel: 'pigeon' })).status).toBe(404);
    const history = JSON.stringify((await almanac.query(bearer, 'messages.history', {})).data);
    expect(history).not.toMatch(/organiser@example\.org|127\.0\.0\.1/);
  });

  test('lets motivations of a season go by themselves, by REST, too', async () => {
    const { bearer: headers } = almanac.owner;
    const put = await almanac.ask('/api/admin/messages/automatic', {
      ...{ method: 'PUT', headers: { ...headers, 'content-type': 'application/json' } },
      body: JSON.stringify({ challenge, automatic: true }),
    });
    expect([put.status, await put.json()]).toEqual([200, { challenge, automatic: true }]);
    const drafts = await almanac.ask(`/api/admin/messages/drafts?challenge=${challenge}`, { headers });
    expect(await drafts.json()).toMatchObject({ automatic: true, writer: 'template', drafts: [] });
  });

  test.each(['edit', 'approve', 'discard'])('is told that there is no such draft to %s', async (what) => {
    const asked = { challenge, week: '2025-W12', member: kim.id, ...(what === 'edit' && { text: 'x' }) };
    expect((await almanac.mutate(almanac.owner.bearer, `messages.${what}`, asked)).status).toBe(409);
  });
});

test('nobody else sees the last motivation of somebody', async () => {
  expect((await almanac.query(lee.bearer, 'messages.latestFor', { handle: 'kim' })).data).toBeNull();
});
