import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import { invite, OWNER, signIn, startCommunity, type Community } from './community.ts';
import { Reader } from './reader.ts';

const PATIENCE = { timeout: 20_000 };

let browser: Browser;
let community: Community;
beforeAll(async () => {
  [community, browser] = await Promise.all([startCommunity(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await community?.[Symbol.asyncDispose]();
});

const english = (more: object = {}) => Reader.open(browser, { language: 'en-US', ...more });
const path = (reader: Reader) => new URL(reader.page.url()).pathname + new URL(reader.page.url()).search;

describe('who is not signed in', () => {
  test.each([
    ['ko-KR', 'light', 1440, '로그인', 'GitHub로 계속하기'],
    ['ko-KR', 'dark', 390, '로그인', 'GitHub로 계속하기'],
    ['en-US', 'dark', 1440, 'Sign in', 'Continue with GitHub'],
    ['en-US', 'light', 390, 'Sign in', 'Continue with GitHub'],
  ] as const)(
    'is led to sign in and told nothing else, for %s, %s, %i px',
    async (language, theme, width, title, button) => {
      await using reader = await Reader.open(browser, { language, theme, width });
      const { page } = reader;
      await reader.visit(`${community.url}/members/haneul?page=2`);
      expect(path(reader)).toBe('/sign-in?next=%2Fmembers%2Fhaneul%3Fpage%3D2');
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(title);
      expect(await page.getByRole('link', { name: button }).count()).toBe(1);
      expect(await page.locator('body').textContent()).not.toContain('정원');
      expect(
        await page.locator('footer a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
      ).toEqual(['/docs']);
      expect(await reader.overflow()).toBeLessThanOrEqual(0);
      expect(await reader.barriers()).toEqual([]);
      expect(reader.complaints).toEqual([]);
    },
  );

  test('hears that a page is not there like everybody', async () => {
    await using reader = await english();
    expect(await reader.visit(`${community.url}/orchard`)).toBe(404);
    expect(path(reader)).toBe('/orchard');
  });

  test.each([
    ['denied', 'GitHub was not allowed'],
    ['expired', 'Please begin again'],
    ['unavailable', 'GitHub does not answer'],
    ['other-account', 'The account chosen at GitHub'],
    ['<script>', 'Signing in did not work'],
  ])('reads what went wrong: %s', async (fault, text) => {
    await using reader = await english();
    await reader.visit(`${community.url}/sign-in?${new URLSearchParams({ fault }).toString()}`);
    expect(await reader.page.getByRole('alert').textContent()).toContain(text);
    expect(await reader.barriers()).toEqual([]);
  });

  test('and cancels at GitHub is told that nothing has changed', async () => {
    await using reader = await english();
    await reader.visit(`${community.url}/sign-in`);
    await reader.page.getByRole('link', { name: 'Continue with GitHub' }).click();
    await reader.page.getByRole('button', { name: 'Cancel' }).click();
    await reader.page.getByText('Nothing has changed').waitFor();
    expect(path(reader)).toBe('/sign-in?fault=denied');
  });
});

describe('whoever signs in', () => {
  test('is not led to the question of erasing themselves, whoever sent them', async () => {
    await using reader = await english();
    await signIn(community, reader, OWNER, '/sign-in?next=/account/erase');
    expect(path(reader)).toBe('/account');
    await reader.visit(`${community.url}/sign-in?next=/account/erase`);
    expect(path(reader)).toBe('/account');
  });

  test('is back at the page they asked for, and needs not sign in again', async () => {
    await using reader = await english();
    await signIn(community, reader, OWNER, '/status');
    expect(path(reader)).toBe('/status');
    await reader.visit(`${community.url}/sign-in`);
    expect(path(reader)).toBe('/');
    // The next one at this computer finds nothing of theirs by the back button.
    const answer = await reader.page.goto(`${community.url}/account`);
    expect(answer?.headers()['cache-control']).toBe('private, no-store');
    expect(reader.complaints).toEqual([]);
  });

  test('does so without script, too', async () => {
    await using reader = await english({ script: false });
    await signIn(community, reader, OWNER);
    expect(await reader.page.getByRole('heading', { level: 1 }).textContent()).toContain('정원');
    await reader.page.getByRole('button', { name: 'Your menu: Mona Octocat' }).click();
    await reader.page.getByRole('button', { name: 'Sign out' }).click();
    await reader.page.getByText('You are signed out').waitFor();
    await reader.visit(community.url);
    expect(path(reader)).toBe('/sign-in');
  });

  test('reaches everything of their menu by keyboard, and signs out', async () => {
    await using reader = await english();
    const { page } = reader;
    await signIn(community, reader, OWNER);
    const button = page.getByRole('button', { name: 'Your menu: Mona Octocat' });
    const menu = page.getByRole('navigation', { name: 'Your menu' });
    const focused = () => page.evaluate('document.activeElement.textContent.trim()');
    await button.focus();
    await page.keyboard.press('Enter');
    await menu.waitFor();
    expect(await reader.barriers()).toEqual([]);
    const links = ['Your attendance', 'Inbox', 'Your account', 'Statistics', 'Seasons', 'Organise'];
    const reached: unknown[] = [];
    for (const _stop of [...links, 'Sign out']) {
      await page.keyboard.press('Tab');
      reached.push(await focused());
    }
    expect(reached).toEqual([...links, 'Sign out']);
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement.getAttribute("popovertarget")')).toBe('user-menu');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Your account' }).click();
    await page.getByRole('heading', { name: 'API keys' }).waitFor();
    await menu.waitFor({ state: 'hidden' });
    await button.click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
    await reader.visit(`${community.url}/account`);
    expect(path(reader)).toBe('/sign-in?next=%2Faccount');
  });
});

describe('who is not let in yet', () => {
  test('waits, and comes in by themselves once an admin lets them', async () => {
    await using owner = await english();
    await using newcomer = await Reader.open(browser, { theme: 'dark', width: 390 });
    await signIn(community, newcomer, 'haneul', '/status');
    expect(path(newcomer)).toBe('/waiting');
    expect(await newcomer.page.locator('main').textContent()).toContain('haneul 계정으로 로그인했습니다');
    expect(await newcomer.overflow()).toBeLessThanOrEqual(0);
    expect(await newcomer.barriers()).toEqual([]);
    await newcomer.visit(`${community.url}/account`);
    expect(path(newcomer)).toBe('/waiting');
    await signIn(community, owner, OWNER, '/admin/members');
    await owner.page.getByRole('button', { name: 'Let 김하늘 in' }).click();
    await owner.page.getByText('김하늘 is in.').waitFor();
    await newcomer.page.waitForURL(`${community.url}/`, PATIENCE);
    expect(newcomer.complaints).toEqual([]);
  });

  test('reads politely that they were declined, looks again without script, and may leave', async () => {
    await using owner = await english();
    await using newcomer = await english({ script: false });
    await signIn(community, newcomer, 'maria');
    await signIn(community, owner, OWNER, '/admin/members');
    await owner.page.getByRole('button', { name: 'Decline María González' }).click();
    await owner.page.getByText('María González was declined.').waitFor();
    await newcomer.page.getByRole('link', { name: 'Look again' }).click();
    expect(await newcomer.page.getByRole('heading', { level: 1 }).textContent()).toBe('Not let in');
    expect(await newcomer.page.locator('main').textContent()).not.toMatch(/meanwhile|10 seconds|waiting/i);
    expect(await newcomer.page.getByRole('link', { name: 'Download everything' }).getAttribute('href')).toBe(
      '/api/users/me/export',
    );
    expect((await newcomer.page.request.get(`${community.url}/api/users/me/export`)).status()).toBe(200);
    await newcomer.page.getByRole('link', { name: 'Erase what is known of you' }).click();
    await newcomer.page
      .getByLabel('To confirm')
      .fill(/“(.+)”/.exec((await newcomer.page.locator('label').textContent()) ?? '')?.[1] ?? '');
    await newcomer.page.getByRole('button', { name: 'Erase for good' }).click();
    await newcomer.page.getByText('has been erased').waitFor();
    expect(path(newcomer)).toBe('/sign-in?erased');
  });

  test('is in at once when they were invited', async () => {
    await using owner = await english();
    await using guest = await english();
    await signIn(community, owner, OWNER);
    await invite(community, owner, 'linus');
    await signIn(community, guest, 'linus');
    expect(path(guest)).toBe('/');
    expect(await guest.page.getByRole('heading', { level: 1 }).textContent()).toContain('정원');
    await guest.page.getByRole('button', { name: 'Your menu' }).click();
    await guest.page.getByRole('link', { name: 'Your attendance' }).click();
    await guest.page.getByText('No commits yet: the first one').waitFor();
    const own = guest.page.url();
    await owner.visit(own);
    expect(await owner.page.locator('main').textContent()).toContain('Not a member of this challenge.');
  });
});

describe('on a computer of one’s own', () => {
  test.each([
    ['ko-KR', 'light', 1440, '이 컴퓨터에서는 당신이 소유자입니다'],
    ['en-US', 'dark', 390, 'This computer: you are the owner'],
  ] as const)('nobody has to sign in, and the menu says why, for %s', async (language, theme, width, text) => {
    const folder = await mkdtemp(join(tmpdir(), 'almanac-own-'));
    await using server = await startServer({ cwd: folder });
    await using reader = await Reader.open(browser, { language, theme, width });
    const { page } = reader;
    await reader.visit(`${server.url}/sign-in?next=/status`);
    expect(path(reader)).toBe('/status');
    await page.locator('header [popovertarget]').click();
    await page.getByRole('navigation', { name: text }).waitFor();
    expect(await reader.barriers()).toEqual([]);
    await page.locator('header a[href="/account"]').click();
    await page.getByRole('heading', { level: 1, name: text }).waitFor();
    expect(await page.locator('main').textContent()).toContain(`${server.url}/api/auth/callback`);
    expect(await reader.overflow()).toBeLessThanOrEqual(0);
    expect(await reader.barriers()).toEqual([]);
    await reader.visit(`${server.url}/admin/members`);
    expect(await page.locator('main a[href="/account"]').count()).toBe(1);
    expect(await reader.barriers()).toEqual([]);
    await reader.visit(`${server.url}/sign-in?fault=not-configured`);
    expect(await page.getByRole('alert').count()).toBe(1);
    expect(reader.complaints).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
