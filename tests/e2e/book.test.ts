import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const readers = (['ko-KR', 'en-US'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((theme) => [1440, 390].map((width) => ({ language, theme, width }))),
);

describe.each(readers)('the book for $language, $theme, $width px', (options) => {
  test('is whole, readable by everybody and without a complaint of the browser', async () => {
    await using reader = await Reader.open(browser, options);
    const { page } = reader;
    expect(await reader.visit(garden.url)).toBe(200);
    expect(await page.locator('html').getAttribute('lang')).toBe(options.language.slice(0, 2));
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('정원');
    expect(await page.locator('tbody th[scope=row]').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('김하늘'), expect.stringContaining('María González')]),
    );
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(ground).toBe(options.theme === 'light' ? 'rgb(247, 245, 238)' : 'rgb(17, 21, 15)');
    await page.evaluate('document.fonts.ready');
    expect(await page.evaluate(`document.fonts.check('16px "Pretendard Variable"', '가나')`)).toBe(true);
    expect(await reader.overflow()).toBeLessThanOrEqual(0);
    expect(await reader.barriers()).toEqual([]);
    expect(reader.complaints).toEqual([]);
  });
});

describe('the book', () => {
  test('shows the season, who came today, and bots apart', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(garden.url);
    const board = page.getByRole('region', { name: /Today’s book/ });
    expect(await board.getByRole('heading', { name: /Present/ }).textContent()).toContain('🌱');
    expect(await board.locator('li', { hasText: '김하늘' }).textContent()).toContain('2 commits');
    expect(await board.locator('div', { hasText: 'Not yet' }).getByText('María González').count()).toBeGreaterThan(0);
    expect(await page.getByRole('region', { name: 'Bots' }).textContent()).toContain('dependabot');
    const row = page.locator('tbody tr', { hasText: '김하늘' });
    expect(await row.locator('td').first().textContent()).toBe('1');
    expect(await row.textContent()).toMatch(/present 99 days, absent 1 day/);
  });

  test('sorts by what the address says and turns time around', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(garden.url);
    const names = () => page.locator('tbody th[scope=row] .truncate').allTextContents();
    expect(await names()).toEqual(['김하늘', 'María González']);
    await page.getByRole('link', { name: 'name', exact: true }).click();
    await page.waitForURL(/sort=name/);
    const firstBlade = () =>
      page.locator('tbody tr', { hasText: 'María' }).locator('path.mark-present').getAttribute('d');
    const before = await firstBlade();
    await page.getByRole('link', { name: 'Newest first' }).click();
    await page.waitForURL(/days=newest/);
    await expect.poll(firstBlade).not.toBe(before);
    expect(page.url()).toContain('sort=name');
    expect(await page.getByRole('link', { name: 'Oldest first' }).count()).toBe(1);
  });

  test('folds away who has not committed this season, until asked', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(garden.url);
    const neighbour = page.locator('tbody tr', { hasText: 'Quiet Neighbour' });
    expect(await neighbour.count()).toBe(0);
    await page.getByRole('link', { name: 'Show 1 member without a commit' }).click();
    await neighbour.waitFor();
    expect(await reader.barriers()).toEqual([]);
  });

  test('leads from a day on a strip to the commits of that day', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(garden.url);
    const strip = page.locator('tbody tr', { hasText: 'María' }).locator('[data-day-link]');
    const box = (await strip.boundingBox())!;
    // The hundred days end today: the second last but one is four days ago, 4 % 3 = 1, one of hers.
    await strip.click({ position: { x: box.width * 0.955, y: box.height / 2 } });
    await page.waitForURL(new RegExp(`/days/${daysAgo(4)}`));
    const present = page.getByRole('region', { name: /Present/ });
    expect(await present.locator('li', { hasText: 'Prune the hedge 4' }).first().textContent()).toContain('11:45');
    expect(await reader.barriers()).toEqual([]);
    expect(reader.complaints).toEqual([]);
  });

  test('is walked with the arrow keys, from day to day and from member to member', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(garden.url);
    const [first, second] = [0, 1].map((row) => page.locator('tbody [data-day-link]').nth(row));
    await first!.focus();
    expect(await first!.getAttribute('aria-label')).toMatch(/^김하늘, .*, present\. Open this day$/);
    for (let steps = 0; steps < 7; steps += 1) await page.keyboard.press('ArrowLeft');
    expect(await first!.getAttribute('href')).toContain(daysAgo(7));
    expect(await first!.getAttribute('aria-label')).toContain('absent');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toMatch(/^María/);
    expect([await first!.getAttribute('tabindex'), await second!.getAttribute('tabindex')]).toEqual(['-1', '0']);
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/days/${daysAgo(99)}`));
  });

  test.each(['ko-KR', 'en-US'] as const)('fits the sheet it stands on, for %s', async (language) => {
    await using reader = await Reader.open(browser, { language, width: 1280 });
    await reader.visit(garden.url);
    const [sheet, table] = await Promise.all(
      ['.frame', '.frame table'].map((selector) => reader.page.locator(selector).boundingBox()),
    );
    expect(table!.x + table!.width).toBeLessThanOrEqual(sheet!.x + sheet!.width);
  });

  test('keeps its head and its names in sight on a phone', async () => {
    await using reader = await Reader.open(browser, { width: 390 });
    const { page } = reader;
    await reader.visit(garden.url);
    const frame = page.locator('.frame');
    await page.evaluate('document.querySelector(".frame").scrollLeft = 400');
    const [frameBox, nameBox] = await Promise.all([
      frame.boundingBox(),
      page.locator('tbody th[scope=row]').first().boundingBox(),
    ]);
    expect(nameBox!.x).toBeGreaterThanOrEqual(frameBox!.x);
    expect(nameBox!.x).toBeLessThan(frameBox!.x + 60);
    // The two columns that stand still touch: nothing that moves shows between them.
    for (const row of ['thead tr', 'tbody tr'].map((selector) => page.locator(selector).first())) {
      const rank = (await row.locator('td, th').first().boundingBox())!;
      const name = (await row.locator('td, th').nth(1).boundingBox())!;
      expect(name.x - (rank.x + rank.width)).toBeLessThanOrEqual(0);
    }
  });

  test('answers the choice of language and theme where the reader stands, and remembers it', async () => {
    await using reader = await Reader.open(browser, { language: 'ko-KR' });
    const { page } = reader;
    await reader.visit(`${garden.url}/?sort=name`);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'The whole book' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.getByRole('button', { name: 'Dark' }).click();
    await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(page.url()).toBe(`${garden.url}/?sort=name`);
    await reader.visit(garden.url);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(17, 21, 15)');
    expect(reader.complaints).toEqual([]);
  });

  test('reads all repositories again when asked, once, and stays where it is', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(`${garden.url}/?sort=name`);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/status?/collect')),
      page.getByRole('button', { name: 'Collect now' }).click(),
    ]);
    expect(answer.status()).toBe(200);
    await page.getByRole('button', { name: 'Collect now' }).waitFor();
    await page.getByRole('status').getByText('Checked just now · no new commits').waitFor();
    expect(await reader.barriers()).toEqual([]);
    expect(page.url()).toBe(`${garden.url}/?sort=name`);
    expect(reader.complaints).toEqual([]);
  });

  test('costs a reader 70 KB of script at most', async () => {
    await using reader = await Reader.open(browser);
    const bodies: Promise<Buffer>[] = [];
    reader.page.on('response', (response) => {
      if (response.request().resourceType() === 'script') bodies.push(response.body());
    });
    await reader.visit(garden.url);
    await expect.poll(() => bodies.length).toBeGreaterThan(5);
    const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body, { level: 9 }).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(70 * 1024);
  });

  test('has its styles and letters fetched before its scripts', async () => {
    const html = await (await fetch(garden.url)).text();
    const ahead = [...html.matchAll(/<link [^>]*rel="modulepreload"[^>]*>/g)].map(([link]) => link);
    expect(ahead.length).toBeGreaterThan(5);
    expect(ahead.filter((link) => !link.includes('fetchpriority="low"'))).toEqual([]);
  });

  test('is found by a search engine and put on a home screen', async () => {
    const html = await (await fetch(garden.url, { headers: { 'accept-language': 'en' } })).text();
    expect(html).toMatch(/<title>정원 · Almanac<\/title>/);
    expect(html).toMatch(/<meta name="description" content="Attendance book of 정원/);
    expect(html).not.toContain('rel="canonical"');
    const manifest = (await (await fetch(`${garden.url}/manifest.webmanifest`)).json()) as { icons: { src: string }[] };
    for (const { src } of manifest.icons) expect((await fetch(garden.url + src)).status).toBe(200);
    expect(await (await fetch(`${garden.url}/robots.txt`)).text()).toContain('Allow: /');
  });

  test('runs no script but its own, whatever a commit says', async () => {
    await using reader = await Reader.open(browser);
    const dialogs: string[] = [];
    reader.page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await reader.visit(`${garden.url}/days/${today().toString()}`);
    expect(await reader.page.getByText('<script>alert("두 번째")</script>').count()).toBe(1);
    const policy = (await fetch(garden.url)).headers.get('content-security-policy');
    expect(policy).toMatch(/default-src 'self'/);
    expect(policy).not.toContain("'unsafe-inline'");
    expect(dialogs).toEqual([]);
    expect(reader.complaints).toEqual([]);
  });
});
