import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { daysAgo, startGarden, today, type Garden } from './garden.ts';
import { Reader } from './reader.ts';

let garden: Garden;
let browser: Browser;
beforeAll(async () => {
  [garden, browser] = await Promise.all([startGarden(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await garden?.[Symbol.asyncDispose]();
});

const reading = () => Reader.open(browser, { language: 'en-US', script: false });

test('the book is read whole without script', async () => {
  await using reader = await reading();
  const { page } = reader;
  await reader.visit(garden.url);
  expect(await page.locator('tbody tr', { hasText: '김하늘' }).textContent()).toMatch(/present 99 days/);
  expect(await page.locator('tbody tr', { hasText: '김하늘' }).locator('path.mark-present').count()).toBe(1);
  await page.getByText('Show the numbers').click();
  expect(await page.getByRole('row', { name: /\d+%/ }).count()).toBeGreaterThan(90);
  await page.getByRole('link', { name: 'Newest first' }).click();
  expect(page.url()).toContain('days=newest');
});

test('a strip leads to the latest day, and from day to day', async () => {
  await using reader = await reading();
  const { page } = reader;
  await reader.visit(garden.url);
  await page.locator('tbody [data-day-link]').first().click();
  expect(page.url()).toBe(`${garden.url}/days/${today().toString()}`);
  expect(await page.getByRole('heading', { name: /^🌱\s*Present/ }).count()).toBe(1);
  await page.getByRole('link', { name: 'Previous day' }).click();
  expect(page.url()).toContain(daysAgo(1));
  expect(await page.getByText('물을 준다 1', { exact: true }).count()).toBe(1);
});

test('a member’s days lead to their commits', async () => {
  await using reader = await reading();
  const { page } = reader;
  await reader.visit(garden.url);
  await page.locator('tbody').getByRole('link', { name: 'María González' }).first().click();
  await page.locator(`[data-day="${daysAgo(4)}"]`).click();
  expect(await page.getByText('Prune the hedge 4').count()).toBe(1);
  await page.getByText('Whole message').click();
  expect(await page.getByText('Before the birds come back.').isVisible()).toBe(true);
});

test('language and theme are chosen by forms that come back to the same place', async () => {
  await using reader = await reading();
  const { page } = reader;
  await reader.visit(`${garden.url}/?sort=name`);
  await page.getByRole('button', { name: '한국어' }).click();
  expect(page.url()).toBe(`${garden.url}/?sort=name`);
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  await page.getByRole('button', { name: '어둡게' }).click();
  expect(page.url()).toBe(`${garden.url}/?sort=name`);
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
});

test('collecting is a form too', async () => {
  await using reader = await reading();
  const { page } = reader;
  await reader.visit(`${garden.url}/status`);
  await page.getByRole('button', { name: 'Collect now' }).click();
  expect(page.url()).toBe(`${garden.url}/status`);
  expect(await page.getByText('Watching', { exact: true }).count()).toBe(1);
});

test('a form leads back to this site only', async () => {
  const send = (next: string) =>
    fetch(`${garden.url}/preferences?/theme`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: garden.url, accept: 'text/html' },
      body: new URLSearchParams({ theme: 'dark', next }),
    });
  expect((await send('/members/a?page=2')).headers.get('location')).toBe('/members/a?page=2');
  for (const elsewhere of ['https://example.org/', '//example.org', '/\\example.org', 'javascript:alert(1)'])
    expect((await send(elsewhere)).headers.get('location')).toBe('/');
});

test('a form of another site is refused', async () => {
  const answer = await fetch(`${garden.url}/status?/collect`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://example.org' },
    body: 'next=/',
  });
  expect(answer.status).toBe(403);
});
