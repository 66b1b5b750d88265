import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { invite, OWNER, signIn, startCommunity, type Community } from './community.ts';
import { at, daysAgo, MARIA, startGarden } from './garden.ts';
import { Reader, type ReaderOptions } from './reader.ts';

let browser: Browser;
let community: Community;
beforeAll(async () => {
  [community, browser] = await Promise.all([startCommunity(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await community?.[Symbol.asyncDispose]();
});

const english = (options: ReaderOptions = {}) => Reader.open(browser, { language: 'en-US', ...options });
/** Somebody with a session, who has been at a page. */
async function signedIn(login: string, path = '/admin/members', options: ReaderOptions = {}): Promise<Reader> {
  const reader = await english(options);
  await signIn(community, reader, login, path);
  return reader;
}
const row = (reader: Reader, name: string) => reader.page.locator('main li', { hasText: name });

test('those who wait stand first and are let in as what the owner chooses, or declined', async () => {
  await using haneul = await signedIn('haneul');
  await using maria = await signedIn('maria');
  expect(maria.page.url()).toBe(`${community.url}/waiting`);
  await using owner = await signedIn(OWNER);
  const { page } = owner;
  expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe('Waiting to be let in');
  await page.getByRole('combobox', { name: 'Role of 김하늘' }).selectOption('admin');
  await page.getByRole('button', { name: 'Let 김하늘 in' }).click();
  await page.getByText('김하늘 is in.').waitFor();
  await page.getByRole('button', { name: 'Decline María González' }).click();
  await page.getByText('María González was declined.').waitFor();
  expect(await page.locator('main').textContent()).toContain('Nobody is waiting.');
  expect(await row(owner, '김하늘').textContent()).toContain('Admin');
  expect(await owner.barriers()).toEqual([]);
  expect(owner.complaints).toEqual([]);
  await haneul.visit(`${community.url}/admin/members`);
  expect(await haneul.page.getByRole('heading', { level: 1 }).textContent()).toBe('Manage members');
  // Admins manage members, and see why they cannot touch owners.
  expect(await row(haneul, 'Mona Octocat').textContent()).toContain('The last owner stays');
  expect(await haneul.page.getByLabel('Role', { exact: true }).locator('option').allTextContents()).toEqual(['Member']);
});

describe('members', () => {
  test('read that the page is not for them, in their language', async () => {
    await using owner = await signedIn(OWNER);
    await invite(community, owner, 'linus');
    for (const [language, text] of [
      ['ko-KR', '볼 수 없는 페이지입니다'],
      ['en-US', 'Not for you to see'],
    ] as const) {
      await using member = await signedIn('linus', '/', { language });
      for (const path of ['/admin/members', '/admin/audit']) {
        expect(await member.visit(community.url + path)).toBe(403);
        expect(await member.page.getByRole('heading', { level: 1 }).textContent()).toBe(text);
      }
      expect(await member.barriers()).toEqual([]);
      await member.page.locator('header [popovertarget]').click();
      expect(await member.page.locator('header a[href="/admin"]').count()).toBe(0);
    }
  });

  test('are given another role, deactivated and reactivated', async () => {
    await using owner = await signedIn(OWNER);
    await using member = await signedIn('linus', '/status');
    const { page } = owner;
    await owner.visit(`${community.url}/admin/members`);
    await page.getByRole('combobox', { name: 'Role of Linus' }).selectOption('admin');
    await page.getByRole('button', { name: 'Change the role of Linus' }).click();
    await page.getByText('Linus is now: Admin.').waitFor();
    await page.getByRole('button', { name: 'Deactivate Linus' }).click();
    await page.getByText('Linus cannot come in any more.').waitFor();
    await member.visit(`${community.url}/status`);
    expect(member.page.url()).toContain('/sign-in');
    await page.getByRole('button', { name: 'Reactivate Linus' }).click();
    await page.getByText('Linus can come in again.').waitFor();
    expect(await owner.barriers()).toEqual([]);
    expect(owner.complaints).toEqual([]);
  });
});

describe('invitations', () => {
  test('are refused at the field where they cannot be', async () => {
    await using owner = await signedIn(OWNER);
    const { page } = owner;
    for (const [login, text] of [
      ['not a login', 'letters, digits and single hyphens'],
      [OWNER, 'They are in already, or invited.'],
    ] as const) {
      await page.getByLabel('GitHub account').fill(login);
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      await page.getByText(text).waitFor();
      expect(await page.getByLabel('GitHub account').inputValue()).toBe(login);
      expect(await page.getByLabel('GitHub account').getAttribute('aria-invalid')).toBe('true');
    }
    expect(await owner.barriers()).toEqual([]);
  });

  test('come with the address to be told, and a button that copies it', async () => {
    await using owner = await signedIn(OWNER);
    const { page } = owner;
    expect(await page.getByLabel('Address of this site').inputValue()).toBe(community.url);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(community.url);
    expect(await owner.barriers()).toEqual([]);
  });

  test('are sent and taken back without script', async () => {
    await using owner = await signedIn(OWNER, '/admin/members', { script: false });
    const { page } = owner;
    await page.getByLabel('GitHub account').fill('newcomer');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByText('newcomer is invited.').waitFor();
    await page.getByRole('button', { name: 'Take the invitation of newcomer back' }).click();
    await page.getByText('The invitation of newcomer is taken back.').waitFor();
  });
});

test('a challenge that is open lets whoever comes in at once, until it is closed', async () => {
  await using owner = await signedIn(OWNER);
  const { page } = owner;
  const open = page.getByRole('switch', { name: 'Open 정원 for joining' });
  expect(await open.getAttribute('aria-checked')).toBe('false');
  await open.click();
  await page.getByText('정원 is open for joining.').waitFor();
  await expect.poll(() => open.getAttribute('aria-checked')).toBe('true');
  community.github.addUser({ login: 'passer-by', name: 'Passer-by' });
  await using guest = await signedIn('passer-by', '/status');
  expect(guest.page.url()).toBe(`${community.url}/status`);
  await open.click();
  await page.getByText('정원 is closed for joining.').waitFor();
  expect(await owner.barriers()).toEqual([]);
});

describe('the audit trail', () => {
  test.each([
    ['ko-KR', 'light', 1440, 'mona 님이 시즌 ‘정원’의 참여를 열었습니다.'],
    ['en-US', 'dark', 390, 'mona opened 정원 for joining.'],
  ] as const)('says who did what to whom, for %s, %s, %i px', async (language, theme, width, sentence) => {
    await using owner = await signedIn(OWNER, '/admin/audit', { language, theme, width });
    expect(await owner.page.locator('main').textContent()).toContain(sentence);
    expect(await owner.overflow()).toBeLessThanOrEqual(0);
    expect(await owner.barriers()).toEqual([]);
    await owner.visit(`${community.url}/admin/members`);
    expect(await owner.overflow()).toBeLessThanOrEqual(0);
    expect(await owner.barriers()).toEqual([]);
    expect(owner.complaints).toEqual([]);
  });

  test('goes on to what is older', async () => {
    await using owner = await signedIn(OWNER);
    const first = () => owner.page.locator('tbody tr').first().textContent();
    for (let turn = 0; turn < 26; turn += 1) {
      await owner.visit(`${community.url}/admin/members`);
      await owner.page.getByRole('switch').click();
      await owner.page.getByText(/is (open|closed) for joining/).waitFor();
    }
    await owner.visit(`${community.url}/admin/audit`);
    const newest = await first();
    await owner.page.getByRole('link', { name: 'Older' }).click();
    await owner.page.waitForURL(/before=\d+/);
    await expect.poll(first).not.toBe(newest);
    await owner.page.getByRole('link', { name: 'From the newest' }).click();
    await owner.page.waitForURL(`${community.url}/admin/audit`);
  });
});

test('somebody is erased once their handle is typed', async () => {
  await using owner = await signedIn(OWNER);
  const { page } = owner;
  await page.getByRole('link', { name: 'Erase the data of Passer-by' }).click();
  await page.getByRole('heading', { level: 1, name: 'Erase the data of Passer-by' }).waitFor();
  expect(await owner.barriers()).toEqual([]);
  await page.getByLabel('To confirm').fill('passer-by');
  await page.getByRole('button', { name: 'Erase for good' }).click();
  await page.getByText('Everything personal of theirs has been erased.').waitFor();
  expect(await page.locator('main').textContent()).not.toContain('Passer-by');
});

test('at the keyboard of the machine, people known by commits only are downloaded and erased', async () => {
  await using garden = await startGarden([{ author: MARIA, at: at(1, '09:00'), message: 'Prune the hedge' }]);
  await using reader = await english();
  const { page } = reader;
  await reader.visit(`${garden.url}/admin/members`);
  await page.getByText('Show 1 person').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the data of María González' }).click(),
  ]);
  expect(await download.failure()).toBeNull();
  await page.getByRole('link', { name: 'Erase the data of María González' }).click();
  await page.getByLabel('To confirm').fill('maria');
  expect(await reader.barriers()).toEqual([]);
  await page.getByRole('button', { name: 'Erase for good' }).click();
  await page.getByText('Everything personal of theirs has been erased.').waitFor();
  await reader.visit(garden.url);
  expect(await page.locator('body').textContent()).not.toMatch(/María|maria/);
  await reader.visit(`${garden.url}/days/${daysAgo(1)}`);
  expect(await page.locator('main').textContent()).toContain('A commit of somebody erased');
  expect(reader.complaints).toEqual([]);
});
