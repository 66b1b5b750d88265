import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { atGitHub, OWNER, signIn, startCommunity, type Community } from './community.ts';
import { Reader, type ReaderOptions } from './reader.ts';

let browser: Browser;
let community: Community;
beforeAll(async () => {
  [community, browser] = await Promise.all([startCommunity(), launchChromium()]);
  community.github.addRepository({ owner: OWNER, name: 'greenhouse' });
  community.github.addRepository({ owner: OWNER, name: 'secret-garden', private: true });
  community.github.addRepository({ owner: OWNER, name: 'secret-notes', private: true });
});
afterAll(async () => {
  await browser?.close();
  await community?.[Symbol.asyncDispose]();
});

/** The owner with their account page open. */
async function atAccount(options: ReaderOptions = {}): Promise<Reader> {
  const reader = await Reader.open(browser, { language: 'en-US', ...options });
  await signIn(community, reader, OWNER, '/account');
  return reader;
}

const section = (reader: Reader, name: string) =>
  reader.page.locator('section', { has: reader.page.getByRole('heading', { name, exact: true }) });
const asKey = (key: string) =>
  fetch(`${community.url}/api/auth/me`, { headers: { authorization: `Bearer ${key}` } }).then(({ status }) => status);

test.each([
  ['ko-KR', 'light', 1440, '로그인한 곳', 'Linux의 Chromium'],
  ['ko-KR', 'dark', 390, '로그인한 곳', 'Linux의 Chromium'],
  ['en-US', 'dark', 1440, 'Where you are signed in', 'Chromium on Linux'],
  ['en-US', 'light', 390, 'Where you are signed in', 'Chromium on Linux'],
] as const)('the account says who one is here, for %s, %s, %i px', async (language, theme, width, sessions, client) => {
  await using reader = await atAccount({ language, theme, width });
  const { page } = reader;
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Mona Octocat');
  expect(await page.locator('main').textContent()).toContain('mona@example.org');
  expect(await section(reader, sessions).textContent()).toContain(client);
  expect(await reader.overflow()).toBeLessThanOrEqual(0);
  expect(await reader.barriers()).toEqual([]);
  await reader.visit(`${community.url}/account/erase`);
  expect(await reader.overflow()).toBeLessThanOrEqual(0);
  expect(await reader.barriers()).toEqual([]);
  expect(reader.complaints).toEqual([]);
});

describe('an API key', () => {
  test('is shown once, opens the API, and ends when it is revoked', async () => {
    await using reader = await atAccount();
    const { page } = reader;
    await page.getByLabel('Name', { exact: true }).fill('Laptop');
    await page.getByRole('checkbox', { name: 'Write logs' }).check();
    await page.getByLabel('Good for').selectOption('365');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const text = page.getByLabel('Key “Laptop”', { exact: true });
    await text.waitFor();
    const key = await text.inputValue();
    expect(key).toMatch(/^almanac_[0-9a-f]{16}_[\w-]{43}$/);
    expect(await page.locator('pre').textContent()).toContain(`Bearer ${key}`);
    expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(1);
    expect(await reader.barriers()).toEqual([]);
    expect(await asKey(key)).toBe(200);
    await reader.visit(`${community.url}/account`);
    expect(await page.locator('main').textContent()).not.toContain(key);
    expect(await section(reader, 'API keys').textContent()).toContain('Read, Write logs');
    await page.getByLabel('Revoke the key “Laptop”').click();
    expect(await asKey(key)).toBe(200);
    await page.getByRole('button', { name: 'Revoke for good' }).click();
    await page.getByText('The key is revoked.').waitFor();
    expect(await asKey(key)).toBe(401);
    expect(reader.complaints).toEqual([]);
  });

  test('follows another, from the form as it was at first', async () => {
    await using reader = await atAccount();
    const { page } = reader;
    for (const name of ['First', 'Second']) {
      const read = page.getByRole('checkbox', { name: 'Read' });
      expect(await read.isChecked()).toBe(true);
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByRole('checkbox', { name: 'Write logs' }).check();
      await page.getByRole('button', { name: 'Make the key' }).click();
      await page.getByLabel(`Key “${name}”`, { exact: true }).waitFor();
      await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue()).toBe('');
      expect(await read.isChecked()).toBe(true);
      expect(await page.getByRole('checkbox', { name: 'Write logs' }).isChecked()).toBe(false);
      expect(await page.getByLabel('Good for').inputValue()).toBe('90');
    }
    expect(await section(reader, 'API keys').locator('li', { hasText: 'Second' }).textContent()).toContain(
      'Read, Write logs',
    );
  });

  test('that could do nothing is refused at the field, and what was typed stays', async () => {
    await using reader = await atAccount({ language: 'ko-KR' });
    const { page } = reader;
    await page.getByLabel('이름', { exact: true }).fill('빈 키');
    await page.getByRole('checkbox', { name: '읽기' }).uncheck();
    await page.getByRole('button', { name: '키 만들기' }).click();
    await page.getByText('할 수 있는 일을 하나 이상 고르세요').waitFor();
    expect(await page.getByLabel('이름', { exact: true }).inputValue()).toBe('빈 키');
    expect(await page.getByRole('checkbox', { name: '읽기' }).isChecked()).toBe(false);
    expect(await reader.barriers()).toEqual([]);
  });

  test('is made and revoked without script', async () => {
    await using reader = await atAccount({ script: false });
    const { page } = reader;
    await page.getByLabel('Name', { exact: true }).fill('Old browser');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.getByLabel('Key “Old browser”', { exact: true }).inputValue();
    expect(await asKey(key)).toBe(200);
    expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(0);
    await page.getByLabel('Revoke the key “Old browser”').click();
    await page.getByRole('button', { name: 'Revoke for good' }).click();
    await page.getByText('The key is revoked.').waitFor();
    expect(await asKey(key)).toBe(401);
  });
});

