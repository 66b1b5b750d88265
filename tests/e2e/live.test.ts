import type { Browser, Page } from 'playwright-core';
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

/** Who came today, on an open page. */
const presentOn = (page: Page) =>
  page.getByRole('region', { name: /Today’s book/ }).locator('div:has(> h3)', { hasText: 'Present' });

test('a new commit appears on the open page, by itself', async () => {
  await using garden = await startGarden();
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(garden.url);
  await page.evaluate('window.untouched = true');
  const present = presentOn(page);
  expect(await present.getByText('María González').count()).toBe(0);
  await garden.repository.commit({ author: MARIA, at: at(0, '09:00'), message: 'Water the roses' });
  await present.getByText('María González').waitFor(PATIENCE);
  expect(await page.evaluate('window.untouched')).toBe(true);
  expect(reader.complaints).toEqual([]);
});

test('what happens between the rendering of a page and its first connection is told', async () => {
  await using garden = await startGarden();
  await using slow = await Reader.open(browser, { language: 'en-US' });
  await using quick = await Reader.open(browser, { language: 'en-US' });
  const connecting = Promise.withResolvers<void>();
  const connect = Promise.withResolvers<void>();
  await slow.page.route('**/trpc/changes*', async (route) => {
    connecting.resolve();
    await connect.promise;
    await route.continue();
  });
  await Promise.all([slow.visit(garden.url), quick.visit(garden.url)]);
  await slow.page.evaluate('window.untouched = true');
  await connecting.promise;
  await garden.repository.commit({ author: MARIA, at: at(0, '09:00'), message: 'Water the roses' });
  await garden.server.ready();
  await presentOn(quick.page).getByText('María González').waitFor(PATIENCE);
  expect(await presentOn(slow.page).getByText('María González').count()).toBe(0);
  connect.resolve();
  await presentOn(slow.page).getByText('María González').waitFor(PATIENCE);
  expect(await slow.page.evaluate('window.untouched')).toBe(true);
  expect(slow.complaints).toEqual([]);
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
  const present = presentOn(page);
  expect(await present.getByText('María González').count()).toBe(0);
  await look('visible');
  await present.getByText('María González').waitFor(PATIENCE);
});

test('a change told with the last breath of a server is not asked of it any more', async () => {
  await using garden = await startGarden();
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('__data.json')) asked.push(request.url());
  });
  const breath = 'event: connected\ndata: {}\n\nid: 1\ndata: {"topics":["attendance","status"]}\n\n';
  await page.route('**/trpc/changes*', (route) => route.abort());
  await page.route('**/trpc/changes*', (route) => route.fulfill({ contentType: 'text/event-stream', body: breath }), {
    times: 1,
  });
  await page.goto(garden.url);
  await page.getByText('The connection to the server is lost.').waitFor(PATIENCE);
  expect(asked).toEqual([]);
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
