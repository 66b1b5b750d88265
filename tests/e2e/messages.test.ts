import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { motivationStream, type MotivationEvent } from '../../domain/motivation.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { openSealing } from '../../server/vault/vault-of-log.ts';
import { launchChromium } from '../support/browser.ts';
import { GitRepository } from '../support/git-repository.ts';
import { startGitHub, type GitHubStandIn } from '../support/github/server.ts';
import { OWNER, startAlmanac, type Almanac } from '../support/signed-in.ts';
import { startHttpSink, type HttpSink } from '../support/webhook-sink/server.ts';
import { atGitHub } from './community.ts';
import { Reader, type ReaderOptions } from './reader.ts';

const opened = new AsyncDisposableStack();
let browser: Browser;
let github: GitHubStandIn;
let almanac: Almanac;
let sink: HttpSink;

beforeAll(async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-messages-'));
  opened.defer(() => rm(dataDirectory, { recursive: true }));
  const repository = opened.use(await GitRepository.create({ name: '정원' }));
  for (const [login, name] of [
    ['kim', '김정원'],
    ['lee', '이민준'],
  ] as const)
    await repository.commit({ author: `${name} <${login}@example.org>`, at: '2025-03-10T09:00:00+09:00' });
  github = opened.use(await startGitHub());
  sink = opened.use(await startHttpSink());
  github.addUser({ login: OWNER });
  for (const login of ['kim', 'lee'])
    github.addUser({ login, emails: [{ email: `${login}@example.org`, verified: true, primary: true }] });
  const options = { dataDirectory, github, repositories: [repository.path] };
  const before = await startAlmanac(options);
  await before.mutate(before.owner.bearer, 'status.collectNow');
  const ids: string[] = [];
  for (const login of ['kim', 'lee']) {
    const { id } = await before.signIn(login);
    await before.mutate(before.owner.bearer, 'users.approve', { id });
    ids.push(id);
  }
  const [season] = (await before.query(before.owner.bearer, 'challenges.list')).data as { id: string }[];
  await before[Symbol.asyncDispose]();
  await write(dataDirectory, season?.id ?? '', ids);
  const env = { NOTIFY_WEBHOOK_URL: `${sink.url}/hook`, SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'a@example.org' };
  almanac = opened.use(await startAlmanac({ ...options, env }));
  browser = await launchChromium();
  opened.defer(() => browser.close());
});
afterAll(() => opened.disposeAsync());

/** What a Monday leaves in the log. */
async function write(dataDirectory: string, challengeId: string, ids: readonly string[]): Promise<void> {
  const store = await openSqliteEventStore({ directory: dataDirectory });
  const { vault, codec } = await openSealing(store, { dataDirectory, masterKeys: [] }, () => undefined);
  for (const memberId of ids) {
    const place = { challengeId, memberId, week: '2025-W12' };
    const drafted: MotivationEvent = {
      type: 'MotivationDrafted',
      data: {
        ...{ ...place, text: '지난주에 6일이나 출석했어요. 이번 주도 함께 가요!', writer: 'claude/a-model' },
        ...{ prompt: '{"ratePercent":86}', fallback: null, tokens: { input: 310, output: 60 } },
        at: '2025-03-17T00:00:00Z',
      },
    };
    const event = codec.encode(drafted, crypto.randomUUID());
    await store.append(motivationStream(place), [event], { expectedRevision: 'any' });
  }
  vault[Symbol.dispose]();
  await store.close();
}

async function signedIn(login: string, path: string, options: ReaderOptions = {}): Promise<Reader> {
  const reader = await Reader.open(browser, options);
  await reader.visit(almanac.server.url + path);
  await reader.page.locator('main a[href^="/api/auth/login"]').click();
  await atGitHub(reader, login);
  return reader;
}

