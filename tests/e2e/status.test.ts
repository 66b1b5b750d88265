import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { GitRepository } from '../support/git-repository.ts';
import { startServer } from '../support/server.ts';
import { at, HANEUL, MARIA, startGarden, ZONE, type Garden } from './garden.ts';
import { Reader } from './reader.ts';

const PATIENCE = { timeout: 20_000 };

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
});

describe('a repository that cannot be read', () => {
  const WHAT_TO_DO = 'The program git was not found: install git 2.36 or newer.';

  test.each([
    ['ko-KR', '읽을 권한이나 git이 없습니다'],
    ['en-US', 'no permission or no git to read it'],
  ] as const)('is shown with what is wrong and what to do about it, for %s', async (language, reason) => {
    await using repository = await GitRepository.create({ name: 'locked' });
    await repository.commit({ author: HANEUL, at: at(1, '09:00'), message: 'Plant' });
    await using server = await startServer({ repositories: [repository.path], env: { PATH: '/nowhere' } });
    for (const width of [1440, 390]) {
      await using reader = await Reader.open(browser, { language, width });
      const { page } = reader;
      await reader.visit(server.url);
      await page.getByText(WHAT_TO_DO).waitFor(PATIENCE);
      expect(await page.getByText(reason).count()).toBe(1);
      expect(await reader.barriers()).toEqual([]);
      await reader.visit(`${server.url}/status`);
      const repositories = page.locator('section:has(> #repositories)');
      expect(await repositories.textContent()).toContain(reason);
      expect(await repositories.textContent()).toContain(WHAT_TO_DO);
      expect(await reader.overflow()).toBeLessThanOrEqual(0);
      expect(await reader.barriers()).toEqual([]);
      expect(reader.complaints).toEqual([]);
    }
  });
});

describe('the latest events', () => {
  let garden: Garden;
  beforeAll(async () => {
    garden = await startGarden();
  });
  afterAll(() => garden?.[Symbol.asyncDispose]());

  const rows = async (page: Page) =>
    page
      .locator('section:has(> #events) tbody tr')
      .evaluateAll((all) => all.map((row) => Array.from(row.children, ({ textContent }) => textContent.trim())));
  const latest = async () => (await garden.server.client.events.latest.query({ limit: 20 })).events;

  test.each([
    ['ko-KR', 'light', 1440, '최근 이벤트'],
    ['ko-KR', 'dark', 390, '최근 이벤트'],
    ['en-US', 'dark', 1440, 'Latest events'],
    ['en-US', 'light', 390, 'Latest events'],
  ] as const)('are a table, newest first, for %s, %s, %i px', async (language, theme, width, heading) => {
    await using reader = await Reader.open(browser, { language, theme, width });
    const { page } = reader;
    await reader.visit(`${garden.url}/status`);
    expect(await page.getByRole('table', { name: heading }).getByRole('columnheader').count()).toBe(3);
    const expected = (await latest()).map(({ type, stream }) => [type, stream]);
    expect(expected).toHaveLength(20);
    expect((await rows(page)).map(([, ...rest]) => rest)).toEqual(expected);
    expect(await page.locator('section:has(> #events) time').first().isVisible()).toBe(true);
    expect(await reader.overflow()).toBeLessThanOrEqual(0);
    expect(await reader.barriers()).toEqual([]);
    expect(reader.complaints).toEqual([]);
  });

  test('are read without script', async () => {
    await using reader = await Reader.open(browser, { script: false });
    await reader.visit(`${garden.url}/status`);
    expect(await rows(reader.page)).toHaveLength(20);
  });

  test('appear on the open page, by themselves', async () => {
    await using reader = await Reader.open(browser, { language: 'en-US' });
    const { page } = reader;
    await reader.visit(`${garden.url}/status`);
    await page.evaluate('window.untouched = true');
    const before = await rows(page);
    await garden.repository.commit({ author: MARIA, at: at(0, '09:00'), message: 'Water the roses' });
    await garden.server.ready();
    const after = (await latest()).map(({ type, stream }) => [type, stream]);
    expect(after).not.toEqual(before.map(([, ...rest]) => rest));
    await expect.poll(async () => (await rows(page)).map(([, ...rest]) => rest), PATIENCE).toEqual(after);
    expect(await page.evaluate('window.untouched')).toBe(true);
  });
});

test.each([
  ['ko-KR', '아직 이벤트가 없습니다.'],
  ['en-US', 'No events yet.'],
] as const)('where nothing has happened yet, the page says so, for %s', async (language, text) => {
  await using server = await startServer();
  await using reader = await Reader.open(browser, { language });
  await reader.visit(`${server.url}/status`);
  expect(await reader.page.getByText(text).count()).toBe(1);
  expect(await reader.barriers()).toEqual([]);
});

test('the times around a page are those of the book it shows, not of the oldest one', async () => {
  await using repository = await GitRepository.create({ name: 'moved' });
  await repository.commit({ author: HANEUL, at: at(1, '09:00'), message: 'Plant' });
  const started = (zone: string, dataDirectory?: string) =>
    startServer({ repositories: [repository.path], env: { TIME_ZONE: zone }, ...(dataDirectory && { dataDirectory }) });
  const formerZone = ZONE === 'Etc/GMT' ? 'Etc/GMT-9' : 'Etc/GMT';
  await using former = await started(formerZone);
  await former.ready();
  await former.stop();
  await using server = await started(ZONE, former.dataDirectory);
  await server.ready();
  const challenges = await server.client.challenges.list.query();
  expect(challenges.map(({ timeZone }) => timeZone)).toEqual([formerZone, ZONE]);
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  const { startedAt } = await server.client.status.get.query();
  const clock = (timeZone: string) =>
    Temporal.Instant.from(startedAt).toZonedDateTimeISO(timeZone).toPlainTime().toString();
  const hour = (timeZone: string) => ` ${clock(timeZone).slice(0, 3)}`;
  const watching = () => page.locator('header').getByText('Watching').textContent();
  await reader.visit(`${server.url}/status`);
  expect(await watching()).toContain(hour(ZONE));
  expect(await page.getByText('Started').textContent()).toContain(hour(ZONE));
  await reader.visit(`${server.url}/?challenge=${challenges[0]?.id ?? ''}`);
  expect(await watching()).toContain(hour(formerZone));
});
