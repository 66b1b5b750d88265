import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommitSpec } from '../support/git-repository.ts';
import { launchChromium } from '../support/browser.ts';
import { at, daysAgo, HANEUL, MARIA, startGarden, type Garden } from './garden.ts';
import { Reader } from './reader.ts';

const LAST = 160;

/** A group that stopped long ago; on the last day one of them left many commits and the other none. */
function* stoppedCommits(): Generator<CommitSpec> {
  for (let day = LAST + 40; day > LAST; day -= 1) {
    yield { author: HANEUL, at: at(day, '09:00'), message: `물을 준다 ${day}` };
    if (day % 2 === 0) yield { author: MARIA, at: at(day, '10:00'), message: `Prune ${day}` };
  }
  for (let minute = 0; minute < 52; minute += 1)
    yield { author: HANEUL, at: at(LAST, `12:${String(minute).padStart(2, '0')}`), message: `가져온다 ${minute}` };
}

let garden: Garden;
let browser: Browser;
beforeAll(async () => {
  [garden, browser] = await Promise.all([startGarden(stoppedCommits()), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await garden?.[Symbol.asyncDispose]();
});

test('a book nobody writes in any more says that it ends at the last commit, and says nothing of today', async () => {
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(garden.url);
  const season = page.getByRole('region', { name: '정원' });
  expect(await season.textContent()).toContain('The 100 days up to the last commit');
  expect(await season.textContent()).not.toContain('The last 100 days');
  expect(await page.getByText('Today', { exact: false }).count()).toBe(0);
  expect(await reader.barriers()).toEqual([]);
});

test('the season has a bar that shows how many of its days were used', async () => {
  await using reader = await Reader.open(browser, { language: 'en-US' });
  await reader.visit(garden.url);
  const bar = reader.page.getByRole('progressbar', { name: 'days with commits' });
  expect([await bar.getAttribute('value'), await bar.getAttribute('max')]).toEqual(['41', '100']);
  const box = (await bar.boundingBox())!;
  expect(box.width).toBeGreaterThan(200);
  expect(box.height).toBeGreaterThanOrEqual(4);
});

test('its last day tells who came with how many commits, and who did not', async () => {
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(garden.url);
  const board = page.getByRole('region', { name: /The last day’s book/ });
  expect(await board.locator('li', { hasText: '김하늘' }).textContent()).toContain('52 commits');
  expect(await page.getByRole('region', { name: 'Summary' }).textContent()).toMatch(/Last day\s*1\s*1 absent/);
});

test('a day of many commits leads to the rest of them', async () => {
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(`${garden.url}/days/${daysAgo(LAST)}`);
  expect(await page.getByText('52 commits').count()).toBe(1);
  await page.getByRole('link', { name: 'Show 2 more commits' }).click();
  await page.waitForURL(new RegExp(`day=${daysAgo(LAST)}`));
  await page.getByRole('heading', { name: /^Commits of .*52$/ }).waitFor();
});
