import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { at, MARIA, startGarden } from './garden.ts';
import { Reader } from './reader.ts';

const PATIENCE = { timeout: 20_000 };

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
});

test('a new commit appears on the open page, by itself', async () => {
  await using garden = await startGarden();
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(garden.url);
  await page.evaluate('window.untouched = true');
  const present = page.getByRole('region', { name: /Today’s book/ }).locator('div:has(> h3)', { hasText: 'Present' });
  expect(await present.getByText('María González').count()).toBe(0);
  await garden.repository.commit({ author: MARIA, at: at(0, '09:00'), message: 'Water the roses' });
  await present.getByText('María González').waitFor(PATIENCE);
  expect(await page.evaluate('window.untouched')).toBe(true);
  expect(reader.complaints).toEqual([]);
});

test('a reader who looked away sees what happened meanwhile', async () => {
  await using garden = await startGarden();
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(garden.url);
  const look = (state: string) =>
    page.evaluate(`Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' });
      document.dispatchEvent(new Event('visibilitychange'))`);
  await look('hidden');
  await garden.repository.commit({ author: MARIA, at: at(0, '09:00'), message: 'Water the roses' });
  await garden.server.ready();
  const present = page.getByRole('region', { name: /Today’s book/ }).locator('div:has(> h3)', { hasText: 'Present' });
  expect(await present.getByText('María González').count()).toBe(0);
  await look('visible');
  await present.getByText('María González').waitFor(PATIENCE);
});

test('the page says when the server is away, and keeps what it has', async () => {
  await using garden = await startGarden();
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(garden.url);
  await garden.server.stop();
  await page.getByText('The connection to the server is lost.').waitFor(PATIENCE);
  expect(await page.locator('tbody tr', { hasText: '김하늘' }).count()).toBe(1);
  expect(await reader.barriers()).toEqual([]);
});
