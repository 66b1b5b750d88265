import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { daysAgo, startGarden, type Garden } from './garden.ts';
import { Reader } from './reader.ts';

let garden: Garden;
let browser: Browser;
let haneul: string;
beforeAll(async () => {
  [garden, browser] = await Promise.all([startGarden(), launchChromium()]);
  const book = await garden.server.client.attendance.book.query({});
  haneul = `${garden.url}/members/${book!.members.find(({ name }) => name === '김하늘')!.handle}`;
});
afterAll(async () => {
  await browser?.close();
  await garden?.[Symbol.asyncDispose]();
});

const scrolled = (page: Page) => page.evaluate('Math.round(scrollY)') as Promise<number>;
const focused = (page: Page) =>
  page.evaluate('document.activeElement.textContent.trim().slice(0, 80)') as Promise<string>;

/** Presses Enter on a link; @returns how far the page has moved under its reader once its address is the new one. */
async function follow(page: Page, link: ReturnType<Page['locator']>, address: RegExp): Promise<number> {
  await page.evaluate(`scrollBy(0, ${(await link.boundingBox())!.y - 150})`);
  await link.focus();
  const before = await scrolled(page);
  expect(before).toBeGreaterThan(300);
  await page.keyboard.press('Enter');
  await page.waitForURL(address);
  // The router scrolls and moves the focus after the page has been drawn.
  await page.evaluate('new Promise((done) => setTimeout(() => requestAnimationFrame(done), 150))');
  return Math.abs((await scrolled(page)) - before);
}

describe('a reader stays where they are', () => {
  test.each([
    { link: 'Newest first', address: /days=newest/, then: 'Oldest first' },
    { link: 'name', address: /sort=name/, then: 'name' },
    { link: 'commits', address: /sort=commits/, then: 'commits' },
    { link: 'Show 1 member without a commit', address: /idle=shown/, then: 'Hide members without a commit' },
  ])('in the book, after “$link”', async ({ link, address, then }) => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(garden.url);
    expect(await follow(page, page.getByRole('link', { name: link, exact: true }), address)).toBeLessThanOrEqual(2);
    await expect.poll(() => focused(page)).toBe(then);
  });

  test('in the calendar, after a day was chosen, and is told where its commits are', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(haneul);
    const day = page.locator(`[data-day="${daysAgo(9)}"]`);
    expect(await follow(page, day, new RegExp(`day=${daysAgo(9)}`))).toBeLessThanOrEqual(2);
    expect(await page.evaluate('document.activeElement.dataset.day')).toBe(daysAgo(9));
    await page
      .getByRole('status')
      .getByRole('link', { name: /^Commits of .* · 1 commit$/ })
      .waitFor();
  });

  test('at the commits, after a day was left again; the heading takes the focus of the link that is gone', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US', width: 390 });
    const { page } = reader;
    await reader.visit(`${haneul}?day=${daysAgo(9)}`);
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    const all = page.getByRole('link', { name: 'Show all days' });
    expect(await follow(page, all, /members\/[^?]*$/)).toBeLessThanOrEqual(2);
    expect(await focused(page)).toMatch(/^Commits\s+100$/);
  });
});

test('a page of commits is turned at its head, and the heading has the focus', async () => {
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(haneul);
  await follow(page, page.getByRole('link', { name: 'Older' }), /page=2/);
  expect(await focused(page)).toMatch(/^Commits\s+100$/);
  const heading = (await page.getByRole('heading', { name: /^Commits/ }).boundingBox())!;
  expect(heading.y).toBeGreaterThanOrEqual(0);
  expect(heading.y).toBeLessThan(120);
});