describe('sessions', () => {
  test('elsewhere are ended from here, and whoever is there has to sign in again', async () => {
    await using here = await atAccount();
    await using there = await atAccount();
    await here.visit(`${community.url}/account`);
    await here.page.getByRole('button', { name: 'End all others' }).click();
    await here.page.getByText(/sessions? ended/).waitFor();
    await here.page.getByText('You are signed in here only.').waitFor();
    await there.visit(`${community.url}/status`);
    expect(there.page.url()).toBe(`${community.url}/sign-in?next=%2Fstatus`);
    expect(here.complaints).toEqual([]);
  });

  test('of one’s own ends with a word', async () => {
    await using reader = await atAccount();
    const row = reader.page.locator('li', { hasText: 'This one' });
    await row.getByRole('button', { name: 'End Chromium on Linux' }).click();
    await reader.page.getByText('You ended the session you were using.').waitFor();
    await reader.visit(community.url);
    expect(reader.page.url()).toBe(`${community.url}/sign-in`);
  });
});

test('everything of one’s own is downloaded as JSON', async () => {
  await using reader = await atAccount();
  const [download] = await Promise.all([
    reader.page.waitForEvent('download'),
    reader.page.getByRole('link', { name: 'Download everything' }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: { type: string }[] };
  expect(events.map(({ type }) => type)).toContain('AccessGranted');
});

describe('private repositories', () => {
  test('are connected after GitHub has asked once more, found by name, and disconnected again', async () => {
    await using reader = await atAccount();
    const { page } = reader;
    expect(await page.locator('main').textContent()).toContain('shown to you alone');
    await page.getByRole('link', { name: 'Connect private repositories' }).click();
    await atGitHub(reader, OWNER);
    expect(page.url()).toBe(`${community.url}/account/repositories`);
    const rows = page.locator('main li');
    expect(await rows.count()).toBe(3);
    expect(await rows.filter({ hasText: 'secret-garden' }).textContent()).toContain('Private');
    expect(await rows.filter({ hasText: 'greenhouse' }).textContent()).not.toContain('Private');
    expect(await reader.barriers()).toEqual([]);
    await page.getByLabel('Find by name').fill('SECRET gar');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByText('1 of 3 repositories').waitFor();
    await page.getByRole('button', { name: 'Connect mona/secret-garden', exact: true }).click();
    await page.getByText('mona/secret-garden is connected.').waitFor();
    expect(await page.getByLabel('Find by name').inputValue()).toBe('SECRET gar');
    await page.getByLabel('Find by name').fill('orchard');
    await page.getByText('No repository has that in its name').waitFor();
    await reader.visit(`${community.url}/account`);
    expect(await section(reader, 'GitHub').textContent()).toContain('mona/secret-garden');
    await page.getByText('Disconnect GitHub').click();
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Disconnect', exact: true }).click();
    await page.getByText('GitHub is disconnected.').waitFor();
    await page.getByText('GitHub is not connected. Almanac can see nothing there.').waitFor();
    expect(await section(reader, 'GitHub').textContent()).not.toContain('secret-garden');
    expect(reader.complaints).toEqual([]);
  });

  test('are found and connected without script', async () => {
    await using reader = await atAccount({ script: false });
    const { page } = reader;
    await page.getByRole('link', { name: 'Connect private repositories' }).click();
    await atGitHub(reader, OWNER);
    await page.getByLabel('Find by name').fill('notes');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.waitForURL(/q=notes/);
    expect(await page.locator('main li').count()).toBe(1);
    await page.getByRole('button', { name: 'Connect mona/secret-notes', exact: true }).click();
    await page.getByText('mona/secret-notes is connected.').waitFor();
    await page.getByRole('button', { name: 'Disconnect mona/secret-notes', exact: true }).click();
    await page.getByText('mona/secret-notes is disconnected.').waitFor();
  });

  test('cannot be listed while GitHub is away, and the page says so', async () => {
    await using reader = await atAccount();
    community.github.faults.choose = ({ path }) => (path.endsWith('/user/repos') ? { status: 503 } : null);
    await reader.visit(`${community.url}/account/repositories`);
    community.github.faults.choose = () => null;
    await reader.page.getByText('GitHub does not answer right now').waitFor();
    expect(await reader.barriers()).toEqual([]);
  });
});

test('nobody is erased by a mistyped handle', async () => {
  await using reader = await atAccount();
  const { page } = reader;
  await page.getByRole('link', { name: 'Erase my data' }).click();
  await page.getByLabel('To confirm').fill('somebody');
  await page.getByRole('button', { name: 'Erase for good' }).click();
  await page.getByText('That is not the handle.').waitFor();
  expect(await page.getByLabel('To confirm').getAttribute('aria-invalid')).toBe('true');
  expect(await page.getByLabel('To confirm').inputValue()).toBe('somebody');
  expect(await reader.barriers()).toEqual([]);
  await page.getByRole('link', { name: 'Leave it as it is' }).click();
  await page.getByRole('heading', { name: 'API keys' }).waitFor();
});