test.each([true, false])('an organiser edits, sends and discards what was written, with script: %s', async (script) => {
  await using owner = await signedIn(OWNER, '/admin/messages', { script });
  const { page } = owner;
  const name = script ? '김정원' : '이민준';
  await page.getByRole('textbox', { name: `${name} 님에게 보낼 글` }).fill(`${name}님, 이번 주도 화이팅!`);
  await page.getByRole('button', { name: `${name} 님에게 보낼 글 고치기` }).click();
  await page.getByText(`${name} 님에게 보낼 글을 고쳤습니다.`).waitFor();
  await page.getByRole('button', { name: `${name} 님에게 보내기`, exact: true }).click();
  await page.getByText(`${name} 님에게 보냈습니다.`).waitFor();
  expect(owner.complaints).toEqual([]);
  await using member = await signedIn(script ? 'kim' : 'lee', '/inbox', { script });
  expect(await member.page.locator('main').textContent()).toContain(`${name}님, 이번 주도 화이팅!`);
  await member.page.getByRole('button', { name: '모두 읽음으로 표시' }).click();
  await member.page.getByText('모두 읽음으로 표시했습니다.').waitFor();
  expect(await member.page.locator('main').textContent()).toContain('모두 읽었습니다.');
});

test('an announcement asks once more, and reaches inbox and channel', async () => {
  await using owner = await signedIn(OWNER, '/admin/messages', { language: 'en-US' });
  const { page } = owner;
  await page.getByLabel('What to announce').fill('We meet on Saturday.');
  await page.getByRole('button', { name: 'Announce', exact: true }).click();
  expect(sink.posted).toEqual([]);
  await page.getByLabel('I mean to send this to everybody').check();
  await page.getByRole('button', { name: 'Announce', exact: true }).click();
  await page.getByText('2 members have been told.').waitFor();
  expect(sink.posted).toHaveLength(1);
  await page.getByRole('button', { name: /^Send a test/ }).click();
  await page.getByText('Webhook (Slack, Discord): it was sent.').waitFor();
  expect(await page.getByRole('table').textContent()).toContain('Announcement');
  await page.getByRole('switch').click();
  await page.getByText('Messages go at once from now on.').waitFor();
  expect(await owner.barriers()).toEqual([]);
  expect(owner.complaints).toEqual([]);
});

test.each([true, false])('a member says how they want to be reached, with script: %s', async (script) => {
  await using member = await signedIn('lee', '/inbox', { script, language: 'en-US' });
  const { page } = member;
  await page.getByRole('checkbox', { name: 'E-mail' }).check();
  await page.getByLabel('Address').selectOption('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Choose the address mail is to go to.').waitFor();
  await page.getByLabel('Address').selectOption('lee@example.org');
  await page.getByLabel('From').fill('22:30');
  await page.getByLabel('To', { exact: true }).fill('07:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.', { exact: true }).waitFor();
  await member.visit(`${almanac.server.url}/inbox`);
  expect(await page.getByLabel('From').inputValue()).toBe('22:30');
  expect(await page.getByLabel('Address').inputValue()).toBe('lee@example.org');
});

test.each([
  ['light', 1440],
  ['dark', 390],
] as const)('both pages can be read by everybody, %s and %i wide', async (theme, width) => {
  for (const [login, path] of [
    [OWNER, '/admin/messages'],
    ['kim', '/inbox'],
  ] as const) {
    await using reader = await signedIn(login, path, { theme, width });
    if (process.env['SCREENSHOTS'])
      await reader.page.screenshot({
        path: join(process.env['SCREENSHOTS'], `${path.slice(1).replaceAll('/', '-')}-${theme}-${width}.png`),
        fullPage: true,
      });
    expect(await reader.barriers()).toEqual([]);
    expect(await reader.overflow()).toBeLessThanOrEqual(0);
    expect(reader.complaints).toEqual([]);
  }
});

test('the menu leads to the inbox, and the pages of organisers are not for members', async () => {
  await using member = await signedIn('kim', '/inbox');
  await member.page.locator('header [popovertarget]').click();
  expect(await member.page.locator('header a[href="/inbox"]').textContent()).toBe('받은 소식');
  expect(await member.visit(`${almanac.server.url}/admin/messages`)).toBe(403);
});
