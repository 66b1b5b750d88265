import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { atGitHub, invite, OWNER, signIn, startCommunity, type Community } from './community.ts';
import { Reader } from './reader.ts';

let browser: Browser;
let community: Community;
beforeAll(async () => {
  [community, browser] = await Promise.all([startCommunity(), launchChromium()]);
  community.github.addRepository({ owner: 'haneul', name: 'secret-garden', private: true });
});
afterAll(async () => {
  await browser?.close();
  await community?.[Symbol.asyncDispose]();
});

test('a member is invited, signs in, connects a private repository, uses a key, and is erased', async () => {
  const { url } = community;
  await using owner = await Reader.open(browser, { language: 'en-US' });
  await using member = await Reader.open(browser, { language: 'en-US' });
  const { page } = member;
  const asked = (key: string, path: string) => fetch(url + path, { headers: { authorization: `Bearer ${key}` } });

  await signIn(community, owner, OWNER);
  await invite(community, owner, 'haneul');

  // The invitation lets them in at once, and their commits of before are theirs.
  await signIn(community, member, 'haneul');
  expect(page.url()).toBe(`${url}/`);
  await page.getByRole('button', { name: 'Your menu' }).click();
  await page.getByRole('link', { name: 'Your attendance' }).click();
  await page.getByText('물을 준다').waitFor();

  await page.getByRole('button', { name: 'Your menu' }).click();
  await page.getByRole('link', { name: 'Your account' }).click();
  await page.getByRole('link', { name: 'Connect private repositories' }).click();
  await atGitHub(member, 'haneul');
  await page.getByRole('button', { name: 'Connect haneul/secret-garden', exact: true }).click();
  await page.getByText('haneul/secret-garden is connected.').waitFor();

  await member.visit(`${url}/account`);
  await page.getByLabel('Name', { exact: true }).fill('Journal script');
  await page.getByRole('button', { name: 'Make the key' }).click();
  const key = await page.getByLabel('Key “Journal script”', { exact: true }).inputValue();
  expect((await asked(key, '/api/attendance/stats')).status).toBe(200);
  expect(await (await asked(key, '/api/auth/me')).json()).toMatchObject({ kind: 'key', github_id: 'haneul' });

  // Nobody else is told of the repository, the owner of the server not either.
  for (const path of ['/', '/admin/members', '/admin/audit', '/status']) {
    await owner.visit(url + path);
    expect(await owner.page.locator('body').textContent()).not.toContain('secret-garden');
  }

  await member.visit(`${url}/account/erase`);
  expect(await page.locator('main').textContent()).toContain('under an id such as erased-');
  const handle = /“(.+)”/.exec((await page.locator('main label').textContent()) ?? '')?.[1] ?? '';
  await page.getByLabel('To confirm').fill(handle);
  await page.getByRole('button', { name: 'Erase for good' }).click();
  await page.getByText('Everything personal of yours has been erased.').waitFor();

  expect((await asked(key, '/api/auth/me')).status).toBe(401);
  await member.visit(url);
  expect(page.url()).toBe(`${url}/sign-in`);
  for (const path of ['/', '/admin/members', '/admin/audit', '/status']) {
    await owner.visit(url + path);
    expect(await owner.page.locator('body').textContent()).not.toMatch(/김하늘|haneul/);
  }
  expect(await owner.visit(`${url}/members/${handle}`)).toBe(404);
  expect([...owner.complaints, ...member.complaints]).toEqual([]);
});
