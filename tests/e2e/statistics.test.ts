import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { at, daysAgo, HANEUL, startGarden, today, type Garden } from './garden.ts';
import { Reader } from './reader.ts';

let garden: Garden;
let browser: Browser;
/** A moment at which everything was known but a commit that was pushed late. */
let before: string;
beforeAll(async () => {
  [garden, browser] = await Promise.all([startGarden(), launchChromium()]);
  before = new Date().toISOString();
  await garden.repository.commits([{ author: HANEUL, at: at(7, '21:00'), message: 'Pushed a week late' }]);
  await garden.server.client.status.collectNow.mutate();
});
afterAll(async () => {
  await browser?.close();
  await garden?.[Symbol.asyncDispose]();
});

const english = (script = true) => Reader.open(browser, { language: 'en-US', script });
const member = async (name: string) => {
  const book = await garden.server.client.attendance.book.query({});
  return book?.members.find((one) => one.name === name)?.handle ?? '';
};

describe('the statistics', () => {
  test.each([
    ['ko-KR', 'light', 1440],
    ['ko-KR', 'dark', 390],
    ['en-US', 'dark', 1440],
    ['en-US', 'light', 390],
  ] as const)('can be read by everybody, in %s and %s at %i px', async (language, theme, width) => {
    await using reader = await Reader.open(browser, { language, theme, width });
    for (const path of ['/statistics', '/statistics?period=last-14&compare=1&by=week']) {
      expect(await reader.visit(garden.url + path)).toBe(200);
      expect(await reader.barriers()).toEqual([]);
      expect(await reader.overflow()).toBeLessThanOrEqual(0);
    }
    expect(reader.complaints).toEqual([]);
  });

  test('are led to from the main page', async () => {
    await using reader = await english();
    await reader.visit(garden.url);
    await reader.page.getByRole('link', { name: 'More statistics' }).click();
    await reader.page.waitForURL(/\/statistics$/);
    expect(await reader.page.getByRole('heading', { level: 1 }).textContent()).toContain('Statistics');
  });

  test('are those of the period that the address names', async () => {
    await using reader = await english();
    const { page } = reader;
    await reader.visit(`${garden.url}/statistics`);
    await page.getByRole('link', { name: 'Last 7 days' }).click();
    await page.waitForURL(/period=last-7/);
    const row = page.getByRole('region', { name: 'Ranking by rate' }).getByRole('row', { name: /María/ });
    const { ranking } = await garden.server.client.statistics.of.query({ period: 'last-7' });
    const maria = ranking.find(({ name }) => name === 'María González')!;
    expect(await row.textContent()).toContain(`${maria.attended} of ${maria.countable} days`);
    await page.getByRole('link', { name: 'Compare with before' }).click();
    await page.waitForURL(/compare=1/);
    expect(await page.getByText(/^Compared with/).count()).toBe(1);
    expect(await row.textContent()).toMatch(/pts|±0/);
    await page.getByRole('link', { name: 'By month' }).click();
    await page.waitForURL(/by=month/);
    expect(page.url()).toMatch(/period=last-7.*compare=1/);
  });

  test('are chosen by forms where no script runs', async () => {
    await using reader = await english(false);
    const { page } = reader;
    await reader.visit(`${garden.url}/statistics?by=week`);
    await page.getByLabel('From').fill(daysAgo(20));
    await page.getByLabel('To', { exact: true }).fill(daysAgo(11));
    await page.getByRole('button', { name: 'Show' }).last().click();
    expect(page.url()).toContain(`from=${daysAgo(20)}&to=${daysAgo(11)}`);
    expect(page.url()).toContain('by=week');
    expect(await page.getByText('10 days', { exact: true }).first().isVisible()).toBe(true);
    await page.getByLabel('A month or a week').selectOption(daysAgo(20).slice(0, 7));
    await page.getByRole('button', { name: 'Show' }).first().click();
    expect(page.url()).toContain(`period=${daysAgo(20).slice(0, 7)}`);
  });

  test('say so when there is no such period, and show the season', async () => {
    await using reader = await english();
    expect(await reader.visit(`${garden.url}/statistics?period=2031-01`)).toBe(200);
    expect(await reader.page.getByText('There is no such period').count()).toBe(1);
    expect(await reader.page.getByText('100 days', { exact: true }).first().isVisible()).toBe(true);
  });

  test('tell every row of the heatmap in words', async () => {
    await using reader = await english();
    await reader.visit(`${garden.url}/statistics?period=last-7&by=week`);
    const cells = reader.page.getByRole('region', { name: 'Weeks and months' }).getByRole('img');
    expect(await cells.nth(1).getAttribute('aria-label')).toMatch(/^\d+\/\d+ \d+%/);
  });
});

