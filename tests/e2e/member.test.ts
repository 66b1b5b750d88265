import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { daysAgo, startGarden, today, type Garden } from './garden.ts';
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

describe.each([
  { language: 'ko-KR', theme: 'light', width: 1440 },
  { language: 'en-US', theme: 'dark', width: 390 },
] as const)('the page of a member for $language, $theme, $width px', (options) => {
  test('is readable by everybody and without a complaint of the browser', async () => {
    await using reader = await Reader.open(browser, options);
    expect(await reader.visit(haneul)).toBe(200);
    expect(await reader.page.getByRole('heading', { level: 1 }).textContent()).toBe('김하늘');
    expect(await reader.overflow()).toBeLessThanOrEqual(0);
    expect(await reader.barriers()).toEqual([]);
    expect(reader.complaints).toEqual([]);
  });
});

describe('the calendar', () => {
  const focused = (reader: Reader) => reader.page.evaluate('document.activeElement.dataset.day') as Promise<string>;

  test('is one stop of the Tab key, walked by arrows, and says what each day was', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(haneul);
    const grid = page.getByRole('grid', { name: 'A year of commits' });
    expect(await grid.locator('a[tabindex="0"]').count()).toBe(1);
    await grid.locator('a[tabindex="0"]').focus();
    expect(await focused(reader)).toBe(today().toString());
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toMatch(/, present, 2 commits$/);
    await page.keyboard.press('ArrowLeft');
    expect(await focused(reader)).toBe(daysAgo(7));
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toMatch(/, absent, 0 commits$/);
    await page.keyboard.press('ArrowUp');
    expect(await focused(reader)).toBe(daysAgo(8));
    await page.keyboard.press('Home');
    expect(await focused(reader)).toBe(daysAgo(53 * 7 - 1));
    await page.keyboard.press('ArrowLeft');
    expect(await focused(reader)).toBe(daysAgo(53 * 7 - 1));
    await page.keyboard.press('End');
    expect(await focused(reader)).toBe(today().toString());
    expect(await grid.locator('a[tabindex="0"]').count()).toBe(1);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  });

  test('opens the commits of a day with Enter, and leads back to all of them', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(haneul);
    await page.locator(`[data-day="${daysAgo(9)}"]`).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`day=${daysAgo(9)}`));
    const commits = page.getByRole('region', { name: /^Commits of/ });
    expect(await commits.locator('li').allTextContents()).toEqual([expect.stringContaining('물을 준다 9')]);
    await page.getByRole('link', { name: 'Show all days' }).click();
    await page.getByRole('region', { name: /^Commits\s+100/ }).waitFor();
  });

  test('has its numbers as a table for those who do not see it', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    await reader.visit(haneul);
    const year = reader.page.getByRole('region', { name: 'A year of commits' });
    await year.getByText('Show the numbers').click();
    const rows = year.locator('table').last().locator('tbody tr');
    expect(await rows.count()).toBe(99);
    expect(await rows.first().textContent()).toMatch(/Present\s*2/);
  });
});

test('commits come in pages that have addresses', async () => {
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(haneul);
  expect(await page.getByText('Page 1 of 4').count()).toBe(1);
  await page.getByRole('link', { name: 'Older' }).click();
  await page.waitForURL(/page=2/);
  await page.getByText('Page 2 of 4').waitFor();
  await reader.visit(`${haneul}?page=4`);
  expect(
    await page
      .getByRole('region', { name: /^Commits/ })
      .locator('li')
      .count(),
  ).toBe(10);
  expect(await page.getByRole('link', { name: 'Older' }).count()).toBe(0);
});

test('the rhythm of a member is told in numbers too', async () => {
  await using reader = await Reader.open(browser, { language: 'en-US' });
  await reader.visit(haneul);
  const rhythm = reader.page.getByRole('region', { name: 'When the commits come' });
  expect(await rhythm.textContent()).toContain('Most: 9:00');
  await rhythm.getByText('Show the numbers').click();
  expect(await rhythm.getByRole('row', { name: /^9:00/ }).textContent()).toContain('98');
  const weekday = rhythm.locator('figure', { hasText: 'Weekday and hour' }).getByRole('row', { name: /^Mon/ });
  expect(await weekday.locator('td').count()).toBe(24);
});

test('a bot is shown as one, and attends nothing', async () => {
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(garden.url);
  await page.getByRole('region', { name: 'Bots' }).getByRole('link').first().click();
  await page.getByText('A program (bot).').waitFor();
  expect(await page.getByText('Attendance rate').count()).toBe(0);
  expect(await reader.barriers()).toEqual([]);
});

test('addresses of members are not given to everybody', async () => {
  const html = await (await fetch(haneul)).text();
  expect(html).toContain('ha…@example.org');
  expect(html.replaceAll('haneul@example.org', '')).toBe(html);
});