describe('a moment of the past', () => {
  test('has a page of its own for all that was known then, and a way back', async () => {
    await using reader = await english();
    const { page } = reader;
    const rate = async () =>
      (await page.locator('tbody tr', { hasText: '김하늘' }).first().textContent())?.match(/\d+%/)?.[0];
    await reader.visit(garden.url);
    expect(await rate()).toBe('100%');
    await reader.visit(`${garden.url}/?as_of=${encodeURIComponent(before)}`);
    expect(await rate()).toBe('99%');
    expect(await page.getByText(/^As known on/).count()).toBe(1);
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('link', { name: 'More statistics' }).click();
    await page.waitForURL(/statistics\?as_of=/);
    expect(await page.getByText(/^As known on/).count()).toBe(1);
    await page.getByRole('link', { name: 'Back to now' }).click();
    await page.waitForURL(/statistics$/);
    expect(await page.getByText(/^As known on/).count()).toBe(0);
  });

  test('leads to days and members as they were known', async () => {
    await using reader = await english();
    const { page } = reader;
    await reader.visit(`${garden.url}/days/${daysAgo(7)}?as_of=${encodeURIComponent(before)}`);
    expect(await page.getByText('Pushed a week late').count()).toBe(0);
    await page.getByRole('link', { name: 'To the book' }).click();
    await page.waitForURL(/as_of=/);
    await page.locator('tbody').getByRole('link', { name: '김하늘' }).first().click();
    await page.waitForURL(/members.*as_of=/);
    expect(await page.getByText(/^As known on/).count()).toBe(1);
  });

  test('is asked for by a form, and a moment to come is now', async () => {
    await using reader = await english(false);
    const { page } = reader;
    await reader.visit(`${garden.url}/statistics`);
    await page.getByRole('textbox', { name: /^When/ }).fill(`${today().add({ days: 2 }).toString()}T12:00`);
    await page.getByRole('button', { name: 'Go there' }).click();
    expect(page.url()).toBe(`${garden.url}/statistics`);
    await page.getByRole('textbox', { name: /^When/ }).fill(`${daysAgo(50)}T12:00`);
    await page.getByRole('button', { name: 'Go there' }).click();
    expect(await page.getByRole('heading', { name: 'There is no book yet' }).count()).toBe(1);
  });
});

describe('why a day was not counted', () => {
  test.each([
    ['ko-KR', 'light', 1440],
    ['en-US', 'dark', 390],
  ] as const)('can be read by everybody, in %s and %s at %i px', async (language, theme, width) => {
    await using reader = await Reader.open(browser, { language, theme, width });
    for (const date of [daysAgo(7), daysAgo(2), daysAgo(300)]) {
      expect(await reader.visit(`${garden.url}/members/${await member('María González')}/days/${date}`)).toBe(200);
      expect(await reader.barriers()).toEqual([]);
      expect(await reader.overflow()).toBeLessThanOrEqual(0);
    }
    expect(reader.complaints).toEqual([]);
  });

  test('is told from the day on, of who did not come and of who came', async () => {
    await using reader = await english();
    const { page } = reader;
    await reader.visit(`${garden.url}/days/${daysAgo(3)}`);
    await page
      .getByRole('region', { name: /Absent/ })
      .getByRole('link', { name: 'María' })
      .click();
    await page.waitForURL(/members\/.*\/days\//);
    expect(await page.getByText('no commit counts for it').count()).toBe(1);
    await reader.visit(`${garden.url}/days/${daysAgo(7)}`);
    await page.getByRole('link', { name: 'Why? 김하늘' }).click();
    await page.waitForURL(/members\/.*\/days\//);
    const commits = page.getByRole('region', { name: 'Commits' });
    expect(await commits.textContent()).toMatch(/Pushed a week late[\s\S]*Counts[\s\S]*First seen only on/);
  });

  test('knows no day that the calendar has not', async () => {
    await using reader = await english();
    expect(await reader.visit(`${garden.url}/members/${await member('김하늘')}/days/2025-02-30`)).toBe(404);
  });
});
